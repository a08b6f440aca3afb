/**
 * The others: who sends words to orders and cancels them, from another process than the one that is killed, and reads
 * the journal afterwards.
 *
 * The special rule: what they ask for is left in the inbox of the journal, whether or not anybody owns it just then.
 */
import { Effect, Exit, Schedule, Scope } from "effect"
import { executionIdOf } from "../../src/adapters/engine/keys.ts"
import { historyOf } from "../../src/adapters/engine/reading.ts"
import type { Request, Status, Visitor } from "../../src/adapters/engine/Store.ts"
import { openVisitor as openPostgres } from "../../src/adapters/engine/stores/postgres/index.ts"
import { openVisitor as openSqlite } from "../../src/adapters/engine/stores/sqlite/openVisitor.ts"
import type { ExecutionHistory } from "../../src/adapters/engine/views.ts"
import { Order, Word } from "./orders.ts"
import type { Plan } from "./plan.ts"
import type { Place } from "./wire.ts"

/** The id of an order's execution, which is known before there is one. */
export const idOf = (plan: Plan): string => executionIdOf(Order, plan)

export interface Others {
  readonly namespace: string
  readonly word: (id: string, word: string) => Promise<number>
  readonly cancel: (id: string) => Promise<number>
  /** Tries an execution again that was set aside. */
  readonly retry: (id: string) => Promise<number>
  readonly counts: () => Promise<ReadonlyMap<Status, number>>
  /** The latest executions of that status, without their events. */
  readonly listed: (
    status: Status
  ) => Promise<ReadonlyArray<{ readonly id: string; readonly name: string; readonly why: string }>>
  /** Those of these executions that the journal knows. */
  readonly known: (ids: ReadonlyArray<string>) => Promise<ReadonlySet<string>>
  /** Everything that is written down, as `show` tells it. */
  readonly everything: () => Promise<ReadonlyArray<ExecutionHistory>>
  /** Requests that nobody has answered. */
  readonly unanswered: () => Promise<ReadonlyArray<Request>>
  readonly close: () => Promise<void>
}

export const visit = async (place: Place): Promise<Others> => {
  const scope = Scope.makeUnsafe()
  const opening = "file" in place ? openSqlite(place.file) : openPostgres(place.url)
  const visitor = await Effect.runPromise(Scope.provide(opening, scope))
  const patiently = <A, E>(effect: Effect.Effect<A, E>) =>
    Effect.runPromise(Effect.retry(effect, { times: 100, schedule: Schedule.spaced("20 millis") }))
  const ask = (execution: string, kind: Request["kind"], data: unknown) =>
    patiently(visitor.inbox.ask({ execution, kind, data: JSON.stringify(data), askedAt: Date.now() }))
  return {
    namespace: visitor.namespace,
    word: (id, word) => ask(id, "signal", { name: Word.name, exit: JSON.stringify({ ok: word }) }),
    cancel: (id) => ask(id, "cancel", null),
    retry: (id) => ask(id, "retry", null),
    counts: () => patiently(visitor.counts),
    listed: (status) =>
      patiently(visitor.list({ status: [status], limit: 100 })).then((rows) =>
        rows.map(({ id, name, why }) => ({ id, name, why: why ?? "" }))
      ),
    known: (ids) => patiently(visitor.find(ids)).then((rows) => new Set(rows.map(({ id }) => id))),
    everything: () => patiently(allOf(visitor)),
    unanswered: () => patiently(visitor.inbox.pending(0, 10_000)),
    close: () => Effect.runPromise(Scope.close(scope, Exit.void))
  }
}

const page = 200

const allOf = (visitor: Visitor) =>
  Effect.gen(function* () {
    const all: Array<ExecutionHistory> = []
    for (let before: number | undefined; ;) {
      const rows = yield* visitor.list({ before, limit: page })
      const events = Map.groupBy(yield* visitor.events(rows.map(({ seq }) => seq)), ({ execution }) => execution)
      for (const row of rows) all.push(historyOf(row, events.get(row.seq) ?? [], visitor.namespace))
      if (rows.length < page) return all
      before = rows.at(-1)!.seq
    }
  })
