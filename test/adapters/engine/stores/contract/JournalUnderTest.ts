/**
 * A journal as the laws of stores use it, whatever keeps it; and rows to write into it.
 *
 * The special rule: a law knows nothing else about a store. What only one kind of store does is tested beside it.
 */
import { Effect } from "effect"
import type { Scope } from "effect"
import type {
  Batch,
  EventRow,
  ExecutionRow,
  JournalUnusable,
  Store,
  Visitor
} from "../../../../../src/adapters/engine/Store.ts"

export interface JournalUnderTest {
  /** Opens it as its owner, as a process does at its start. */
  readonly open: Effect.Effect<Store, JournalUnusable, Scope.Scope>
  /**
   * Opens it as another owner while the first still holds it: as if the first had been frozen, and whatever keeps others
   * out had let go of it.
   */
  readonly takeOver: Effect.Effect<Store, JournalUnusable, Scope.Scope>
  readonly visit: Effect.Effect<Visitor, JournalUnusable, Scope.Scope>
  /** Whether a second owner is refused for as long as the first lives. */
  readonly keepsOthersOut: boolean
}

/** A journal in which nothing has happened yet; what it is kept in goes with the scope. */
export type MakeJournal = Effect.Effect<JournalUnderTest, unknown, Scope.Scope>

export const row = (seq: number, more: Partial<ExecutionRow> = {}): ExecutionRow => ({
  seq,
  id: `id-${seq}`,
  workflow: "ProcessOrder",
  name: `order-${seq}`,
  payload: `{"order":${seq}}`,
  digest: "d".repeat(64),
  status: "running",
  outcome: null,
  why: null,
  parent: null,
  startedAt: 1_000 + seq,
  changedAt: 1_000 + seq,
  endedAt: null,
  wakeAt: null,
  removedAt: null,
  ...more
})

export const ended = (seq: number, endedAt: number, more: Partial<ExecutionRow> = {}): ExecutionRow =>
  row(seq, { status: "completed", outcome: `{"ended":${seq}}`, why: `{"why":${seq}}`, endedAt, ...more })

export const event = (execution: number, n: number, more: Partial<EventRow> = {}): EventRow => ({
  execution,
  n,
  kind: "step",
  subject: "charge",
  call: null,
  at: 2_000 + n,
  data: `{"n":${n}}`,
  ...more
})

export const batch = (
  id: number,
  executions: ReadonlyArray<ExecutionRow>,
  events: ReadonlyArray<EventRow> = []
): Batch => ({ id, executions, events })

/** All that can be read of executions `1 … last`. */
export const contents = (store: Visitor | Store, last: number) =>
  Effect.gen(function* () {
    const seqs = Array.from({ length: last }, (_, index) => index + 1)
    const rows = yield* store.find(seqs.map((seq) => `id-${seq}`))
    return { rows, events: yield* store.events(seqs) }
  })

/** Opens `journal`, does something with it, and closes it again. */
export const during = <A, E>(
  open: Effect.Effect<Store, JournalUnusable, Scope.Scope>,
  use: (store: Store) => Effect.Effect<A, E, Scope.Scope>
) => Effect.scoped(Effect.flatMap(open, use))
