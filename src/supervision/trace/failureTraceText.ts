/**
 * A trace as a text: a tree for terminals and tests, then what each failure did to the others.
 *
 *   ✓ succeeded   ✗ failed   ⊘ cancelled   ‖ suspended   ▸ still running
 */
import type { BlastRadius, FailureTrace, TraceNode, TraceState } from "./FailureTrace.ts"
import { isLeftOut, type Row, rowsOf } from "./rows.ts"
import { countsOf, duration, grouped, isJob, named, oneLine, remarkWith } from "./words.ts"

/** How much of a trace is shown. */
export interface FailureTraceTextOptions {
  /** So many lines for scopes and jobs, 200 unless said otherwise; the rest is counted. */
  readonly rows?: number
}

/**
 * The trace as a tree, one line for each scope and job, and the blast radius of each failure below it.
 *
 * **Details** — the same trace gives the same text, so that a test can compare it whole. No control characters, whatever
 * names and messages hold.
 *
 * **Example**
 *
 * ```
 * ✗ order           0ms–30ms  failed because of reserve
 * ├─ ✗ reserve      0ms–20ms  failed first: OutOfStock: MUG-1
 * └─ ⊘ notify       0ms–30ms  cancelled because of reserve
 *
 * order / reserve failed first after 20ms: OutOfStock: MUG-1
 *   brought down: order
 *   cancelled: order / notify
 * ```
 */
export const failureTraceText = (trace: FailureTrace, options?: FailureTraceTextOptions): string => {
  const rows = rowsOf(trace, options?.rows ?? 200)
  const names = rows.map((row) => `${branch(row)}${title(row)}`)
  const times = rows.map(({ shows }) => (isLeftOut(shows) ? "" : span(shows)))
  const nameWidth = widest(names.filter((_, index) => !isLeftOut(rows[index]!.shows)))
  const timeWidth = widest(times)
  const tree = rows.map(({ folded, shows }, index) => {
    const remark = isLeftOut(shows) ? "" : remarkWith(shows, folded)
    return `${padded(names[index]!, nameWidth)}  ${padded(times[index]!, timeWidth)}  ${remark}`.trimEnd()
  })
  return [...tree, ...blasts(trace.blastRadius)].join("\n")
}

const signs: { readonly [S in TraceState]: string } = {
  running: "▸",
  succeeded: "✓",
  failed: "✗",
  cancelled: "⊘",
  suspended: "‖"
}

const branch = ({ depth, follows }: Row): string => {
  if (depth === 0) return ""
  const above = follows.slice(1, depth).map((more) => (more ? "│  " : "   "))
  return `${above.join("")}${follows[depth] === true ? "├─ " : "└─ "}`
}

const title = ({ shows }: Row): string =>
  isLeftOut(shows)
    ? `… and ${countsOf(shows, "more")}`
    : `${signs[shows.state]} ${named(shows.name)}${isJob(shows) ? "" : kindOf(shows)}`

const kindOf = ({ kind, name }: TraceNode): string =>
  kind === "coroutineScope" || name === "supervisor" ? "" : " (supervisor)"

const span = ({ from, to }: TraceNode): string => `${duration(from)}–${to === undefined ? "" : duration(to)}`

const blasts = (all: ReadonlyArray<BlastRadius>): ReadonlyArray<string> => {
  const more = all.length > 20 ? ["", `… and ${grouped(all.length - 20)} more failures`] : []
  return [...all.slice(0, 20).flatMap(blast), ...more]
}

const blast = (blast: BlastRadius): ReadonlyArray<string> => {
  const { at, broughtDown, cancelled, error, failed, spared, sparedCount } = blast
  const common = commonStart([failed, ...broughtDown, ...cancelled, ...spared])
  const some = (what: string, paths: ReadonlyArray<string>, count: number): ReadonlyArray<string> => {
    if (count === 0) return []
    const shown = paths.slice(0, 10).map((path) => named(path.slice(common)))
    return [`  ${what}: ${shown.join(", ")}${count > 10 ? ` and ${grouped(count - 10)} more` : ""}`]
  }
  return [
    "",
    `${oneLine(failed)} failed first after ${duration(at)}: ${oneLine(error)}`,
    ...some("brought down", broughtDown, broughtDown.length),
    ...some("cancelled", cancelled, cancelled.length),
    ...some("spared", spared, sparedCount)
  ]
}

/** The length of the way that all paths share, their last names aside. */
const commonStart = (paths: ReadonlyArray<string>): number => {
  const steps = paths.map((path) => path.split(" / ").slice(0, -1))
  const [first = [], ...others] = steps
  const apart = first.findIndex((step, index) => others.some((other) => other[index] !== step))
  const shared = first.slice(0, apart === -1 ? Math.min(...steps.map((each) => each.length)) : apart)
  return shared.reduce((length, step) => length + step.length + " / ".length, 0)
}

// ── Columns of a terminal ────────────────────────────────────────────────────────────────────────────────────────────

const widest = (texts: ReadonlyArray<string>): number =>
  texts.reduce((widest, text) => Math.max(widest, width(text)), 0)

const padded = (text: string, to: number): string => text + " ".repeat(Math.max(0, to - width(text)))

/** East Asian letters and pictures take two columns, marks that combine none. */
const width = (text: string): number => {
  let columns = 0
  for (const char of text) columns += combining.test(char) ? 0 : wide.test(char) ? 2 : 1
  return columns
}

const combining = /^(?:\p{Mn}|\u200D)$/u
const wide =
  /^[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\p{Emoji_Presentation}]$/u
