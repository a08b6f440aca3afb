/**
 * Reading a journal in SQLite: the same for its owner and for a visitor.
 *
 * The special rule: no question takes longer because a million executions have ended. Each is answered from an index,
 * status by status where it names several, and puts the answers together.
 *
 * Not here: writing (`commit.ts`, `remove.ts`).
 */
import { Effect } from "effect"
import type { SqliteFile } from "../../../sql/SqliteFile.ts"
import type { ExecutionRow, ListFilter, Reader, Status, StoreError } from "../../Store.ts"
import { storeError } from "./meanings.ts"
import { eventOf, executionColumns, executionOf } from "./rows.ts"

const select = `SELECT ${executionColumns} FROM firebreak_executions`

export const sqliteReader = (db: SqliteFile): Reader => ({
  find: (ids) =>
    reading(db, () =>
      [...new Set(ids)]
        .flatMap((id) => db.statement(`${select} WHERE id = ?`).all(id))
        .map(executionOf)
        .sort(bySeq)
    ),
  findNamed: (name) =>
    reading(db, () => db.statement(`${select} WHERE name = ? ORDER BY seq`).all(name).map(executionOf)),
  events: (seqs) =>
    reading(db, () =>
      [...new Set(seqs)]
        .sort((a, b) => a - b)
        .flatMap((seq) => db.statement("SELECT * FROM firebreak_events WHERE execution = ? ORDER BY n").all(seq))
        .map(eventOf)
    ),
  list: (filter) => reading(db, () => page(db, filter)),
  counts: reading(db, () => {
    const rows = db
      .statement("SELECT status, count(*) AS n FROM firebreak_executions WHERE removed_at IS NULL GROUP BY status")
      .all()
    // Sound: the column holds what `ExecutionRow.status` was.
    return new Map(rows.map(({ status, n }) => [status as Status, Number(n)]))
  })
})

/** Executions that are `running` or `undoing`. */
export const unfinished = (
  db: SqliteFile,
  after: number,
  limit: number
): Effect.Effect<ReadonlyArray<ExecutionRow>, StoreError> =>
  reading(db, () => {
    const sql = `${select} WHERE removed_at IS NULL AND status = ? AND seq > ? ORDER BY seq LIMIT ?`
    return ["running", "undoing"]
      .flatMap((status) => db.statement(sql).all(status, after, limit))
      .map(executionOf)
      .sort(bySeq)
      .slice(0, limit)
  })

/** Executions that are to be woken before a time. */
export const due = (
  db: SqliteFile,
  before: number,
  limit: number
): Effect.Effect<ReadonlyArray<ExecutionRow>, StoreError> =>
  reading(db, () =>
    db
      .statement(`${select} WHERE wake_at IS NOT NULL AND wake_at < ? ORDER BY wake_at, seq LIMIT ?`)
      .all(before, limit)
      .map(executionOf)
  )

/** The last owner in words, if it has not said goodbye. Throws as `node:sqlite` does. */
export const ownerIn = (db: SqliteFile): string | undefined => {
  const owner = db.statement("SELECT owner FROM firebreak_owner WHERE shard = 0").get()?.["owner"]
  return typeof owner === "string" ? owner : undefined
}

/** Work that only reads, with its faults in the words of the port. */
export const reading = <A>(db: SqliteFile, work: () => A): Effect.Effect<A, StoreError> =>
  Effect.mapError(db.attempt(work), storeError)

const bySeq = (a: ExecutionRow, b: ExecutionRow) => a.seq - b.seq

const page = (db: SqliteFile, filter: ListFilter): ReadonlyArray<ExecutionRow> => {
  const conditions = ["removed_at IS NULL", "seq < ?"]
  const values: Array<string | number> = [filter.before ?? Number.MAX_SAFE_INTEGER]
  const narrow = (condition: string, value: string | number | undefined) => {
    if (value === undefined) return
    conditions.push(condition)
    values.push(value)
  }
  narrow("workflow = ?", filter.workflow)
  narrow("started_at >= ?", filter.from)
  narrow("started_at < ?", filter.until)
  const sql = (more: string) => `${select} WHERE ${conditions.join(" AND ")} ${more} ORDER BY seq DESC LIMIT ?`
  // Newest first without a condition is the table itself, read backwards.
  if (filter.status === undefined && conditions.length === 2) {
    return db
      .statement(sql(""))
      .all(...values, filter.limit)
      .map(executionOf)
  }
  const statuses = new Set(filter.status ?? allStatuses)
  return [...statuses]
    .flatMap((status) => db.statement(sql("AND status = ?")).all(...values, status, filter.limit))
    .map(executionOf)
    .sort((a, b) => b.seq - a.seq)
    .slice(0, filter.limit)
}

const allStatuses: ReadonlyArray<Status> = [
  "running",
  "suspended",
  "undoing",
  "stuck",
  "blocked",
  "completed",
  "refused",
  "failed",
  "cancelled"
]
