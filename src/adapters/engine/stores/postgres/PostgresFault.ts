/**
 * What can go wrong between us and a PostgreSQL server, by what can be done about it.
 *
 * The special rule: the server's own codes decide (postgresql.org/docs/current/errcodes-appendix.html), never the words
 * of a message. What cannot be told is `Lost`: it may have been carried out.
 *
 * Not here: what a fault means to whoever opens a journal (`unusable.ts`).
 */
import type { SqlError } from "effect/sql/SqlError"
import { Data } from "effect"
import { CommitUncertain, StoreBroken, StoreUnavailable } from "../../Store.ts"

export type FaultKind =
  /** There was no connection and none could be made. Nothing was sent. */
  | "NotSent"
  /** The connection ended before the answer came. */
  | "Lost"
  /** The server refused, and may not later. Nothing was carried out. */
  | "Later"
  /** A row cannot be stored: a constraint, a type, its size. Nothing was carried out. */
  | "Row"
  /** The tables are not there any more, the pages contradict each other, or the device failed. */
  | "Broken"

export class PostgresFault extends Data.TaggedError("PostgresFault")<{
  readonly kind: FaultKind
  /** The server's code; empty where the server said nothing. */
  readonly code: string
  readonly detail: string
}> {
  override get message() {
    return this.code === "" ? this.detail : `${this.detail} (PostgreSQL ${this.code})`
  }
}

/** `wasSent`: whether the connection was up when the statement was handed to it, and `isUp` whether it still is. */
export const faultOf = (error: SqlError, wasSent: boolean, isUp: boolean): PostgresFault => {
  const { cause } = error.reason
  const code = codeOf(cause)
  const fault = (kind: FaultKind) => new PostgresFault({ kind, code, detail: detailOf(cause, error.message) })
  if (!wasSent) return fault("NotSent")
  if (error.reason._tag === "ConnectionError" || code.startsWith("08")) return fault("Lost")
  // Nothing from the server, and the connection is fine: a value could not be written for it.
  if (code === "") return fault(isUp ? "Row" : "Lost")
  return fault(exactKinds[code] ?? kinds[code.slice(0, 2)] ?? "Later")
}

const kinds: { readonly [codeClass: string]: FaultKind | undefined } = {
  "22": "Row", // data exception
  "23": "Row", // integrity constraint violation
  "54": "Row", // program limit exceeded: too large for an index
  "42": "Broken", // no such table or column
  "3F": "Broken", // no such schema
  XX: "Later" // internal error
}

const exactKinds: { readonly [code: string]: FaultKind | undefined } = {
  "42501": "Later", // insufficient privilege: it can be granted again
  "58030": "Broken", // io error
  XX001: "Broken", // data corrupted
  XX002: "Broken" // index corrupted
}

const codeOf = (cause: unknown): string => {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? code : ""
}

const detailOf = (cause: unknown, otherwise: string): string => {
  if (!(cause instanceof Error)) return otherwise
  // A name with several addresses fails with one error for each, and no message of its own.
  if (cause instanceof AggregateError && cause.message === "") return detailOf(cause.errors[0], otherwise)
  return cause.message === "" ? otherwise : cause.message
}

/** What a fault while reading, or asking, means. */
export const readingFailed = (fault: PostgresFault): StoreUnavailable | StoreBroken =>
  fault.kind === "Broken" ? new StoreBroken({ reason: fault.message }) : new StoreUnavailable({ reason: fault.message })

/** What a fault while writing means, once it is known that it is about no single row. */
export const writingFailed = (fault: PostgresFault): StoreUnavailable | StoreBroken | CommitUncertain =>
  fault.kind === "Lost" ? new CommitUncertain({ reason: fault.message }) : readingFailed(fault)
