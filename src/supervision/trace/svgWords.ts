/**
 * The words of a picture: each fits its place, and where it was shortened, the whole of it is the tooltip.
 */
import type { TraceNode } from "./FailureTrace.ts"
import { isLeftOut, type Row } from "./rows.ts"
import { indent, isFirst, type Layout, margin, remarkIn } from "./svgLayout.ts"
import { element, fitting, safe } from "./svgParts.ts"
import { sign } from "./svgTheme.ts"
import { duration, isJob, oneLine } from "./words.ts"

interface Place {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly size?: number
  readonly class: string
  readonly anchor?: "middle" | "end"
}

/** A text that fits its place; the whole of it is the tooltip where it did not fit. */
export const label = (text: string, { anchor, size = 12, width, ...place }: Place): string => {
  const line = oneLine(text)
  const fits = fitting(line, width, size)
  const style = size === 12 ? undefined : `font-size:${size}px`
  const tooltip = fits === line ? "" : element("title", {}, safeLine(line))
  return element("text", { ...place, style, "text-anchor": anchor }, tooltip + safeLine(fits))
}

/** The words of one line: its sign and name, and what there is to say. */
export const words = (
  row: Row,
  { chart, time, width }: Layout,
  y: number,
  nameOf: (node: TraceNode) => string
): string => {
  const { depth, shows } = row
  const x = margin + depth * indent
  const remark = remarkIn(row)
  const remarkClass = isFirst(row) ? "f-failed scope" : "f-quiet"
  const right = label(remark, { x: chart.to + 18, y: y + 4, width: width - margin - chart.to - 18, class: remarkClass })
  if (isLeftOut(shows)) return label("…", { x: x + 2, y: y + 4, width: 20, class: "f-quiet" }) + right
  const nameClass = `f-ink${isJob(shows) ? "" : " scope"}`
  return element(
    "g",
    {},
    element("title", {}, safeLine(tooltip(shows, nameOf(shows), remark, time))),
    sign(shows.state, x + 7, y),
    label(nameOf(shows), { x: x + 20, y: y + 4.5, width: chart.from - x - 32, size: 12.5, class: nameClass }),
    ...(remark === "" ? [] : [right])
  )
}

const tooltip = (node: TraceNode, name: string, remark: string, time: Layout["time"]): string => {
  const ended = node.to === undefined ? "has not ended" : `to ${duration(node.to - time.from)}`
  return `${name} (${node.kind}), ${node.state}, from ${duration(node.from - time.from)} ${ended}${remark === "" ? "" : `: ${remark}`}`
}

/** Text for XML, whatever it holds. */
export const safeLine = (text: string): string => safe(oneLine(text))
