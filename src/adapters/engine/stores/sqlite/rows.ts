/**
 * Rows as SQLite gives them, and as the engine reads them.
 *
 * Not here: the tables (`tables.ts`), and which rows are asked for (`sqliteReader.ts`).
 */
import type { SQLOutputValue } from "node:sqlite"
import type { EventRow, ExecutionRow, Request } from "../../Store.ts"

export const executionColumns =
  "seq, id, workflow, name, payload, digest, status, outcome, why, parent, started_at, changed_at, ended_at, wake_at, removed_at"

type Columns = { readonly [column: string]: SQLOutputValue }

// The casts are sound: the tables are STRICT, so each column holds the type it was declared with, and only an owner of
// this package, which takes typed rows, writes them.

export const executionOf = (row: Columns): ExecutionRow => ({
  seq: row["seq"] as number,
  id: row["id"] as string,
  workflow: row["workflow"] as string,
  name: row["name"] as string,
  payload: row["payload"] as string,
  digest: row["digest"] as string,
  status: row["status"] as ExecutionRow["status"],
  outcome: row["outcome"] as string | null,
  why: row["why"] as string | null,
  parent: row["parent"] as string | null,
  startedAt: row["started_at"] as number,
  changedAt: row["changed_at"] as number,
  endedAt: row["ended_at"] as number | null,
  wakeAt: row["wake_at"] as number | null,
  removedAt: row["removed_at"] as number | null
})

export const eventOf = (row: Columns): EventRow => ({
  execution: row["execution"] as number,
  n: row["n"] as number,
  kind: row["kind"] as string,
  subject: row["subject"] as string | null,
  call: row["call"] as number | null,
  at: row["at"] as number,
  data: row["data"] as string | null
})

export const requestOf = (row: Columns): Request => ({
  seq: row["seq"] as number,
  execution: row["execution"] as string,
  kind: row["kind"] as Request["kind"],
  data: row["data"] as string,
  askedAt: row["asked_at"] as number
})
