/**
 * What can go wrong with a SQLite file, by what can be done about it.
 *
 * The special rule: SQLite's own result codes decide (sqlite.org/rescode.html), never the words of a message.
 *
 * Not here: what a fault means to a journal (`engine/stores/sqlite/meanings.ts`).
 */
import { Data } from "effect"

export type FaultKind =
  /** Another connection holds a lock. Later it works. */
  | "Busy"
  /** No room on the device, in the quota, or within `max_page_count`. Nothing was changed. */
  | "Full"
  | "ReadOnly"
  /** The file, or its folder, cannot be opened. */
  | "CannotOpen"
  /** One row cannot be stored: a constraint, a type, its size. */
  | "Row"
  /** The pages contradict each other, or some are missing. */
  | "Corrupt"
  | "NotADatabase"
  /** Reading, writing or fsync failed. What was written before may be lost, whatever was said of it. */
  | "Device"
  | "Closed"
  /** A statement does not fit the tables, or memory is short, or a value fits no JavaScript number. */
  | "Other"

export class SqliteFault extends Data.TaggedError("SqliteFault")<{
  readonly kind: FaultKind
  readonly path: string
  /** SQLite's extended result code; 0 where SQLite was not asked. */
  readonly code: number
  readonly detail: string
}> {
  override get message() {
    return `${this.path}: ${this.detail}${this.code === 0 ? "" : ` (SQLite result ${this.code})`}`
  }
}

/** The fault that a thrown value stands for; `undefined` for what SQLite did not throw. */
export const faultOf = (path: string, thrown: unknown): SqliteFault | undefined => {
  if (!(thrown instanceof Error)) return undefined
  const code = "code" in thrown ? thrown.code : undefined
  if (code === "ERR_SQLITE_ERROR") {
    const result = "errcode" in thrown && typeof thrown.errcode === "number" ? thrown.errcode : 1
    return new SqliteFault({ kind: kindOf(result), path, code: result, detail: thrown.message })
  }
  if (code === "ERR_OUT_OF_RANGE") return new SqliteFault({ kind: "Other", path, code: 0, detail: thrown.message })
  // A statement outlives its database as an object that only throws.
  if (code === "ERR_INVALID_STATE") return new SqliteFault({ kind: "Closed", path, code: 0, detail: "it was closed" })
  return undefined
}

const kindOf = (result: number): FaultKind => exactKinds[result] ?? kinds[result & 0xff] ?? "Other"

const kinds: { readonly [primary: number]: FaultKind | undefined } = {
  5: "Busy", // SQLITE_BUSY
  6: "Busy", // SQLITE_LOCKED
  8: "ReadOnly", // SQLITE_READONLY
  10: "Device", // SQLITE_IOERR
  11: "Corrupt", // SQLITE_CORRUPT
  13: "Full", // SQLITE_FULL
  14: "CannotOpen", // SQLITE_CANTOPEN
  15: "Busy", // SQLITE_PROTOCOL: lost a race for the locks of the write-ahead log too often
  18: "Row", // SQLITE_TOOBIG
  19: "Row", // SQLITE_CONSTRAINT
  20: "Row", // SQLITE_MISMATCH
  26: "NotADatabase" // SQLITE_NOTADB
}

const exactKinds: { readonly [result: number]: FaultKind | undefined } = {
  522: "Corrupt", // SQLITE_IOERR_SHORT_READ: the file ends before it should
  4874: "Full", // SQLITE_IOERR_SHMSIZE: the index of the write-ahead log could not grow
  2570: "Device" // SQLITE_IOERR_BLOCKED
}
