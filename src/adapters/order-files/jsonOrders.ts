/**
 * From a piece of NDJSON or of a JSON array to its answer.
 */
import { type Judge, rejected } from "./judge.ts"
import type { Piece } from "./pieces.ts"
import type { ReadOrder } from "./ReadOrder.ts"
import { textOf } from "./utf8.ts"

export const jsonOrder =
  (judge: Judge) =>
  (piece: Piece): ReadOrder => {
    const problem = (reason: string) => rejected(piece.line, null, { path: [], reason })
    if (piece._tag === "Unreadable") return problem(piece.reason)
    const text = textOf(piece.bytes)
    if (text === undefined) return problem("is not written in UTF-8")
    let record: unknown
    try {
      record = JSON.parse(text)
    } catch (error) {
      return problem(whyNotJson(error))
    }
    return judge(piece.line, record)
  }

// The engine's own message quotes the file, and what it says differs between releases: only the place is taken from it.
const whyNotJson = (error: unknown): string => {
  const said = error instanceof Error ? error.message : ""
  const place = /at position (\d+)/.exec(said)?.[1]
  if (/end of JSON/i.test(said)) return "is not JSON: it ends too early"
  return place === undefined ? "is not JSON" : `is not JSON: see its character ${Number(place) + 1}`
}
