/**
 * Where a journal is kept: the same for as long as it is this database, another one once it was copied or restored.
 *
 * The special rule: only what an ordinary user may ask. What this server does not tell is left out, and an answer that
 * misses a part is compared by the rest.
 *
 *   server     given to it when it was set up (a dump that was restored elsewhere has another)
 *   database   its number on that server (CREATE DATABASE … TEMPLATE makes another)
 *   table      the number of `firebreak_journal` (dropped and restored in place it has another)
 *   timeline   rises when a backup is recovered to a point in time, and when a standby takes over
 *
 * Not here: what follows from a journal being a copy (`Ownership.ts`).
 */
import type * as PgConnection from "@effect/sql-pg/PgConnection"
import { Effect } from "effect"
import type { SqlError } from "effect/sql/SqlError"

const QUESTIONS = {
  server: "SELECT system_identifier::text FROM pg_control_system()",
  database: "SELECT oid::text FROM pg_database WHERE datname = current_database()",
  table: "SELECT 'firebreak_journal'::regclass::oid::text",
  timeline: "SELECT timeline_id::text FROM pg_control_checkpoint()"
}

/** `server=… database=… table=… timeline=…` */
export const originOf = (connection: PgConnection.PgConnection): Effect.Effect<string, SqlError> => {
  const ask = (parts: ReadonlyArray<readonly [part: string, question: string]>) =>
    Effect.map(
      connection.queryValues(`SELECT ${parts.map(([, question]) => `(${question})`).join(", ")}`, [], false),
      (rows) => parts.map(([part], at) => `${part}=${String(rows[0]?.[at])}`)
    )
  const isUntold = ({ reason }: SqlError) => reason._tag === "AuthorizationError" || reason._tag === "SqlSyntaxError"
  const all = Object.entries(QUESTIONS)
  return ask(all).pipe(
    // Where one of them is not answered, each is asked alone.
    Effect.catchIf(isUntold, () =>
      Effect.map(
        Effect.forEach(all, (one) => Effect.catchIf(ask([one]), isUntold, () => Effect.succeed([]))),
        (answers) => answers.flat()
      )
    ),
    Effect.map((parts) => parts.join(" "))
  )
}

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
