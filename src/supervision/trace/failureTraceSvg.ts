/**
 * A trace as a picture: one line for each scope and job, time from left to right, and a red line from each failure to
 * whom it ended.
 *
 * Not here: which lines are shown (`rows.ts`), the words (`words.ts`), the looks (`svgTheme.ts`), bars and arrows
 * (`svgMarks.ts`).
 */
import type { FailureTrace, TraceNode } from "./FailureTrace.ts"
import { allNodes, isLeftOut, type Row, rowsOf } from "./rows.ts"
import { arrows, bar, frame, type Placement } from "./svgMarks.ts"
import { element, fitting, safe, textWidth } from "./svgParts.ts"
import { definitions, sign, style, type Theme } from "./svgTheme.ts"
import { countsOf, duration, isJob, oneLine, remarkWith, summaryOf } from "./words.ts"

/** How a picture is made. */
export interface FailureTraceSvgOptions {
  /** The headline; else the name of the outermost scope. */
  readonly title?: string
  /** How a scope or job is called; else by its name. */
  readonly label?: (node: TraceNode) => string
  /** So many lines for scopes and jobs, 100 unless said otherwise; the rest is counted. */
  readonly rows?: number
  /** In pixels, 1200 unless said otherwise. */
  readonly width?: number
  readonly theme?: Theme
}

/**
 * The trace as an SVG timeline.
 *
 * **Details** — states are told by colour and by sign; what failed first has a red disc where it failed, a line leads from
 * it to everybody who was cancelled because of it, and a shield marks who was spared. Long names are shortened, with the
 * whole text as a tooltip. Readable on light and dark backgrounds.
 *
 * **Example**
 *
 * ```ts
 * const { trace } = yield* recordFailures(program)
 * yield* files.writeFileString("program.svg", failureTraceSvg(trace))
 * ```
 */
