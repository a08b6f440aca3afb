/**
 * Moving a journal from one place to another, such as from a SQLite file to PostgreSQL, with everything in it.
 *
 *   both are owned ─▶ the new one takes the old one's namespace, as a copy ─▶ rows, in order ─▶ requests
 *     ─▶ the old one counts as a copy ─▶ the new one is the original
 *
 * The special rule: whenever it is cut off, at most one of the two counts as the original. In a copy steps look before
 * they start, so nothing is done twice blindly.
 *
 * Not here: how the two are read and written (`sqliteSide.ts`, `postgresSide.ts`).
 */
import { Data, Effect } from "effect"
import type { ExecutionRow, JournalUnusable, StoreError } from "../Store.ts"
import { type JournalPlace, type Side, type Sided } from "./Side.ts"
import { sqliteSide } from "./sqliteSide.ts"

/** The move cannot be made. The journal that was to be moved is as it was. */
export class MoveRefused extends Data.TaggedError("MoveRefused")<{
  readonly from: string
  readonly to: string
  /** A sentence: what is wrong, and what to do. */
  readonly reason: string
}> {
  override get message() {
    return `${this.from} is not moved to ${this.to}: ${this.reason}`
  }
}

/** What was moved. */
export interface Moved {
  /** How many executions, without tombstones. */
  readonly executions: number
  readonly tombstones: number
  /** Requests that nobody has answered yet. */
  readonly requests: number
}

const page = 500

/**
 * Moves a journal: executions, events, tombstones, and the requests that nobody has answered yet.
 *
 * **When to use** — a journal in a SQLite file has become one of several machines, or the other way round. Nobody may own
 * either of the two meanwhile: end the program first.
 *
 * **Details** — keys and ids stay what they are, so whatever asks the outside again asks with the same keys. Afterwards the
 * old journal counts as a copy: put it away. A move that was cut off is begun again with an empty place.
 *
 * **Gotchas** — the place it is moved to has to be empty, or not there at all.
 *
 * **Example**
 *
 * ```ts
 * moveJournal({ from: { file: "orders.db" }, to: { url: "postgres://shop@db.example/orders" } })
 * ```
 */
export const moveJournal = ({
  from,
  to
}: {
  readonly from: JournalPlace
  readonly to: JournalPlace
}): Effect.Effect<Moved, MoveRefused | JournalUnusable | StoreError> =>
  Effect.gen(function* () {
    const [source, target] = [yield* sided(from), yield* sided(to)]
    yield* mustBeThere(source)
    return yield* Effect.scoped(
      Effect.gen(function* () {
        const old = yield* source.open
        yield* prepare(old, target)
        return yield* copy(old, yield* target.open)
      })
    )
  })

/**
 * Says that a journal that was copied or restored is the original from now on.
 *
 * **When to use** — a person has made sure that what the journal does not remember did not happen either, or has been
 * settled by hand; and that the original will not be used any more.
 */
export const adoptCopy = (place: JournalPlace): Effect.Effect<void, JournalUnusable> =>
  Effect.gen(function* () {
    const side = yield* sided(place)
    yield* mustBeThere(side)
    yield* side.adopt
  })

/**
 * Says that a journal is a copy from now on: steps look before they start.
 *
 * **When to use** — it was put back to an earlier state by means that leave no trace in it, such as a snapshot of the disk
 * that a database server runs on. Say so before anything opens it.
 *
 * **Gotchas** — nobody may own it meanwhile. It is a copy until `adoptCopy` says otherwise.
 */
export const markCopy = (place: JournalPlace): Effect.Effect<void, JournalUnusable | StoreError> =>
  Effect.gen(function* () {
    const side = yield* sided(place)
    yield* mustBeThere(side)
    yield* Effect.scoped(Effect.flatMap(side.open, ({ setCopy }) => setCopy(true)))
  })

const sided = (place: JournalPlace): Effect.Effect<Sided> =>
  "file" in place
    ? Effect.succeed(sqliteSide(place.file))
    : Effect.map(
        Effect.promise(() => import("./postgresSide.ts")),
        ({ postgresSide }) => postgresSide(place.url)
      )

/** To open a journal that is not there would make one. What else is wrong with it is found when it is opened. */
const mustBeThere = ({ check }: Sided): Effect.Effect<void, JournalUnusable> =>
  Effect.catchIf(
    check,
    (error) => error.because !== "Missing" && error.because !== "NotAJournal",
    () => Effect.void
  )

/** The new journal becomes the old one, as a copy, before it is opened for good: so it is known by its own name there. */
const prepare = (old: Side, target: Sided): Effect.Effect<void, MoveRefused | JournalUnusable | StoreError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { become, store } = yield* target.open
      const [from, to] = [old.store.name, store.name]
      if (store.lastExecution > 0) {
        const reason =
          "there are executions in it already. Name an empty place, or remove what an earlier move left there"
        return yield* new MoveRefused({ from, to, reason })
      }
      const epoch = Math.max(old.store.epoch, store.epoch)
      yield* become({ namespace: old.store.namespace, isCopy: true, epoch })
    })
  )

const copy = (old: Side, target: Side): Effect.Effect<Moved, MoveRefused | StoreError> =>
  Effect.gen(function* () {
    const [from, to] = [old.store.name, target.store.name]
    let [executions, tombstones, requests] = [0, 0, 0]
    let rows: ReadonlyArray<ExecutionRow> = []
    for (let [batch, after] = [1, 0]; (rows = yield* old.executions(after, page)).length > 0; batch++) {
      const events = yield* old.store.events(rows.map(({ seq }) => seq))
      const rejected = yield* target.store
        .commit({ id: batch, executions: rows, events })
        .pipe(
          Effect.catchTag("CommitUncertain", ({ reason }) =>
            Effect.fail(new MoveRefused({ from, to, reason: `${reason}. Begin again with an empty place` }))
          )
        )
      for (const [seq, why] of rejected) {
        const name = rows.find((row) => row.seq === seq)?.name ?? seq
        return yield* new MoveRefused({ from, to, reason: `execution "${name}" cannot be stored there: ${why}` })
      }
      after = rows.at(-1)?.seq ?? after
      const live = rows.filter(({ removedAt }) => removedAt === null).length
      executions += live
      tombstones += rows.length - live
    }
    for (let after = 0; ;) {
      const pending = yield* old.store.inbox.pending(after, page)
      for (const { seq, ...request } of pending) {
        yield* target.store.inbox.ask(request)
        after = seq
        requests++
      }
      if (pending.length < page) break
    }
    yield* old.setCopy(true)
    if (!old.store.isCopy) yield* target.setCopy(false)
    return { executions, tombstones, requests }
  })
