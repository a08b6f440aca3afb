/**
 * Cuts CSV into rows: a row ends with a line break that is outside quotes.
 *
 * The special rule: a quote opens only at the beginning of a cell, as in RFC 4180, so that a stray inch mark in a cell
 * cannot swallow the rows below it. What a row's cells are is csv-parse's affair (`cells.ts`).
 *
 * Rows are cut here and not by csv-parse, because its own ways of going on after an error lose rows: over
 * `max_record_size` it drops the rest of the chunk, after a bad quote it reads on inside the quotes, and a CRLF inside
 * quotes counts as two lines (7.0.3).
 */
import { type Cutter, Gatherer, isBlank, type Piece, unreadable } from "./pieces.ts"

const newline = 0x0a
const carriageReturn = 0x0d
const quote = 0x22
const comma = 0x2c

const tooLong = "is longer than 1 MiB: is a quote left open?"

export const rows = (): Cutter => {
  const open = new Gatherer()
  let place: "cell's beginning" | "plain" | "quoted" | "after a quote" = "cell's beginning"
  let line = 1
  let start = 1

  const add = (pieces: Array<Piece>, last: Uint8Array) => {
    const piece = open.finish(start, last, tooLong)
    if (piece._tag === "Unreadable" || !isBlank(piece.bytes)) pieces.push(piece)
  }

  const push = (chunk: Uint8Array): ReadonlyArray<Piece> => {
    const pieces: Array<Piece> = []
    let from = 0
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]
      if (byte === newline) {
        line++
        if (place === "quoted") continue
        add(pieces, chunk.subarray(from, at))
        from = at + 1
        start = line
        place = "cell's beginning"
      } else if (place === "quoted") {
        if (byte === quote) place = "after a quote"
      } else if (byte === comma) place = "cell's beginning"
      else if (byte === quote) place = place === "plain" ? "plain" : "quoted"
      else if (byte !== carriageReturn) place = "plain"
    }
    open.keep(chunk.subarray(from))
    return pieces
  }

  const end = (): ReadonlyArray<Piece> => {
    if (place === "quoted") return [unreadable(start, `has a quote that is still open at the end, line ${line}`)]
    const pieces: Array<Piece> = []
    add(pieces, new Uint8Array())
    return pieces
  }

  return { push, end }
}
