/**
 * Cuts NDJSON into lines. Blank lines are no pieces; a line that is too long costs itself only.
 */
import { type Cutter, Gatherer, isBlank, type Piece } from "./pieces.ts"

const newline = 0x0a

export const lines = (): Cutter => {
  const open = new Gatherer()
  let line = 1
  const add = (pieces: Array<Piece>, last: Uint8Array) => {
    const piece = open.finish(line, last)
    if (piece._tag === "Unreadable" || !isBlank(piece.bytes)) pieces.push(piece)
  }
  return {
    push: (chunk) => {
      const pieces: Array<Piece> = []
      let from = 0
      for (let to = chunk.indexOf(newline); to >= 0; to = chunk.indexOf(newline, from)) {
        add(pieces, chunk.subarray(from, to))
        line++
        from = to + 1
      }
      open.keep(chunk.subarray(from))
      return pieces
    },
    end: () => {
      const pieces: Array<Piece> = []
      add(pieces, new Uint8Array())
      return pieces
    }
  }
}
