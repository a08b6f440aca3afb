/**
 * A trace as a picture: one line for each scope and job, time from left to right, and a red line from each failure to
 * whom it ended.
 *
 * Not here: which lines are shown (`rows.ts`), where they stand (`svgLayout.ts`), bars and arrows (`svgMarks.ts`), the
 * words (`svgWords.ts`), the looks (`svgTheme.ts`).
 */
import type { FailureTrace, TraceNode } from "./FailureTrace.ts"
import { allNodes, rowsOf } from "./rows.ts"
import { axis, legend } from "./svgAround.ts"
import { layOut, margin } from "./svgLayout.ts"
import { arrows, bar, frame } from "./svgMarks.ts"
import { element } from "./svgParts.ts"
import { definitions, style, type Theme } from "./svgTheme.ts"
import { label, safeLine, words } from "./svgWords.ts"
import { oneLine, summaryOf } from "./words.ts"

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
