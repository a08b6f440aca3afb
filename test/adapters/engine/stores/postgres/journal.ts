/**
 * What the tests of the PostgreSQL store have in common.
 */
import { Effect } from "effect"
import { query } from "../../../../support/postgres.ts"

/** Runs one statement beside the store. */
export const sql = (url: string, statement: string) => Effect.promise(() => query(url, statement))

/** Ends sessions of stores on the server, as an administrator would. Answers how many there were. */
export const endSessions = (url: string, label: "owner" | "writer" | "reader" | "visitor") =>
  Effect.map(
    sql(
      url,
      `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'firebreak ${label}'`
    ),
    (rows) => rows.length
  )

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
