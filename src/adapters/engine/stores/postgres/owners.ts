/**
 * Who owns a journal, in words, and how it is told.
 *
 * Not here: becoming and staying the owner (`Ownership.ts`).
 */
import type * as PgConnection from "@effect/sql-pg/PgConnection"
import { Effect, Option } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import { hostname } from "node:os"
import { basename } from "node:path"
import { OwnershipLost } from "../../Store.ts"

/** This process. */
export const thisOwner = (): string => {
  const program = process.argv[1] === undefined ? "node" : basename(process.argv[1])
  return `process ${process.pid} on ${hostname()} (${program}), since ${new Date().toISOString()}`
}

/**
 * The advisory lock that an owner holds for as long as it lives: the server drops it when its session ends. Two journals
 * of one database have different tables, and so different locks.
 */
export const OWNER_LOCK = `1178751557, 'firebreak_owner'::regclass::oid::integer` // 0x46425245

/** The sessions that hold it: one or none. */
export const HOLDERS = `
  SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid = 1178751557 AND objid = 'firebreak_owner'::regclass::oid AND objsubid = 2`

const ownerIs = (connection: PgConnection.PgConnection, isHeld: string): Effect.Effect<string | undefined, SqlError> =>
  Effect.map(
    connection.queryValues(`SELECT owner FROM firebreak_owner WHERE shard = 0 AND ${isHeld}`, [], false),
    (rows) => (typeof rows[0]?.[0] === "string" ? rows[0][0] : undefined)
  )

/** Who owns the journal now; none if nobody does. */
export const currentOwner = (connection: PgConnection.PgConnection): Effect.Effect<Option.Option<string>, SqlError> =>
  Effect.map(ownerIs(connection, `EXISTS (${HOLDERS})`), Option.fromUndefinedOr)

/** Who has become the owner instead of us. */
export const lostTo = (connection: PgConnection.PgConnection): Effect.Effect<OwnershipLost, SqlError> =>
  Effect.map(ownerIs(connection, "true"), (owner) => new OwnershipLost({ by: owner ?? "nobody can tell whom" }))
