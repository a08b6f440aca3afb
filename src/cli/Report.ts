/**
 * What a person reads when a run is over: what did not complete and why, then a table of outcomes with their sums.
 *
 * Not here: counting (`Tally.ts`), and the lines for programs (`Outcome.ts`).
 */
import { type Ended, type Outcome, outcomes } from "./Outcome.ts"
import { printable } from "./printable.ts"
import type { Screen } from "./Screen.ts"
import { nameOf } from "./sources.ts"
import { listed, type Tally } from "./Tally.ts"

/** The report of a run. Ends without a new line. */
export const report = (tally: Tally, screen: Screen): string =>
  [...troubles(tally, screen), ...table(tally, screen), ...remarks(tally)].join("\n")

/** What is said instead of a report when the files hold nothing to report on. */
export const noOrders = (files: ReadonlyArray<string>): string => `no orders in ${files.map(named).join(", ")}`

/** A file as a report names it. */
export const named = (path: string): string => printable(nameOf(path))

const colours: { readonly [_ in Outcome]: number } = {
  valid: 32,
  completed: 32,
  refused: 33,
  rejected: 33,
  skipped: 90,
  cancelled: 33,
  failed: 31,
  stuck: 31,
  blocked: 31,
  waiting: 33
}

const painted = (outcome: Outcome, text: string, { isLive }: Screen) =>
  isLive ? `\u001b[${colours[outcome]}m${text}\u001b[0m` : text

const troubles = (tally: Tally, screen: Screen): ReadonlyArray<string> => {
  if (tally.troubles.length === 0) return []
  const rows = [...tally.troubles].sort(byPlace).map((one) => ({
    one,
    place: printable(`${one.file}:${one.line}`),
    order: printable(one.order ?? "–", 40)
  }))
  const [place, order] = [rows.map((row) => row.place), rows.map((row) => row.order)].map(widest)
  return [
    ...rows.map((row) => {
      const outcome = painted(row.one.outcome, row.one.outcome.padEnd(9), screen)
      return `${row.place.padEnd(place ?? 0)}  ${row.order.padEnd(order ?? 0)}  ${outcome}  ${why(row.one)}`.trimEnd()
    }),
    ...(tally.notListed > 0 ? [`… and ${tally.notListed} more: these are the first ${listed}, --json lists all`] : []),
    ""
  ]
}

const byPlace = (a: Ended, b: Ended) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1)

const why = ({ error, undone }: Ended): string => {
  const takenBack = undone === undefined ? [] : [`taken back: ${undone.join(", ")}`]
  return [...(error === undefined ? [] : [printable(error.message)]), ...takenBack].join("; ")
}

const table = (tally: Tally, screen: Screen): ReadonlyArray<string> => {
  const currencies = [...tally.currencies].sort()
  const there = outcomes.filter((outcome) => tally.count(outcome) > 0)
  const head = ["outcome", "orders", ...currencies]
  const rows = there.map((outcome) => [
    outcome,
    String(tally.count(outcome)),
    ...currencies.map((currency) => tally.sum(outcome, currency) ?? "")
  ])
  const all = [head, ...rows, ["total", String(tally.ended)]]
  const widths = head.map((_, column) => widest(all.map((row) => row[column] ?? "")))
  const line = ([name = "", ...cells]: ReadonlyArray<string>) =>
    [name.padEnd(widths[0] ?? 0), ...cells.map((cell, column) => cell.padStart(widths[column + 1] ?? 0))]
      .join("  ")
      .trimEnd()
  const rule = "─".repeat(
    Math.min(
      widths.reduce((sum, width) => sum + width + 2, -2),
      screen.columns
    )
  )
  return [
    line(head),
    rule,
    ...rows.map((row, at) => painted(there[at] ?? "stuck", line(row), screen)),
    rule,
    line(["total", String(tally.ended)])
  ]
}

const remarks = (tally: Tally): ReadonlyArray<string> => [
  ...(tally.notTold === 0 ? [] : [`${tally.notTold} of the completed orders: the customer could not be told`]),
  ...(tally.perhapsTold === 0
    ? []
    : [`${tally.perhapsTold} of the completed orders: nobody knows whether the customer was told`]),
  ...(tally.tried === 0 ? [] : [`of ${tally.tried === 1 ? "1 order" : `${tally.tried} orders`} ${inJournal(tally)}`])
]

/** What the journal knew of the orders when the run came to them. */
const inJournal = ({ found }: Tally): string => {
  const were = (count: number, what: string) => `${count} ${count === 1 ? "was" : "were"} ${what}`
  return `${were(found.finished, "found finished")}, ${were(found.resumed, "resumed")}, ${were(found.new, "new")}`
}

const widest = (texts: ReadonlyArray<string>) => Math.max(0, ...texts.map((text) => text.length))
