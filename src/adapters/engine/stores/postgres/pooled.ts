/**
 * Whether a proxy between us and the server shares sessions between transactions.
 *
 * The special rule: behind such a proxy nothing that belongs to a session can be trusted, neither a lock nor LISTEN. It is
 * found out by letting other connections hold transactions: the session that was ours is then somebody else's.
 *
 * Not here: what follows (`makePostgresStore.ts`).
 */
import type * as PgConnection from "@effect/sql-pg/PgConnection"
import { Effect } from "effect"
import type { Scope } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import type { Line } from "./line.ts"

/** A proxy that hands its sessions round in a circle needs more than one to be found out. */
const OTHERS = 4

/** Asks `line` and some more connections. A connection that goes straight to the server costs nothing. */
export const isPooled = (
  line: Line,
  another: Effect.Effect<Line, SqlError, Scope.Scope>
): Effect.Effect<boolean, SqlError> => {
  // Who is told one number of a process by the connection and another one by the server talks to somebody in between.
  if (line.connection.processId === line.backend) return Effect.succeed(false)
  return Effect.scoped(
    Effect.gen(function* () {
      const mark = crypto.randomUUID()
      const ask = (connection: PgConnection.PgConnection, sql: string, params: ReadonlyArray<unknown> = []) =>
        Effect.map(connection.queryValues(sql, params, false), (rows) => rows[0]?.[0])
      const marked = (connection: PgConnection.PgConnection) =>
        Effect.map(ask(connection, "SELECT current_setting('firebreak.mark', true)"), (found) => found === mark)

      yield* ask(line.connection, "SELECT set_config('firebreak.mark', $1, false)", [mark])
      for (let n = 0; n < OTHERS; n++) {
        const { connection } = yield* another
        // A proxy that shares them between statements allows no transactions at all.
        const began = yield* Effect.isSuccess(ask(connection, "BEGIN"))
        if (!began || (yield* marked(connection)) || !(yield* marked(line.connection))) return true
      }
      return false
    })
  )
}
