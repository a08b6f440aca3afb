/**
 * From what stands in a file to its answer: the object is decoded, and an order that was read before is found.
 *
 * The special rule: only accepted orders are remembered. A rejected order's id is free for the mended one below it.
 */
import { Result, SchemaParser } from "effect"
import { OrderId } from "../../workflows/Order.ts"
import type { OrderIndex, ReadBefore } from "./OrderIndex.ts"
import { OrderRecord } from "./OrderRecord.ts"
import { fieldOf, type Problem, problemOf } from "./problemOf.ts"
import type { ReadOrder, Rejected, Skipped } from "./ReadOrder.ts"

const decode = SchemaParser.decodeUnknownResult(OrderRecord, { reportInput: true })
const decodeId = SchemaParser.decodeUnknownResult(OrderId)

/** The answer to what claims to be an order. `say` puts a problem into the words of the file's format. */
export type Judge = (line: number, record: unknown, say?: (problem: Problem) => Problem) => ReadOrder

export const makeJudge =
  (file: string, index: OrderIndex): Judge =>
  (line, record, say = (problem) => problem) => {
    const decoded = decode(record)
    if (Result.isFailure(decoded)) {
      return rejected(line, idOf(record), say(problemOf(decoded.failure)))
    }
    const order = decoded.success
    const before = index.add(order, file, line)
    if (before === undefined) return { _tag: "Accepted", line, order }
    const place = before.file === file ? `line ${before.line}` : `line ${before.line} of ${before.file}`
    return sameOrOther(line, order.id, before, place)
  }

const sameOrOther = (line: number, id: OrderId, before: ReadBefore, place: string): ReadOrder =>
  before.sameContent
    ? skipped(line, id, `already read at ${place}`)
    : rejected(line, id, { path: ["id"], reason: `was already read at ${place}, with a different content` })

export const rejected = (line: number, id: unknown, problem: Problem): Rejected => ({
  _tag: "Rejected",
  line,
  order: readableId(id),
  field: fieldOf(problem.path),
  reason: problem.reason
})

export const skipped = (line: number, id: unknown, reason: string): Skipped => ({
  _tag: "Skipped",
  line,
  order: readableId(id),
  reason
})

const idOf = (record: unknown): unknown =>
  typeof record === "object" && record !== null && "id" in record ? record.id : null

// An id that is not a valid one is not shown either: it may be a megabyte of control characters.
const readableId = (id: unknown): string | null => Result.getOrElse(decodeId(id), () => null)
