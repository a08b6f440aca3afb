/**
 * The one statement that a commit is, and what is done when it does not take all of a batch.
 *
 * The special rule: one statement, one round trip, and first of all it locks the row of the owner. If the epoch in it is
 * not ours the statement finds no owner, and writes nothing. Whoever takes over changes that row, so one of the two waits
 * for the other and then sees what it did.
 *
 * The row is locked, not updated. An update leaves the old version behind until nobody can see it any more, and while one
 * `pg_dump` or one forgotten transaction was open, 32,000 commits made each further one ten times slower.
 *
 * Not here: who the owner is (`Ownership.ts`), and answers that got lost (`Commits.ts`).
 */
import type * as PgConnection from "@effect/sql-pg/PgConnection"
import { Effect } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import type { EventRow, ExecutionRow, Rejected } from "../../Store.ts"
import { unstorableEvent, unstorableExecution } from "../rows/unstorable.ts"
import { bigint, eventColumns, executionColumns, namesOf, packed, unpacked } from "./rows.ts"

/** Under which epoch, and in which session of that owner: what its earlier sessions left under way does not count. */
export interface Right {
  readonly epoch: number
  readonly session: number
}

export interface Rows {
  readonly executions: ReadonlyArray<ExecutionRow>
  readonly events: ReadonlyArray<EventRow>
}

/** Begins a statement that only the owner may carry out. Its parameters are `$1` and `$2`. */
export const OWNED = `WITH owner AS MATERIALIZED (
  SELECT FROM firebreak_owner WHERE shard = 0 AND epoch = $1::float8::bigint AND session = $2::float8::bigint
  FOR NO KEY UPDATE
)`
export const asOwner = ({ epoch, session }: Right) => [bigint(epoch), bigint(session)]

/** What an execution began with never changes, so its other columns are left alone. */
export const CHANGING = ["status", "outcome", "why", "changed_at", "ended_at", "wake_at", "removed_at"]
const COMMIT = `${OWNED}, executions AS (
  INSERT INTO firebreak_executions AS known (${namesOf(executionColumns)})
  SELECT row.* FROM owner, ${unpacked(executionColumns, 3)} AS row
  ON CONFLICT (seq) DO UPDATE SET
    -- A number that is another execution's, or a tombstone's: NULL is refused here, and so is the row.
    id = CASE WHEN known.id = excluded.id AND known.removed_at IS NULL THEN known.id END,
    ${CHANGING.map((name) => `${name} = excluded.${name}`).join(", ")}
), events AS (
  INSERT INTO firebreak_events (${namesOf(eventColumns)})
  SELECT row.* FROM owner, ${unpacked(eventColumns, 3 + executionColumns.length)} AS row
)
SELECT count(*)::integer FROM owner`

/** Commits the rows, all or none. `false`: we are not the owner any more. */
export const commitRows = (
  connection: PgConnection.PgConnection,
  right: Right,
  rows: Rows
): Effect.Effect<boolean, SqlError> =>
  Effect.map(
    connection.queryValues(COMMIT, [
      ...asOwner(right),
      ...packed(executionColumns, rows.executions),
      ...packed(eventColumns, rows.events)
    ]),
    (answer) => answer[0]?.[0] === 1
  )

/** What no store takes is left out before it is sent. */
export const sift = (rows: Rows): { readonly sound: Rows; readonly rejected: Map<number, string> } => {
  const rejected = new Map<number, string>()
  const refuse = (seq: number, why: string | undefined) => {
    if (why !== undefined && !rejected.has(seq)) rejected.set(seq, why)
  }
  for (const row of rows.executions) refuse(row.seq, unstorableExecution(row))
  for (const event of rows.events) refuse(event.execution, unstorableEvent(event))
  return { sound: rejected.size === 0 ? rows : without(rows, rejected), rejected }
}

const without = (rows: Rows, rejected: Rejected): Rows => ({
  executions: rows.executions.filter(({ seq }) => !rejected.has(seq)),
  events: rows.events.filter(({ execution }) => !rejected.has(execution))
})

/**
 * Finds out which executions have a row that the server does not take, by halves. `reasonOf` is the reason if an error is
 * about a row.
 *
 * What is found is rolled back: the rest is then committed as always, in one statement.
 */
export const findBadRows = (
  connection: PgConnection.PgConnection,
  right: Right,
  rows: Rows,
  reasonOf: (error: SqlError) => string | undefined
): Effect.Effect<{ readonly sound: Rows; readonly rejected: Rejected }, SqlError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const pinned = yield* connection.pin
      const run = (sql: string) => pinned.query(sql, [], false)
      const rejected = new Map<number, string>()

      const attempt = (executions: ReadonlyArray<number>): Effect.Effect<void, SqlError> =>
        Effect.gen(function* () {
          const mine = new Set(executions)
          const part = {
            executions: rows.executions.filter(({ seq }) => mine.has(seq)),
            events: rows.events.filter(({ execution }) => mine.has(execution))
          }
          yield* run("SAVEPOINT part")
          const reason = yield* commitRows(pinned, right, part).pipe(
            Effect.as(undefined),
            Effect.catch((error) => {
              const why = reasonOf(error)
              return why === undefined ? Effect.fail(error) : Effect.succeed(why)
            })
          )
          if (reason === undefined) return yield* Effect.asVoid(run("RELEASE part"))
          yield* run("ROLLBACK TO part")
          const [first, ...others] = executions
          if (first === undefined) return
          if (others.length === 0) return void rejected.set(first, reason)
          const half = Math.ceil(executions.length / 2)
          yield* attempt(executions.slice(0, half))
          yield* attempt(executions.slice(half))
        })

      yield* run("BEGIN")
      yield* attempt([
        ...new Set([...rows.executions.map(({ seq }) => seq), ...rows.events.map(({ execution }) => execution)])
      ]).pipe(Effect.ensuring(Effect.ignore(run("ROLLBACK"))))
      return { sound: without(rows, rejected), rejected }
    })
  )
