/**
 * Hearing of requests: the server calls whoever listens, and there is a look now and then behind that.
 *
 *   listening ──(the connection ends)──▶ looking every 150 ms ──(LISTEN again)──▶ listening
 *
 * The special rule: a call is only ever a reason to look. So it does no harm when one is made for nothing, and what was
 * asked while nobody listened is found by the look that comes with listening again.
 *
 * Not here: what is looked at (`inbox.ts`), and keeping the connection (`Ownership.ts`).
 */
import { Effect, Queue } from "effect"
import type { Scope } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import type { Line } from "./line.ts"

const LOOK_EVERY = 150
/** While somebody listens this is only for the case that a call was missed. */
const LOOK_ANYWAY_EVERY = 5_000

export interface Notices {
  readonly add: (notice: () => void) => Effect.Effect<void, never, Scope.Scope>
  readonly fire: () => void
  /** Listens on this connection until it ends. */
  readonly listen: (line: Line) => Effect.Effect<never, SqlError>
}

/** The channel of the journal whose tables are found, as an expression of SQL. */
export const CHANNEL = "'firebreak_' || 'firebreak_requests'::regclass::oid"

export const makeNotices: Effect.Effect<Notices, never, Scope.Scope> = Effect.gen(function* () {
  const notices = new Set<() => void>()
  let isListening = false
  let lastLook = 0
  const fire = () => {
    lastLook = performance.now()
    for (const notice of notices) notice()
  }
  yield* Effect.acquireRelease(
    Effect.sync(() =>
      setInterval(() => {
        if (!isListening || performance.now() - lastLook >= LOOK_ANYWAY_EVERY) fire()
      }, LOOK_EVERY).unref()
    ),
    (timer) => Effect.sync(() => clearInterval(timer))
  )
  return {
    fire,
    add: (notice) =>
      Effect.acquireRelease(
        Effect.sync(() => void notices.add(notice)),
        () => Effect.sync(() => notices.delete(notice))
      ),
    listen: ({ connection }) =>
      Effect.scoped(
        Effect.gen(function* () {
          const rows = yield* connection.queryValues(`SELECT ${CHANNEL}`, [], false)
          const calls = yield* connection.listen(String(rows[0]?.[0]))
          isListening = true
          fire()
          return yield* Effect.forever(Effect.andThen(Queue.takeAll(calls), Effect.sync(fire)))
        })
      ).pipe(Effect.ensuring(Effect.sync(() => void (isListening = false))))
  }
})
