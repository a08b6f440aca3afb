/**
 * Committing a batch: one transaction under the epoch of the owner, however many executions wrote in it.
 *
 * The special rule: a row that cannot be stored costs its own execution only. The batch is written as a whole first, which
 * is fast; when SQLite refuses a row, it is written again execution by execution, and those that fit are kept.
 *
 * Not here: who owns the journal (`claim.ts`).
 */
import { Effect } from "effect"
import { faultOf } from "../../../sql/SqliteFault.ts"
import type { SqliteFault } from "../../../sql/SqliteFault.ts"
import type { SqliteFile } from "../../../sql/SqliteFile.ts"
import { OwnershipLost } from "../../Store.ts"
import type { Batch, EventRow, ExecutionRow, Rejected, StoreBroken, StoreUnavailable } from "../../Store.ts"
import { byExecution } from "../rows/byExecution.ts"
import { unstorableEvent, unstorableExecution } from "../rows/unstorable.ts"
import { storeError } from "./meanings.ts"
import { ownerIn } from "./sqliteReader.ts"

/** Commits batches under `epoch`. `greatest` is the greatest `seq` in the journal. Throws as `node:sqlite` does. */
export const makeCommit = (db: SqliteFile, epoch: number, greatest: number) => {
  const own = db.statement("UPDATE firebreak_owner SET batch = ? WHERE shard = 0 AND epoch = ?")
  const insert = db.statement(
    `INSERT INTO firebreak_executions (status, outcome, why, changed_at, ended_at, wake_at, removed_at, seq, id, workflow,
       name, payload, digest, parent, started_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
  )
  // What an execution began with never changes, so its indexes are left alone. Nothing is written over a tombstone.
  const update = db.statement(
    `UPDATE firebreak_executions SET status = ?, outcome = ?, why = ?, changed_at = ?, ended_at = ?, wake_at = ?,
       removed_at = ? WHERE seq = ? AND id = ? AND removed_at IS NULL`
  )
  const append = db.statement("INSERT INTO firebreak_events VALUES (?, ?, ?, ?, ?, ?, ?)")

  const owning = (batch: Batch, abandon: (error: OwnershipLost) => never): void => {
    if (own.run(batch.id, epoch).changes !== 1) abandon(ownershipLost(db))
  }

  const isUpdated = (row: ExecutionRow): boolean =>
    row.seq <= greatest &&
    update.run(row.status, row.outcome, row.why, row.changedAt, row.endedAt, row.wakeAt, row.removedAt, row.seq, row.id)
      .changes === 1

  const writeExecution = (row: ExecutionRow): void => {
    if (isUpdated(row)) return
    insert.run(
      row.status,
      row.outcome,
      row.why,
      row.changedAt,
      row.endedAt,
      row.wakeAt,
      row.removedAt,
      row.seq,
      row.id,
      row.workflow,
      row.name,
      row.payload,
      row.digest,
      row.parent,
      row.startedAt
    )
    // Too high after a rollback does no harm: then there is nothing to update, and the row is inserted.
    if (row.seq > greatest) greatest = row.seq
  }

  const writeEvent = (event: EventRow): void => {
    append.run(event.execution, event.n, event.kind, event.subject, event.call, event.at, event.data)
  }

  const together = (batch: Batch, rejected: Map<number, string>) =>
    db.transaction<Rejected, OwnershipLost>((abandon) => {
      owning(batch, abandon)
      for (const row of batch.executions) if (!rejected.has(row.seq)) writeExecution(row)
      for (const event of batch.events) if (!rejected.has(event.execution)) writeEvent(event)
      return rejected
    })

  const oneByOne = (batch: Batch, unfit: ReadonlyMap<number, string>) =>
    db.transaction<Rejected, OwnershipLost>((abandon) => {
      owning(batch, abandon)
      const rejected = new Map(unfit)
      for (const [seq, { row, events }] of byExecution(batch)) {
        if (rejected.has(seq)) continue
        const refusal = apart(db, () => {
          if (row !== undefined) writeExecution(row)
          events.forEach(writeEvent)
        })
        if (refusal !== undefined) rejected.set(seq, refusal)
      }
      return rejected
    })

  return (batch: Batch): Effect.Effect<Rejected, StoreUnavailable | StoreBroken | OwnershipLost> => {
    const unfit = unfitIn(batch)
    return together(batch, unfit).pipe(
      Effect.catchIf(isAboutRow, () => oneByOne(batch, unfit)),
      Effect.mapError((error) => (error._tag === "SqliteFault" ? storeError(error) : error))
    )
  }
}

/** That somebody else owns the journal, and who. To be used in the `work` of a transaction. */
export const ownershipLost = (db: SqliteFile): OwnershipLost =>
  new OwnershipLost({ by: ownerIn(db) ?? "an owner that has left again" })

const isAboutRow = (error: SqliteFault | OwnershipLost): error is SqliteFault =>
  error._tag === "SqliteFault" && error.kind === "Row"

const unfitIn = (batch: Batch): Map<number, string> => {
  const unfit = new Map<number, string>()
  const refuse = (seq: number, why: string | undefined) => {
    if (why !== undefined && !unfit.has(seq)) unfit.set(seq, why)
  }
  for (const row of batch.executions) refuse(row.seq, unstorableExecution(row))
  for (const event of batch.events) refuse(event.execution, unstorableEvent(event))
  return unfit
}

/** Writes what can be taken back alone; answers why SQLite refused it. */
const apart = (db: SqliteFile, write: () => void): string | undefined => {
  db.statement("SAVEPOINT one").run()
  let refusal: string | undefined
  try {
    write()
  } catch (thrown) {
    const fault = faultOf(db.path, thrown)
    if (fault?.kind !== "Row") throw thrown
    db.statement("ROLLBACK TO one").run()
    refusal = inWords(fault)
  }
  db.statement("RELEASE one").run()
  return refusal
}

const inWords = ({ code, detail }: SqliteFault): string => {
  if (code === 2067) return "another execution has this id" // SQLITE_CONSTRAINT_UNIQUE
  if (code === 1555) return "its number, or that of one of its events, is taken" // SQLITE_CONSTRAINT_PRIMARYKEY
  return detail
}
