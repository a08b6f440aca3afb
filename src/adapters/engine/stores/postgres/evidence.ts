/**
 * Whether a batch is in the journal, told by what it wrote: after its answer got lost, and when a server is met again.
 *
 * The special rule: a batch was written by one statement, so a part of it stands for all. What was removed since counts
 * as there: only what had ended, and so was written, is removed.
 *
 * Not here: what follows when it is missing (`Commits.ts`).
 */
import type * as PgConnection from "@effect/sql-pg/PgConnection"
import { Effect } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import type { ExecutionRow } from "../../Store.ts"
import { CHANGING } from "./commit.ts"
import type { Rows } from "./commit.ts"
import { bigint, executionColumns, packed, unpacked } from "./rows.ts"

/** As much of a batch as shows that it is there: one event, which is written once; without events, all states. */
export interface Evidence {
  readonly event: { readonly execution: number; readonly n: number } | undefined
  readonly executions: ReadonlyArray<ExecutionRow>
}

/** Nothing, where the batch wrote nothing. */
export const evidenceOf = ({ events: [event], executions }: Rows): Evidence | undefined =>
  event !== undefined
    ? { event: { execution: event.execution, n: event.n }, executions: [] }
    : executions.length === 0
      ? undefined
      : { event, executions }

export const isThere = (
  connection: PgConnection.PgConnection,
  { event, executions }: Evidence
): Effect.Effect<boolean, SqlError> =>
  event === undefined
    ? Effect.map(
        connection.queryValues(STATES, packed(compared, executions), false),
        (rows) => rows[0]?.[0] === executions.length
      )
    : Effect.map(
        connection.queryValues(EVENT, [bigint(event.execution), bigint(event.n)], false),
        (rows) => rows[0]?.[0] === true
      )

const EVENT = `
  SELECT EXISTS (SELECT FROM firebreak_events WHERE execution = $1::float8::bigint AND n = $2::float8::integer)
    OR EXISTS (SELECT FROM firebreak_executions WHERE seq = $1::float8::bigint AND removed_at IS NOT NULL)`

// What an execution began with is not written again, so it is not compared.
const compared = executionColumns.filter(({ name }) => name === "seq" || name === "id" || CHANGING.includes(name))
const STATES = `
  SELECT count(*)::integer FROM firebreak_executions known, ${unpacked(compared, 1)} AS row
  WHERE known.seq = row.seq AND (known.removed_at IS NOT NULL
    OR (${compared.map(({ name }) => `known.${name} IS NOT DISTINCT FROM row.${name}`).join(" AND ")}))`
