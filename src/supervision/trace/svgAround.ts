/**
 * What stands around the lines of a picture: the time above them, and below them what the signs mean.
 *
 * The legend explains only what occurs in the picture.
 */
import type { TraceNode } from "./FailureTrace.ts"
import { type Layout, margin, top } from "./svgLayout.ts"
import { element, textWidth } from "./svgParts.ts"
import { sign } from "./svgTheme.ts"
import { label } from "./svgWords.ts"
import { duration, isJob } from "./words.ts"

export const axis = ({ bottom, chart, time, x }: Layout): string => {
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

export const legend = ({ bottom, placed, width }: Layout): string => {
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
            "supervisor: jobs fail alone"
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
