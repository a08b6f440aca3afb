/**
 * Reading a journal in PostgreSQL: what an owner and a visitor have in common.
 *
 * The special rule: reading never waits for writing, and what executions wait for never waits for what people look at. A
 * session answers in the order of asking, so each of these has its own. What lost its connection is simply read again.
 *
 * Not here: writing (`Commits.ts`).
 */
import { Effect } from "effect"
import type { ExecutionRow, ListFilter, Reader, Status, Store, StoreError } from "../../Store.ts"
import { gathering } from "./gathering.ts"
import { readingFailed } from "./PostgresFault.ts"
import { bigint, bigints, eventColumns, executionColumns, selected, text, texts, toEvent, toExecution } from "./rows.ts"
import type { Session } from "./Session.ts"

/** Runs one statement that may be run again, and answers its rows. */
export type Reading = (
  sql: string,
  params: ReadonlyArray<unknown>
) => Effect.Effect<ReadonlyArray<ReadonlyArray<unknown>>, StoreError>

export const readingOn =
  (session: Session): Reading =>
  (sql, params) => {
    const once = session.use(({ connection }) => connection.queryValues(sql, params))
    return once.pipe(
      Effect.catchIf(
        (fault) => fault.kind === "Lost",
        () => once
      ),
      Effect.mapError(readingFailed)
    )
  }

const EXECUTIONS = `SELECT ${selected(executionColumns)} FROM firebreak_executions`
const FIND = `${EXECUTIONS} WHERE id = ANY ($1)`
// (Named with its table it is the column, and in the order of an index; alone it would be the result, which is a float8.)
const FIND_NAMED = `${EXECUTIONS} WHERE name = $1 ORDER BY firebreak_executions.seq`
const EVENTS = `SELECT ${selected(eventColumns)} FROM firebreak_events
  WHERE execution = ANY ($1::float8[]::bigint[]) ORDER BY firebreak_events.execution, firebreak_events.n`
const UNFINISHED = `${EXECUTIONS} WHERE status IN ('running', 'undoing') AND seq > $1::float8::bigint
  ORDER BY firebreak_executions.seq LIMIT $2::float8::bigint`
const DUE = `${EXECUTIONS} WHERE wake_at < $1::float8::bigint
  ORDER BY firebreak_executions.wake_at, firebreak_executions.seq LIMIT $2::float8::bigint`
// Those that completed, the many, are only counted in an index.
const COUNTS = `
  SELECT status, count(*)::float8 FROM firebreak_executions
    WHERE status NOT IN ('running', 'completed') AND removed_at IS NULL GROUP BY status
  UNION ALL SELECT 'running', count(*)::float8 FROM firebreak_executions
    WHERE status IN ('running', 'undoing') AND status = 'running'
  UNION ALL SELECT 'completed', count(*)::float8 FROM firebreak_executions
    WHERE status = 'completed' AND ended_at IS NOT NULL AND removed_at IS NULL`

type Reads = Reader & Pick<Store, "unfinished" | "due">

/** `reading` is for what is quick and awaited, `looking` for what may take a while. */
export const makeReads = (reading: Reading, looking: Reading): Reads => {
  const executions = (sql: string, params: ReadonlyArray<unknown>, how = reading) =>
    Effect.map(how(sql, params), (rows) => rows.map(toExecution))
  // Each order that comes in is looked up: those that come in together are, together.
  const findOne = gathering<string, ExecutionRow, StoreError>(
    (ids) => executions(FIND, [texts(ids)]),
    (row) => row.id
  )
  return {
    find: (ids) => {
      const sound = [...new Set(ids)].filter(canBeThere)
      return sound.length === 0 ? Effect.succeed([]) : Effect.map(findOne(sound), inOrder)
    },
    findNamed: (name) => (canBeThere(name) ? executions(FIND_NAMED, [text(name)], looking) : Effect.succeed([])),
    events: (seqs) =>
      seqs.length === 0
        ? Effect.succeed([])
        : Effect.map(reading(EVENTS, [bigints([...new Set(seqs)])]), (rows) => rows.map(toEvent)),
    list: (filter) =>
      filter.status?.length === 0 || (filter.workflow !== undefined && !canBeThere(filter.workflow))
        ? Effect.succeed([])
        : executions(...listing(filter), looking),
    counts: Effect.map(
      looking(COUNTS, []),
      // The statement names statuses of ours only.
      (rows) => new Map((rows as ReadonlyArray<readonly [Status, number]>).filter(([, count]) => count > 0))
    ),
    unfinished: (after, limit) => executions(UNFINISHED, [bigint(after), bigint(limit)]),
    due: (before, limit) => executions(DUE, [bigint(before), bigint(limit)])
  }
}

/** The server refuses a text like this, so it is nowhere in the journal. */
const canBeThere = (value: string): boolean => value.isWellFormed() && !value.includes("\0")

const inOrder = (rows: ReadonlyArray<ExecutionRow>): ReadonlyArray<ExecutionRow> =>
  [...rows].sort((a, b) => a.seq - b.seq)

/** Statuses stand in the text, because only so is it known which of the small indexes has them all. They are ours. */
const listing = (filter: ListFilter): [sql: string, params: ReadonlyArray<unknown>] => {
  const params: Array<unknown> = [bigint(filter.limit)]
  const conditions = ["removed_at IS NULL"]
  const where = (condition: (param: string) => string, value: unknown) => {
    params.push(value)
    conditions.push(condition(`$${params.length}`))
  }
  if (filter.before !== undefined) where((param) => `seq < ${param}::float8::bigint`, bigint(filter.before))
  if (filter.workflow !== undefined) where((param) => `workflow = ${param}`, text(filter.workflow))
  if (filter.from !== undefined) where((param) => `started_at >= ${param}::float8::bigint`, bigint(filter.from))
  if (filter.until !== undefined) where((param) => `started_at < ${param}::float8::bigint`, bigint(filter.until))
  const statuses =
    filter.status === undefined ? [] : [...new Set(filter.status)].filter((each) => /^[a-z]+$/.test(each))
  if (statuses.length > 0) conditions.push(`status IN (${statuses.map((each) => `'${each}'`).join(", ")})`)
  const sql = `${EXECUTIONS} WHERE ${conditions.join(" AND ")}
    ORDER BY firebreak_executions.seq DESC LIMIT $1::float8::bigint`
  return [sql, params]
}
