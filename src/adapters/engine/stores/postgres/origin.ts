/**
 * Where a journal is kept: the same for as long as it is this database, another one once it was copied or restored.
 *
 * The special rule: only what an ordinary user may ask. What this server does not tell is left out, and an answer that
 * misses a part is compared by the rest. A standby is asked nothing: it has no timeline of its own yet.
 *
 *   server     given to it when it was set up (a dump that was restored elsewhere has another)
 *   database   its number on that server (CREATE DATABASE … TEMPLATE makes another)
 *   table      the number of `firebreak_journal` (dropped and restored in place it has another)
 *   timeline   rises when a backup is recovered to a point in time, and when a standby takes over
 *
 * Not here: what follows from a journal being a copy (`claim.ts`).
 */
import type * as PgConnection from "@effect/sql-pg/PgConnection"
import { Effect } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import { StoreBroken } from "../../Store.ts"
import { faultOf } from "./PostgresFault.ts"

/** Each with what is asked where the first is not answered. */
const QUESTIONS: ReadonlyArray<readonly [part: string, question: string, instead?: string]> = [
  ["server", "SELECT system_identifier::text FROM pg_control_system()"],
  ["database", "SELECT oid::text FROM pg_database WHERE datname = current_database()"],
  ["table", "SELECT 'firebreak_journal'::regclass::oid::text"],
  [
    "timeline",
    // Of what is written now: it begins the name of a file of the log, in hex.
    "SELECT ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint::text",
    // The same number, but after a promotion only from the end of the first checkpoint on, minutes later.
    "SELECT timeline_id::text FROM pg_control_checkpoint()"
  ]
]

/** `server=… database=… table=… timeline=…` */
export const originOf = (connection: PgConnection.PgConnection): Effect.Effect<string, SqlError> => {
  const ask = (parts: typeof QUESTIONS) =>
    Effect.map(
      connection.queryValues(`SELECT ${parts.map(([, question]) => `(${question})`).join(", ")}`, [], false),
      (rows) => parts.map(([part], at) => `${part}=${String(rows[0]?.[at])}`)
    )
  const askAlone = ([part, question, instead]: (typeof QUESTIONS)[number]): Effect.Effect<Array<string>, SqlError> =>
    Effect.catchIf(ask([[part, question]]), isUntold, () =>
      instead === undefined ? Effect.succeed([]) : askAlone([part, instead])
    )
  return ask(QUESTIONS).pipe(
    Effect.catchIf(isUntold, () => Effect.map(Effect.forEach(QUESTIONS, askAlone), (answers) => answers.flat())),
    Effect.map((parts) => parts.join(" "))
  )
}

/** This server does not answer that, or not to us. A standby refuses for the time being: that is another matter. */
const isUntold = (error: SqlError): boolean =>
  error.reason._tag === "AuthorizationError" ||
  error.reason._tag === "SqlSyntaxError" ||
  faultOf(error, true, true).code === "0A000" // not supported: some servers that are almost PostgreSQL

/** Fails where the journal that this connection leads to is not the one of `origin`. */
export const mustBeAt = (
  connection: PgConnection.PgConnection,
  origin: string
): Effect.Effect<void, SqlError | StoreBroken> =>
  Effect.flatMap(originOf(connection), (now) =>
    isSameOrigin(origin, now)
      ? Effect.void
      : Effect.fail(
          new StoreBroken({
            reason:
              `it was kept at ${origin}, and what answers now is ${now}: a standby has taken over, or a backup was ` +
              "restored. What was committed last may be missing. Open it again: it counts as a copy then, and looks before it starts"
          })
        )
  )

/** Whether two origins are the same, as far as both are told. */
export const isSameOrigin = (one: string, other: string): boolean => {
  const parts = new Map(one.split(" ").map((part) => splitAt(part)))
  return other
    .split(" ")
    .map((part) => splitAt(part))
    .every(([part, value]) => (parts.get(part) ?? value) === value)
}

const splitAt = (part: string): readonly [string, string] => {
  const at = part.indexOf("=")
  return [part.slice(0, at), part.slice(at + 1)]
}
