/**
 * Which rows no store takes, and why: the same answer whether the journal is kept in memory, SQLite or PostgreSQL.
 *
 * The special rule: what a database would change in silence is refused. Half of a surrogate pair comes back as another
 * character from SQLite, a NUL ends the text for some readers and is refused by PostgreSQL, a fraction is no time.
 *
 * Not here: what only the store itself can know, such as an id that is taken.
 */
import type { EventRow, ExecutionRow } from "../../Store.ts"

/** The longest text of one column, in UTF-16 code units. The engine's own limit for payloads is far below. */
export const longestText = 64 * 1024 * 1024

/** Why a row of an execution cannot be stored, or `undefined` if it can. */
export const unstorableExecution = (row: ExecutionRow): string | undefined =>
  badNumber("seq", row.seq) ??
  badText("id", row.id) ??
  badText("workflow", row.workflow) ??
  badText("name", row.name) ??
  badText("payload", row.payload) ??
  badText("digest", row.digest) ??
  badText("outcome", row.outcome) ??
  badText("why", row.why) ??
  badText("parent", row.parent) ??
  badNumber("startedAt", row.startedAt) ??
  badNumber("changedAt", row.changedAt) ??
  badNumber("endedAt", row.endedAt) ??
  badNumber("wakeAt", row.wakeAt) ??
  badNumber("removedAt", row.removedAt)

/** Why an event cannot be stored, or `undefined` if it can. */
export const unstorableEvent = (row: EventRow): string | undefined => {
  const why =
    badNumber("n", row.n) ??
    badText("kind", row.kind) ??
    badText("subject", row.subject) ??
    badNumber("call", row.call) ??
    badNumber("at", row.at) ??
    badText("data", row.data)
  return why === undefined ? undefined : `event ${row.n}: ${why}`
}

/** Why a text cannot be stored, whatever it is for. */
export const unstorableText = (what: string, text: string): string | undefined => badText(what, text)

const badText = (column: string, text: string | null): string | undefined => {
  if (text === null) return undefined
  if (text.length > longestText) return `${column} has ${text.length} characters; ${longestText} is the most`
  if (!text.isWellFormed()) return `${column} holds half of a surrogate pair, which is no character`
  if (text.includes("\0")) return `${column} holds a NUL character`
  return undefined
}

const badNumber = (column: string, value: number | null): string | undefined =>
  value === null || Number.isSafeInteger(value) ? undefined : `${column} is ${value}, which is no whole number`
