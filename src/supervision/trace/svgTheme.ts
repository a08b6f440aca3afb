/**
 * How a picture looks: colours for light and dark, a sign for each state, patterns.
 *
 * No state is told by its colour alone: each has a sign before its name and a bar of its own kind.
 */
import type { TraceState } from "./FailureTrace.ts"
import { element } from "./svgParts.ts"

/** `auto` follows the reader's own setting, where the viewer can. */
export type Theme = "auto" | "light" | "dark"

type Colour = TraceState | "paper" | "ink" | "quiet" | "grid" | "frame"

const light: { readonly [C in Colour]: string } = {
  paper: "#ffffff",
  ink: "#1f2328",
  quiet: "#59636e",
  grid: "#e6eaee",
  frame: "#b6c0ca",
  succeeded: "#2f9e77",
  failed: "#cf222e",
  cancelled: "#7a8490",
  suspended: "#8250df",
  running: "#1f6feb"
}

const dark: { readonly [C in Colour]: string } = {
  paper: "#0d1117",
  ink: "#e6edf3",
  quiet: "#9aa4af",
  grid: "#21262d",
  frame: "#454d57",
  succeeded: "#3fb68b",
  failed: "#ff6b63",
  cancelled: "#8b949e",
  suspended: "#b083f0",
  running: "#539bf5"
}

const rules = (colours: typeof light): string =>
  Object.entries(colours)
    .map(([name, colour]) => `.f-${name}{fill:${colour}}.l-${name}{stroke:${colour}}`)
    .join("")

const font = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue','Noto Sans','DejaVu Sans',Arial,sans-serif"

export const style = (theme: Theme): string => {
  const colours = rules(theme === "dark" ? dark : light)
  const other = theme === "auto" ? `@media (prefers-color-scheme:dark){${rules(dark)}}` : ""
  return element(
    "style",
    {},
    `text{font-family:${font};font-size:12px}.line{fill:none}.scope{font-weight:600}${colours}${other}`
  )
}

const path = (d: string, width = 2) =>
  element("path", { d, fill: "none", "stroke-width": width, "stroke-linecap": "round", "stroke-linejoin": "round" })

/** Signs of 12 by 12 pixels around their middle; whoever uses one gives it its colour. */
const signs: { readonly [S in TraceState | "spared"]: string } = {
  succeeded: path("M-4 0.5L-1.2 3.5L4 -3.5"),
  failed: path("M-3.5 -3.5L3.5 3.5M3.5 -3.5L-3.5 3.5", 2.4),
  cancelled: element("circle", { r: 4.2, fill: "none", "stroke-width": 1.8 }) + path("M-2.9 2.9L2.9 -2.9", 1.8),
  suspended: path("M-2 -3.5V3.5M2 -3.5V3.5"),
  running: path("M-2.5 -3.8L3.2 0L-2.5 3.8Z"),
  spared: path("M0 -5L4.3 -3.2V0.4C4.3 3 2.3 4.6 0 5.4C-2.3 4.6 -4.3 3 -4.3 0.4V-3.2Z", 1.7)
}

const hatch = element(
  "pattern",
  { id: "hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
  element("rect", { width: 6, height: 6, class: "f-cancelled", opacity: "0.25" }),
  element("rect", { width: 2.5, height: 6, class: "f-cancelled" })
)

const dots = element(
  "pattern",
  { id: "dots", width: 6, height: 6, patternUnits: "userSpaceOnUse" },
  element("rect", { width: 6, height: 6, class: "f-suspended", opacity: "0.25" }),
  element("circle", { cx: 3, cy: 3, r: 1.5, class: "f-suspended" })
)

export const definitions: string = element(
  "defs",
  {},
  ...Object.entries(signs).map(([name, sign]) => element("g", { id: `sign-${name}` }, sign)),
  hatch,
  dots
)

export const sign = (which: keyof typeof signs, x: number, y: number, colour: string = which): string =>
  element("use", { href: `#sign-${which}`, x, y, class: `l-${colour}` })
