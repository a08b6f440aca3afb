/**
 * The marks of a picture: a bar for each life, a frame for what a scope holds, and the lines from each failure to whom it
 * ended.
 */
import type { TraceNode } from "./FailureTrace.ts"
import type { Placement } from "./svgLayout.ts"
import { element, px } from "./svgParts.ts"
import { sign } from "./svgTheme.ts"
import { isJob } from "./words.ts"

type X = (at: number) => number

/** What a scope holds, in a frame; a supervisor's is dashed. */
export const frame = ({ end, lastY, node, y }: Placement, x: X): string => {
  if (isJob(node) || lastY === y) return ""
  const from = x(node.from) - 6
  return element("rect", {
    x: from,
    y: y - 10,
    width: x(end) + 6 - from,
    height: lastY - y + 20,
    rx: 5,
    class: "line l-frame",
    "stroke-dasharray": node.kind === "coroutineScope" ? undefined : "4 3"
  })
}

/** A life: solid while it did its work, hollow while it was ending. */
export const bar = ({ end, node, y }: Placement, x: X): string => {
  const asked = Math.min(endingFrom(node) ?? end, end)
  const height = isJob(node) ? 12 : 5
  const shape = (from: number, to: number, look: { readonly [name: string]: string | number }) =>
    element("rect", {
      x: x(from),
      y: y - height / 2,
      width: Math.max(x(to) - x(from), 2),
      height,
      rx: height / 4,
      ...look
    })
  const worked = shape(node.from, asked, fillOf(node))
  return asked === end ? worked : worked + shape(asked, end, { class: `line l-${node.state}`, "stroke-width": 1.2 })
}

const fillOf = ({ state }: TraceNode): { readonly [name: string]: string } => {
  if (state === "cancelled") return { fill: "url(#hatch)" }
  if (state === "suspended") return { fill: "url(#dots)" }
  return state === "running" ? { class: "f-running", opacity: "0.7" } : { class: `f-${state}` }
}

/** From when on it was only ending. */
const endingFrom = ({ cancelAskedAt, failure }: TraceNode): number | undefined => {
  if (cancelAskedAt === undefined) return failure?.at
  return failure === undefined ? cancelAskedAt : Math.min(cancelAskedAt, failure.at)
}

/** From each who failed to those that ended because of it, at the moment they were told. */
export const arrows = (placed: ReadonlyArray<Placement>, x: X): string => {
  const byId = new Map(placed.map((placement) => [placement.node.id, placement]))
  const lines = new Map<string, { readonly at: number; readonly from: Placement; readonly to: Array<Placement> }>()
  for (const placement of placed) {
    const { because, cancelAskedAt, failure } = placement.node
    const from = because?.kind === "failure" ? byId.get(because.by) : undefined
    const at = endingFrom(placement.node) ?? cancelAskedAt ?? failure?.at
    if (from === undefined || at === undefined) continue
    const key = `${from.node.id} ${at}`
    const line = lines.get(key)
    if (line === undefined) lines.set(key, { at, from, to: [placement] })
    else line.to.push(placement)
  }
  const drawn = [...lines.values()].map(({ at, from, to }) => {
    const ys = [from.y, ...to.map(({ y }) => y)]
    const line = `M${px(x(at))} ${px(Math.min(...ys))}V${px(Math.max(...ys))}`
    return (
      element("path", { d: line, class: "line l-failed", "stroke-width": 1.6 }) +
      to.map(({ y }) => head(x(at), y, y > from.y ? 1 : -1)).join("")
    )
  })
  return [...drawn, ...placed.map((placement) => mark(placement, x, byId))].join("")
}

/** The head of an arrow that ends above (`1`) or below (`-1`) the disc on a line. */
const head = (at: number, y: number, down: 1 | -1): string =>
  element("path", { d: `M${px(at)} ${px(y - 6.5 * down)}l-3.6 ${-5 * down}h7.2Z`, class: "f-failed" })

/** Where it failed, was told to end, or was spared. */
const mark = ({ node, y }: Placement, x: X, byId: ReadonlyMap<number, Placement>): string => {
  if (node.failure !== undefined && node.because === undefined) {
    const at = x(node.failure.at)
    return (
      element("circle", { cx: at, cy: y, r: 7.5, class: "f-failed l-paper", "stroke-width": 1.5 }) +
      sign("failed", at, y, "paper")
    )
  }
  const asked = node.cancelAskedAt === undefined ? "" : disc(x(node.cancelAskedAt), y, "cancelled")
  if (node.state === "failed" && node.failure !== undefined) return asked + disc(x(node.failure.at), y, "failed")
  if (asked !== "") return asked
  const origin = node.spared === undefined ? undefined : byId.get(node.spared.id)?.node.failure
  if (origin === undefined) return ""
  return (
    element("circle", { cx: x(origin.at), cy: y, r: 7.5, class: "f-paper" }) +
    sign("spared", x(origin.at), y, "succeeded")
  )
}

const disc = (at: number, y: number, which: "failed" | "cancelled"): string =>
  element("circle", { cx: at, cy: y, r: 6.5, class: "f-paper" }) + sign(which, at, y)
