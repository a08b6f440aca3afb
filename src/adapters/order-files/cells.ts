/**
 * From the rows of a CSV file to their cells, through csv-parse.
 *
 * The special rule: many whole rows are parsed at once, because that is quick; when csv-parse refuses the lot they are
 * parsed one by one, so that a bad row costs itself only.
 */
import { parse } from "csv-parse/sync"
import type { Piece } from "./pieces.ts"
import { textOf } from "./utf8.ts"

/** The cells of a row, or the reason why there are none. `size` is what the row takes in the file, in bytes. */
export type Row =
  | { readonly _tag: "Row"; readonly line: number; readonly size: number; readonly cells: ReadonlyArray<string> }
  | { readonly _tag: "Unreadable"; readonly line: number; readonly reason: string }

export const cellsOf = (pieces: ReadonlyArray<Piece>): ReadonlyArray<Row> => {
  if (pieces.length === 0) return []
  const whole = pieces.filter((piece) => piece._tag === "Piece")
  const text = textOf(Buffer.concat(whole.flatMap((piece) => [piece.bytes, newline])))
  const parsed = text === undefined ? undefined : parseRows(text)
  if (parsed?.length !== whole.length) return pieces.map(cellsOfOne)
  let at = 0
  return pieces.map((piece) => (piece._tag === "Piece" ? row(piece, parsed[at++] ?? []) : piece))
}

const newline = Buffer.from("\n")

const row = (piece: Piece & { _tag: "Piece" }, cells: ReadonlyArray<string>): Row => ({
  _tag: "Row",
  line: piece.line,
  size: piece.bytes.length,
  cells
})

const cellsOfOne = (piece: Piece): Row => {
  if (piece._tag === "Unreadable") return piece
  const unreadable = (reason: string): Row => ({ _tag: "Unreadable", line: piece.line, reason })
  const text = textOf(piece.bytes)
  if (text === undefined) return unreadable("is not written in UTF-8")
  const parsed = parseRows(`${text}\n`)
  const [cells] = parsed ?? []
  return parsed?.length === 1 && cells !== undefined
    ? row(piece, cells)
    : unreadable("has a quote in the wrong place: a cell with a quote in it stands in quotes, with the quote doubled")
}

const parseRows = (text: string): ReadonlyArray<ReadonlyArray<string>> | undefined => {
  try {
    return parse(text, { record_delimiter: ["\r\n", "\n"], relax_column_count: true })
  } catch {
    return undefined
  }
}
