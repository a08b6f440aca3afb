/**
 * From the rows of a CSV file to its orders: the rows of one order are gathered until the next order begins.
 *
 * The special rule: a row that cannot be read ends the order above it, and nobody knows whose it was. If that order has
 * lost a line by it, its total does not add up any more and it is rejected too.
 */
import { cellsOf } from "./cells.ts"
import { type Columns, named, type NamedRow, notANumber } from "./columns.ts"
import { type Judge, rejected, skipped } from "./judge.ts"
import type { Layout, OrderRows } from "./Layout.ts"
import { longestPiece, type Piece } from "./pieces.ts"
import type { Problem } from "./problemOf.ts"
import type { ReadOrder } from "./ReadOrder.ts"

export interface CsvOrders {
  /** The orders that are complete, now that the rows of `pieces` are known. */
  readonly push: (pieces: ReadonlyArray<Piece>) => ReadonlyArray<ReadOrder>
  /** The order that the end of the file ends. */
  readonly end: () => ReadonlyArray<ReadOrder>
}

/** The rows of the order that is being gathered. */
interface Open {
  readonly first: NamedRow
  rows: [NamedRow, ...Array<NamedRow>]
  size: number
  /** What is wrong with one of the rows, if anything is. */
  wrong: string | undefined
}

export const csvOrders = (judge: Judge, layout: Layout, columns: Columns, width: number): CsvOrders => {
  let header = true
  let open: Open | undefined

  const close = (): ReadonlyArray<ReadOrder> => {
    if (open === undefined) return []
    const { first, rows, wrong } = open
    open = undefined
    return [
      wrong === undefined
        ? orderOf(judge, layout, rows)
        : rejected(first.line, first.cell(layout.id), { path: [], reason: wrong })
    ]
  }

  const add = (row: NamedRow): ReadonlyArray<ReadOrder> => {
    const id = row.cell(layout.id)
    const begins =
      open === undefined || id === "" || id !== open.first.cell(layout.id) || layout.begins(row, open.first)
    const closed = begins ? close() : []
    if (open === undefined) open = { first: row, rows: [row], size: row.size, wrong: undefined }
    else {
      open.size += row.size
      if (open.size > longestPiece) {
        open.rows = [open.first]
        open.wrong = "has rows of more than 1 MiB"
      } else open.rows.push(row)
    }
    if (!fits(row, width)) {
      open.wrong ??= `has ${row.cells.length} cells on line ${row.line}, where the header has ${width}`
    }
    return closed
  }

  return {
    push: (pieces) => {
      const orders: Array<ReadOrder> = []
      for (const row of cellsOf(pieces)) {
        if (header) header = false
        else if (row._tag === "Unreadable") {
          orders.push(...close(), rejected(row.line, null, { path: [], reason: row.reason }))
        } else if (row.cells.some((cell) => cell.trim() !== "")) orders.push(...add(named(row, columns)))
      }
      return orders
    },
    end: close
  }
}

const orderOf = (judge: Judge, layout: Layout, rows: OrderRows): ReadOrder => {
  const [first] = rows
  const id = first.cell(layout.id)
  const reading = layout.read(rows)
  switch (reading._tag) {
    case "Skip":
      return skipped(first.line, id, reading.reason)
    case "Problem":
      return rejected(first.line, id, reading.problem)
    case "Record":
      return judge(first.line, reading.record, (problem) => ({
        path: problem.path,
        reason: inCells(problem, reading.record) + rowOf(problem, first, reading.lineRows)
      }))
  }
}

/** What is wrong, said of a cell. In a cell everything is a text, so that "not a text" would help nobody. */
const inCells = ({ path, reason }: Problem, record: unknown): string => {
  const value = path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined),
    record
  )
  return path.at(-1) === "quantity" && typeof value === "string" ? notANumber(value) : reason
}

/** Where the trouble is, when it is not on the order's first row. */
const rowOf = ({ path }: Problem, first: NamedRow, lineRows: ReadonlyArray<NamedRow>): string => {
  const row = path[0] === "lines" && typeof path[1] === "number" ? lineRows[path[1]] : undefined
  return row === undefined || row === first ? "" : ` (line ${row.line})`
}

// Empty cells beyond the header are what some spreadsheets leave behind.
const fits = (row: NamedRow, width: number): boolean =>
  row.cells.length >= width && row.cells.slice(width).every((cell) => cell.trim() === "")