export const failureTraceSvg = (trace: FailureTrace, options: FailureTraceSvgOptions = {}): string => {
  const rows = rowsOf(trace, options.rows ?? 100)
  const nameOf = (node: TraceNode) => oneLine(options.label?.(node) ?? node.name)
  const layout = layOut(trace, rows, nameOf, options.width ?? 1200)
  const { height, width } = layout
  const headline = options.title ?? (trace.roots.length === 1 ? nameOf(trace.roots[0]!) : "Scopes and their jobs")
  const summary = summaryOf(trace, allNodes(trace))
  return element(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}`, role: "img" },
    element("title", {}, safeLine(headline)),
    element("desc", {}, safeLine(summary)),
    style(options.theme ?? "auto"),
    definitions,
    element("rect", { width, height, rx: 10, class: "f-paper" }),
    label(headline, { x: margin, y: 34, width: width - 2 * margin, size: 17, class: "f-ink scope" }),
    label(summary, { x: margin, y: 55, width: width - 2 * margin, class: "f-quiet" }),
    axis(layout),
    ...layout.placed.map((each) => frame(each, layout.x)),
    ...layout.placed.map((each) => bar(each, layout.x)),
    arrows(layout.placed, layout.x),
    ...rows.map((row, index) => words(row, layout, layout.y(index), nameOf)),
    legend(layout)
  )
}

const margin = 24
const top = 92
const rowHeight = 24
const indent = 14

interface Layout {
  readonly width: number
  readonly height: number
  readonly chart: { readonly from: number; readonly to: number }
  readonly time: { readonly from: number; readonly to: number }
  readonly x: (at: number) => number
  readonly y: (row: number) => number
  readonly bottom: number
  readonly placed: ReadonlyArray<Placement>
}

const layOut = (
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
  const remarkWidth = Math.min(remarks, room * 0.36)
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

// ── Words ────────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Place {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly size?: number
  readonly class: string
  readonly anchor?: "middle" | "end"
}

/** A text that fits its place; the whole of it is the tooltip where it did not fit. */
const label = (text: string, { anchor, size = 12, width, ...place }: Place): string => {
  const line = oneLine(text)
  const fits = fitting(line, width, size)
  const style = size === 12 ? undefined : `font-size:${size}px`
  const tooltip = fits === line ? "" : element("title", {}, safeLine(line))
  return element("text", { ...place, style, "text-anchor": anchor }, tooltip + safeLine(fits))
}

const remarkIn = ({ folded, shows }: Row): string =>
  isLeftOut(shows) ? countsOf(shows, "more") : remarkWith(shows, folded)

/** Whether a failure began with it. */
const isFirst = ({ shows }: Row): boolean =>
  !isLeftOut(shows) && shows.failure !== undefined && shows.because === undefined

const words = (row: Row, { chart, time, width }: Layout, y: number, nameOf: (node: TraceNode) => string): string => {
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

const safeLine = (text: string): string => safe(oneLine(text))

// ── Around the lines ─────────────────────────────────────────────────────────────────────────────────────────────────

const axis = ({ bottom, chart, time, x }: Layout): string => {
  const step = niceStep((time.to - time.from) / Math.max(2, Math.floor((chart.to - chart.from) / 72)))
  const ticks = Array.from({ length: Math.floor((time.to - time.from) / step + 1e-6) + 1 }, (_, index) => index * step)
  return element(
    "g",
    {},
    ...ticks.map((tick) => {
      const at = x(time.from + tick)
      const line = element("path", { d: `M${at.toFixed(1)} ${top - 8}V${bottom + 4}`, class: "line l-grid" })
      const text = tick === 0 ? "0" : duration(tick)
      return line + label(text, { x: at, y: top - 13, width: 80, size: 11, class: "f-quiet", anchor: "middle" })
    })
  )
}

/** 1, 2 or 5 of something, up to a minute; then minutes and hours as clocks have them. */
const niceStep = (atLeast: number): number => {
  const minute = 60_000
  const clock = [1, 2, 5, 10, 15, 30, 60, 120, 300, 720, 1440].map((minutes) => minutes * minute)
  const power = 10 ** Math.floor(Math.log10(Math.max(atLeast, 1e-3)))
  const decimal = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= atLeast * 0.999)!
  if (decimal <= 20_000) return decimal
  return atLeast <= 30_000
    ? 30_000
    : (clock.find((step) => step >= atLeast) ?? Math.ceil(atLeast / (1440 * minute)) * 1440 * minute)
}

const legend = ({ bottom, placed, width }: Layout): string => {
  const states = (["succeeded", "failed", "cancelled", "suspended", "running"] as const).filter((state) =>
    placed.some(({ node }) => node.state === state)
  )
  const kinds = new Set(placed.map(({ node }) => node.kind))
  const items: ReadonlyArray<readonly [draw: (x: number, y: number) => string, text: string]> = [
    ...states.map(
      (state) => [(x: number, y: number) => sign(state, x, y), state === "running" ? "still running" : state] as const
    ),
    ...(placed.some(({ node }) => node.spared !== undefined)
      ? [[(x: number, y: number) => sign("spared", x, y, "succeeded"), "spared: ran on when another failed"] as const]
      : []),
    ...(placed.some(({ node }) => node.because?.kind === "failure")
      ? [
          [
            (x: number, y: number) =>
              element("path", { d: `M${x - 6} ${y}H${x + 6}`, class: "line l-failed", "stroke-width": 1.6 }),
            "because of"
          ] as const
        ]
      : []),
    ...(placed.some(({ node }) => isJob(node) && endsSlowly(node))
      ? [
          [
            (x: number, y: number) =>
              element("rect", { x: x - 8, y: y - 5, width: 16, height: 10, rx: 2.5, class: "line l-cancelled" }),
            "ending: finalizers"
          ] as const
        ]
      : []),
    ...(kinds.has("supervisorScope") || kinds.has("Supervisor")
      ? [
          [
            (x: number, y: number) =>
              element("rect", {
                x: x - 8,
                y: y - 6,
                width: 16,
                height: 12,
                rx: 3,
                class: "line l-frame",
                "stroke-dasharray": "4 3"
              }),
            "supervisor: failures stop here"
          ] as const
        ]
      : [])
  ]
  const y = bottom + 38
  let x = margin
  const drawn = items.map(([draw, text]) => {
    const at = x
    x += 22 + textWidth(text, 11.5) + 16
    return x > width
      ? ""
      : draw(at + 8, y) + label(text, { x: at + 22, y: y + 4, width: 300, size: 11.5, class: "f-quiet" })
  })
  return element("g", {}, ...drawn)
}

const endsSlowly = ({ cancelAskedAt, failure, to }: TraceNode): boolean => {
  const asked = cancelAskedAt ?? failure?.at
  return asked !== undefined && to !== undefined && to > asked
}
