/**
 * What a CSV layout has to know: which columns it cannot do without, where one order ends and the next begins, and what
 * an order's rows say. The layouts are `ownLayout.ts` and `shopifyLayout.ts`.
 */
import type { NamedRow } from "./columns.ts"
import type { Problem } from "./problemOf.ts"

export type OrderRows = readonly [NamedRow, ...Array<NamedRow>]

/**
 * What the rows of one order say: a record to decode (with the row of each of its lines), that nothing is to be done, or
 * what is wrong with them.
 */
export type Reading =
  | { readonly _tag: "Record"; readonly record: unknown; readonly lineRows: ReadonlyArray<NamedRow> }
  | { readonly _tag: "Skip"; readonly reason: string }
  | { readonly _tag: "Problem"; readonly problem: Problem }

export interface Layout {
  /** The names of the columns without which no order can be read. */
  readonly required: ReadonlyArray<string>
  /** The column of the order's id. */
  readonly id: string
  /** Whether `row`, whose id is that of the order in `first`, begins another order of the same id. */
  readonly begins: (row: NamedRow, first: NamedRow) => boolean
  readonly read: (rows: OrderRows) => Reading
}

export const problem = (path: Problem["path"], reason: string): Reading => ({
  _tag: "Problem",
  problem: { path, reason }
})

/** What a further row of an order says when there is no first one. */
export const withoutFirstRow: Reading = problem(
  [],
  "has no total and no currency: a further row of an order stands directly below its first"
)
