/**
 * Removing old executions: their events go, and a tombstone stays.
 *
 * The special rule: one status at a time. The index of what has ended is in order of time within each status, so the
 * oldest of one are found without looking at the others; the oldest of several would be found by sorting all of them.
 *
 * Not here: which executions are old enough for the user (`Journal.remove`).
 */
import type * as PgConnection from "@effect/sql-pg/PgConnection"
import { Effect } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import type { Status } from "../../Store.ts"
import { asOwner, OWNED } from "./commit.ts"
import type { Right } from "./commit.ts"
import { bigint, text } from "./rows.ts"

const REMOVE = `${OWNED}, old AS MATERIALIZED (
  SELECT seq FROM owner, firebreak_executions
  WHERE status = $3 AND removed_at IS NULL AND ended_at IS NOT NULL AND ended_at < $4::float8::bigint
  ORDER BY ended_at LIMIT $6::float8::bigint
), events AS (
  DELETE FROM firebreak_events USING old WHERE execution = old.seq
), removed AS (
  UPDATE firebreak_executions SET payload = '', why = NULL, removed_at = $5::float8::bigint
  FROM old WHERE firebreak_executions.seq = old.seq RETURNING 1
)
SELECT (SELECT count(*) FROM owner)::integer, (SELECT count(*) FROM removed)::integer`

export interface Removal {
  readonly status: Status
  readonly endedBefore: number
  readonly at: number
  readonly limit: number
}

/** Removes the oldest, and answers how many. `false`: we are not the owner any more. */
export const removeRows = (
  connection: PgConnection.PgConnection,
  right: Right,
  { at, endedBefore, limit, status }: Removal
): Effect.Effect<{ readonly removed: number } | false, SqlError> =>
  Effect.map(
    connection.queryValues(REMOVE, [...asOwner(right), text(status), bigint(endedBefore), bigint(at), bigint(limit)]),
    (rows) => {
      // One row of two numbers, see the statement.
      const [owners, removed] = rows[0] as unknown as readonly [number, number]
      return owners === 1 ? { removed } : false
    }
  )
