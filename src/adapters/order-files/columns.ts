/**
 * The columns of a CSV file, found by name.
 *
 * The special rule: case, hyphens, spaces and underscores do not count, and neither does the order of the columns; a
 * column may be missing or unknown as far as the layout allows it. Exports differ from release to release, and people
 * delete columns.
 */
import type { Row } from "./cells.ts"

/** Where each column stands, by its `columnKey`. */
export type Columns = ReadonlyMap<string, number>

/** `Lineitem quantity`, `lineitem-quantity` and `LineItem_Quantity` are one column. */
export const columnKey = (name: string): string => name.toLowerCase().replace(/[\s_-]/g, "")

/** The columns of a header; of two with one name the first counts. */
export const columnsOf = (header: ReadonlyArray<string>): Columns => {
  const columns = new Map<string, number>()
  for (const [at, name] of header.entries()) {
    const key = columnKey(name)
    if (key !== "" && !columns.has(key)) columns.set(key, at)
  }
  return columns
}

/** One row with its cells by column. A column that the file does not have is an empty cell. */
export interface NamedRow {
  readonly line: number
  readonly size: number
  readonly cells: ReadonlyArray<string>
  readonly cell: (key: string) => string
}

export const named = (row: Row & { _tag: "Row" }, columns: Columns): NamedRow => ({
  line: row.line,
  size: row.size,
  cells: row.cells,
  cell: (key) => {
    const at = columns.get(key)
    return at === undefined ? "" : (row.cells[at] ?? "").trim()
  }
})

/** An optional cell as a field of a record: nothing when it is empty. */
export const filled = (field: string, text: string): { readonly [field: string]: string } =>
  text === "" ? {} : { [field]: text }

/** A whole or broken number as a number, so that the decoder can judge it; anything else as the text that it is. */
export const numberOr = (text: string): number | string => (/^-?\d{1,15}(\.\d+)?$/.test(text) ? Number(text) : text)

/** Why `numberOr` has left `text` as it is. */
export const notANumber = (text: string): string => {
  const shown = `"${text.length > 40 ? `${text.slice(0, 40)}…` : text}"`.replace(/\p{C}/gu, "�")
  return /^-?\d+(\.\d+)?$/.test(text) ? `${shown} has too many digits` : `${shown} is not a number`
}
