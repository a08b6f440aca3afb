/**
 * The pieces a file is cut into before anything in them is understood: a line of NDJSON, an element of a JSON array, a
 * row of CSV.
 *
 * The special rule: cutting looks at bytes. The bytes that separate pieces are ASCII and never part of a longer UTF-8
 * character, so a piece is the same wherever the file's chunks happen to end, and bytes that are not UTF-8 spoil their
 * own piece only. A piece is kept in memory up to `longestPiece`; what is longer is counted and let go.
 *
 * Not here: the three ways of cutting (`lines.ts`, `elements.ts`, `rows.ts`).
 */

/** A piece as it stands in the file, or the reason why it could not be kept. `line` is where it starts. */
export type Piece =
  | { readonly _tag: "Piece"; readonly line: number; readonly bytes: Uint8Array }
  | { readonly _tag: "Unreadable"; readonly line: number; readonly reason: string }

export interface Cutter {
  /** The pieces that end within `chunk`. */
  readonly push: (chunk: Uint8Array) => ReadonlyArray<Piece>
  /** The piece that the end of the file ends. */
  readonly end: () => ReadonlyArray<Piece>
}

/** 1 MiB. The largest order of a real shop export is some hundred times smaller. */
export const longestPiece = 1_048_576

export const unreadable = (line: number, reason: string): Piece => ({ _tag: "Unreadable", line, reason })

/** Keeps the beginning of a piece whose end is in a later chunk. */
export class Gatherer {
  private kept: Array<Uint8Array> = []
  private size = 0

  keep(bytes: Uint8Array): void {
    this.size += bytes.length
    if (this.size > longestPiece) this.kept = []
    // A copy (`slice` of a Buffer is none): the chunk belongs to whoever reads the file, and is far larger than this.
    else if (bytes.length > 0) this.kept.push(new Uint8Array(bytes))
  }

  /** Ends the piece with `last`. */
  finish(line: number, last: Uint8Array, tooLong = "is longer than 1 MiB"): Piece {
    const { kept, size } = this
    this.kept = []
    this.size = 0
    if (size + last.length > longestPiece) return unreadable(line, tooLong)
    return { _tag: "Piece", line, bytes: kept.length === 0 ? last : Buffer.concat([...kept, last]) }
  }
}

/** JSON's white space, which is also what may stand around CSV. */
export const isBlankByte = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0a

export const isBlank = (bytes: Uint8Array): boolean => {
  for (const byte of bytes) if (!isBlankByte(byte)) return false
  return true
}
