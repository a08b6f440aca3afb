/**
 * Where everything stands in a picture: names to the left, time in the middle, remarks to the right, a line for each row.
 *
 * Names and remarks get what they need, up to a part of the width; time gets the rest.
 */
import type { FailureTrace, TraceNode } from "./FailureTrace.ts"
import { isLeftOut, type Row } from "./rows.ts"
import { textWidth } from "./svgParts.ts"
import { countsOf, remarkWith } from "./words.ts"

/** A scope or job in the picture. */
export interface Placement {
  readonly node: TraceNode
  readonly y: number
  /** Of the last line of what is in it. */
  readonly lastY: number
  /** When its bar ends. */
  readonly end: number
}

export const margin = 24
export const top = 92
const rowHeight = 24
export const indent = 14

export interface Layout {
  readonly width: number
  readonly height: number
  readonly chart: { readonly from: number; readonly to: number }
  readonly time: { readonly from: number; readonly to: number }
  readonly x: (at: number) => number
  readonly y: (row: number) => number
  readonly bottom: number
  readonly placed: ReadonlyArray<Placement>
}

export const layOut = (
  trace: FailureTrace,
  rows: ReadonlyArray<Row>,
  nameOf: (node: TraceNode) => string,
  width: number
): Layout => {
  const nodes = rows.flatMap(({ shows }) => (isLeftOut(shows) ? [] : [shows]))
  const from = nodes.reduce((least, node) => Math.min(least, node.from), trace.length)
  const end = nodes.reduce((most, node) => Math.max(most, node.to ?? trace.length), from)
  const to = end > from ? end : from + 1
  const names = widest(
    rows.map((row) => (isLeftOut(row.shows) ? 0 : row.depth * indent + 20 + textWidth(nameOf(row.shows), 12.5)))
  )
  const remarks = widest(rows.map((row) => textWidth(remarkIn(row), 12) * (isFirst(row) ? 1.06 : 1)))
  const room = width - 2 * margin
  const nameWidth = Math.min(Math.max(names, 100), room * 0.28)
  const remarkWidth = Math.min(remarks, room * 0.42)
  const chart = { from: margin + nameWidth + 20, to: width - margin - remarkWidth - (remarkWidth > 0 ? 22 : 8) }
  const x = (at: number) => chart.from + ((at - from) / (to - from)) * (chart.to - chart.from)
  const y = (row: number) => top + row * rowHeight + rowHeight / 2
  const bottom = top + rows.length * rowHeight
  const placed = rows.flatMap(({ depth, shows }, index): ReadonlyArray<Placement> => {
    if (isLeftOut(shows)) return []
    let last = index
    while (rows[last + 1] !== undefined && rows[last + 1]!.depth > depth) last++
    return [{ node: shows, y: y(index), lastY: y(last), end: shows.to ?? to }]
  })
  return { width, height: bottom + 66, chart, time: { from, to }, x, y, bottom, placed }
}

const widest = (widths: ReadonlyArray<number>): number => widths.reduce((a, b) => Math.max(a, b), 0)

/** What stands to the right of a line. */
export const remarkIn = ({ folded, shows }: Row): string =>
  isLeftOut(shows) ? countsOf(shows, "more") : remarkWith(shows, folded)

/** Whether a failure began with it. */
export const isFirst = ({ shows }: Row): boolean =>
  !isLeftOut(shows) && shows.failure !== undefined && shows.because === undefined
