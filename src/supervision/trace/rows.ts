/**
 * Which scopes and jobs are shown when there are more than fit: what failed, what was cancelled because of it, what was
 * spared, then the others, outer ones before inner ones. What is left out is counted where it stood.
 */
import type { FailureTrace, TraceNode, TraceState } from "./FailureTrace.ts"

/** One line of a text or picture. */
export interface Row {
  readonly depth: number
  /** For each level down to it, whether more follows on that level. */
  readonly follows: ReadonlyArray<boolean>
  /** What it shows, or how much was left out here. */
  readonly shows: TraceNode | LeftOut
  /** What is in it, when nothing of that is shown. */
  readonly folded?: LeftOut
}

/** What was left out, by state. */
export interface LeftOut {
  readonly leftOut: ReadonlyMap<TraceState | "not kept", number>
}

export const isLeftOut = (shown: Row["shows"]): shown is LeftOut => "leftOut" in shown

interface Placed {
  readonly node: TraceNode
  readonly parent: Placed | undefined
  readonly depth: number
}

/** Everything in the trace, outer before inner; without recursion. */
export const allNodes = ({ roots }: Pick<FailureTrace, "roots">): ReadonlyArray<TraceNode> =>
  placed(roots).map(({ node }) => node)

const placed = (roots: ReadonlyArray<TraceNode>): ReadonlyArray<Placed> => {
  const all: Array<Placed> = []
  const next = roots.map((node): Placed => ({ node, parent: undefined, depth: 0 })).toReversed()
  for (let at = next.pop(); at !== undefined; at = next.pop()) {
    all.push(at)
    const { depth, node } = at
    for (const child of node.children.toReversed()) next.push({ node: child, parent: at, depth: depth + 1 })
  }
  return all
}

export const rowsOf = (trace: FailureTrace, max: number): ReadonlyArray<Row> => {
  const all = placed(trace.roots)
  const shown = all.length <= max ? new Set(all) : chosen(all, max)
  const leftOut = countLeftOut(all, shown)
  if (trace.omitted > 0) note(leftOut, undefined, "not kept", trace.omitted)
  return arranged(all, shown, leftOut)
}

const chosen = (all: ReadonlyArray<Placed>, max: number): ReadonlySet<Placed> => {
  const shown = new Set<Placed>()
  const show = (one: Placed): void => {
    const missing: Array<Placed> = []
    for (let at: Placed | undefined = one; at !== undefined && !shown.has(at); at = at.parent) missing.push(at)
    if (shown.size + missing.length <= max) for (const each of missing) shown.add(each)
  }
  const missing = () => all.filter((one) => !shown.has(one))
  for (const interest of [0, 1, 2]) {
    missing()
      .filter(({ node }) => interestOf(node) === interest)
      .forEach(show)
  }
  // The others level by level. A level that does not fit as a whole stays folded, unless the picture were empty then.
  for (let level = missing(), depth = 0; level.length > 0; depth++) {
    const here = level.filter((one) => one.depth === depth)
    if (depth > 0 && shown.size + here.length > max && shown.size > max / 2) break
    here.forEach(show)
    level = level.filter((one) => one.depth > depth)
  }
  return withOnlyOnes(all, shown)
}

/** Where a single one is left out, to say so would take the line that it needs. */
const withOnlyOnes = (all: ReadonlyArray<Placed>, shown: Set<Placed>): ReadonlySet<Placed> => {
  const leftOut = new Map<Placed, Array<Placed>>()
  for (const one of all) {
    const above = shown.has(one) ? undefined : shownAbove(one, shown)
    if (above !== undefined) leftOut.set(above, [...(leftOut.get(above) ?? []).slice(-1), one])
  }
  for (const [above, ones] of leftOut) {
    if (ones.length === 1 && above.node.omitted === undefined) shown.add(ones[0]!)
  }
  return shown
}

const shownAbove = (one: Placed, shown: ReadonlySet<Placed>): Placed | undefined => {
  let above = one.parent
  while (above !== undefined && !shown.has(above)) above = above.parent
  return above
}

const interestOf = ({ because, failure, spared, state }: TraceNode): number =>
  failure !== undefined && because === undefined ? 0 : state !== "succeeded" ? 1 : spared !== undefined ? 2 : 3

type LeftOutAt = Map<Placed | undefined, Map<TraceState | "not kept", number>>

const countLeftOut = (all: ReadonlyArray<Placed>, shown: ReadonlySet<Placed>): LeftOutAt => {
  const at: LeftOutAt = new Map()
  for (const one of all) {
    const above = shown.has(one) ? one : shownAbove(one, shown)
    if (!shown.has(one)) note(at, above, one.node.state, 1)
    if (one.node.omitted !== undefined) note(at, above, "succeeded", one.node.omitted)
  }
  return at
}

const note = (at: LeftOutAt, above: Placed | undefined, what: TraceState | "not kept", count: number): void => {
  const counts = at.get(above) ?? new Map<TraceState | "not kept", number>()
  at.set(above, counts.set(what, (counts.get(what) ?? 0) + count))
}

type Line = Omit<Row, "follows">

const arranged = (all: ReadonlyArray<Placed>, shown: ReadonlySet<Placed>, leftOut: LeftOutAt): ReadonlyArray<Row> => {
  const opened = new Set(all.filter((one) => shown.has(one)).map(({ parent }) => parent))
  const lines: Array<Line> = []
  const open: Array<Placed | undefined> = [undefined]
  const close = (depth: number): void => {
    while (open.length > depth) {
      const closing = open.pop()
      const counts = leftOut.get(closing)
      if (counts !== undefined && opened.has(closing)) lines.push({ depth: open.length, shows: { leftOut: counts } })
    }
  }
  for (const one of all) {
    if (!shown.has(one)) continue
    close(one.depth + 1)
    const folded = opened.has(one) ? undefined : leftOut.get(one)
    lines.push({ depth: one.depth, shows: one.node, ...(folded !== undefined && { folded: { leftOut: folded } }) })
    open.push(one)
  }
  close(0)
  return withFollows(lines)
}

/** From the last line to the first: a level goes on until a line above it in the tree ends it. */
const withFollows = (lines: ReadonlyArray<Line>): ReadonlyArray<Row> => {
  let going: ReadonlyArray<boolean> = []
  return lines
    .toReversed()
    .map((line) => {
      const follows = Array.from({ length: line.depth + 1 }, (_, level) => going[level] ?? false)
      going = [...follows.slice(0, line.depth), true]
      return { ...line, follows }
    })
    .toReversed()
}
