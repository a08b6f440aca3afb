/**
 * One connection to the server, with the settings that our statements count on.
 *
 * The special rule: its socket is ours, so that it is known whether it is up.
 *
 * Not here: making it again when it ended (`Session.ts`).
 */
import * as PgConnection from "@effect/sql-pg/PgConnection"
import { Effect } from "effect"
import type { Scope } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import type net from "node:net"
import type { Address } from "./address.ts"

/** A connection that is up, or was a moment ago. */
export interface Line {
  readonly connection: PgConnection.PgConnection
  readonly isUp: () => boolean
  /** Ends it at once; who waits for an answer is told that it is lost. */
  readonly cut: (why: string) => void
  /** Of the process that serves it. A proxy in between makes it differ from what the connection was told. */
  readonly backend: number
  /** When that process was started, as the server writes it: numbers of processes are used again. */
  readonly since: string
}

/** Ends the connection when the answer does not come within this time, in milliseconds. */
export const answered = <A, E>(
  line: Pick<Line, "cut">,
  body: Effect.Effect<A, E>,
  within: number
): Effect.Effect<A, E> =>
  Effect.suspend(() => {
    const timer = setTimeout(() => line.cut(`no answer within ${within / 1000} s`), within)
    return Effect.ensuring(
      body,
      Effect.sync(() => clearTimeout(timer))
    )
  })

/** A proxy may let us in and then have no session of the server for us. */
const READY_WITHIN = 10_000

/** Connects, and prepares the session. `shared` lets the statements of several fibers be under way at once. */
export const openLine = (address: Address, label: string, shared = false): Effect.Effect<Line, SqlError, Scope.Scope> =>
  Effect.suspend(() => {
    let socket: net.Socket | undefined
    return PgConnection.make({
      url: address.url,
      ...(address.password === undefined ? {} : { password: address.password }),
      applicationName: `firebreak ${label}`,
      multiplex: shared,
      maxMessageSize: 1 << 30, // what a field can be; one row comes as one message
      stream: () => {
        const made = address.connect()
        socket ??= made // the next ones only carry requests to cancel a statement
        return made
      }
    }).pipe(
      Effect.flatMap((connection) => {
        const wire = {
          connection,
          isUp: () => socket?.writable === true && !socket.destroyed && !socket.readableEnded,
          cut: (why: string) => void socket?.destroy(new Error(why))
        }
        const settled = answered(wire, connection.queryValues(SETTINGS, [address.searchPath], false), READY_WITHIN)
        return Effect.map(settled, (rows): Line => {
          // The statement answers with one row, which begins with these two.
          const [backend, since] = rows[0] as unknown as readonly [number, string]
          return { ...wire, backend, since }
        })
      })
    )
  })

// Not as parameters of the connection: a pooler for sessions refuses those it does not know.
const SETTINGS = `
  SELECT pg_backend_pid(), (SELECT backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()),
    CASE WHEN $1::text <> '' THEN set_config('search_path', $1, false) END,
    -- A commit that waited for a lock has to see what its holder wrote.
    set_config('default_transaction_isolation', 'read committed', false),
    -- What was committed is told to others at once, so it has to be on the disk.
    CASE current_setting('synchronous_commit') WHEN 'off' THEN set_config('synchronous_commit', 'on', false) END,
    set_config('idle_session_timeout', '0', false),
    -- Each statement is planned once. An empty table looks as if reading all of it were best, and that plan would stay
    -- when it holds a million rows; so it must not be considered. (That makes costs look huge: nothing is to be compiled for it, no helpers started.)
    set_config('plan_cache_mode', 'force_generic_plan', false),
    set_config('enable_seqscan', 'off', false),
    set_config('jit', 'off', false),
    set_config('max_parallel_workers_per_gather', '0', false),
    -- The death of a machine is noticed within half a minute, on both sides: else its session would hold its locks on.
    set_config('tcp_keepalives_idle', '10', false),
    set_config('tcp_keepalives_interval', '5', false),
    set_config('tcp_keepalives_count', '4', false)`
