/**
 * What the tests of the PostgreSQL store have in common.
 */
import { Effect } from "effect"
import { query } from "../../../../support/postgres.ts"

/** Runs one statement beside the store. */
export const sql = (url: string, statement: string) => Effect.promise(() => query(url, statement))

/** Ends sessions of stores on the server, as an administrator would; this process has heard of it. Answers how many there were. */
export const endSessions = (url: string, label: "owner" | "writer" | "reader" | "visitor") =>
  Effect.gen(function* () {
    const ended = yield* sql(
      url,
      `SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'firebreak ${label}'`
    )
    // The answer may be read in the same turn of the event loop as the ends of the sessions, and before them.
    for (let turn = 0; turn < 3; turn++) yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
    return ended.length
  })

/** Waits, in real time, until something that happens elsewhere has happened. */
export const until = <E>(condition: Effect.Effect<boolean, E>): Effect.Effect<void, E> =>
  Effect.suspend(() => {
    const giveUpAt = performance.now() + 120_000
    const look: Effect.Effect<void, E> = Effect.flatMap(condition, (is) => {
      if (is) return Effect.void
      if (performance.now() > giveUpAt) return Effect.die(new Error("it did not happen within two minutes"))
      return Effect.andThen(
        Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 10))),
        look
      )
    })
    return look
  })
