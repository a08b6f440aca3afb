/** The table that the bench prints, with the targets beside what was reached. */
import type { SystemName } from "./arms.ts"
import { systems } from "./arms.ts"
import type { Stretch } from "./child.ts"
import type { Measured } from "./measure.ts"
import { median } from "./statistics.ts"

const perSecond = ({ elapsed, orders }: Stretch) => (orders / elapsed) * 1000
const digits = (value: number) =>
  Number.isNaN(value) ? "–" : value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.1 ? 2 : 4)

/** The stretches of one system, so many in flight, by round. */
const stretches = (measured: Measured, name: SystemName, inFlight: number): ReadonlyArray<Stretch> =>
  (measured.rounds.get(name) ?? []).flatMap((round) => round.filter((each) => each.inFlight === inFlight))

/** The median over the rounds; not a number when nothing was measured. */
const figure = (measured: Measured, name: SystemName, inFlight: number, of: (stretch: Stretch) => number): number =>
  median(stretches(measured, name, inFlight).map(of))

/** How many times the orders per second of another: the median of the ratios within a round. */
export const ratio = (measured: Measured, name: SystemName, to: SystemName, inFlight: number): number => {
  const others = stretches(measured, to, inFlight)
  return median(
    stretches(measured, name, inFlight).flatMap((each, round) =>
      others[round] === undefined ? [] : [perSecond(each) / perSecond(others[round])]
    )
  )
}

export const printTable = (measured: Measured): void => {
  const header = ["", "orders/s", "", "", "× DBOS", "alone ms", "", "CPU ms", "commits", "per order", "", "bytes"]
  const below = ["in flight", "1", "50", "500", "at 50", "p50", "p99", "at 50", "1", "50", "500", "an order"]
  const rows = [...measured.rounds.keys()].map((name) => {
    const of = (inFlight: number, what: (stretch: Stretch) => number) => digits(figure(measured, name, inFlight, what))
    const counted = (inFlight: number) => measured.counted.get(name)?.find((each) => each.inFlight === inFlight)
    return [
      systems[name].name,
      ...[1, 50, 500].map((inFlight) => of(inFlight, perSecond)),
      digits(ratio(measured, name, "dbos", 50)),
      of(1, ({ p50 }) => p50),
      of(1, ({ p99 }) => p99),
      of(50, ({ cpu, orders }) => cpu / orders),
      ...[1, 50, 500].map((inFlight) => commitsOf(counted(inFlight))),
      counted(50)?.bytes.toFixed(0) ?? "–"
    ]
  })
  const widths = [29, 9, 8, 8, 9, 10, 8, 9, 15, 14, 14, 10]
  for (const row of [header, below, ...rows]) {
    const cells = row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
    console.log(`  ${cells.join("")}`)
  }
  for (const line of notes) console.log(`  ${line}`)
}

const notes = [
  "of two figures for commits the second leaves out those that only read; the CPU of PostgreSQL is in no figure",
  "why ours are there, alone: 1 the order and that charge begins; 2 that it is done, and reserve and notify begin;",
  "3 that both are done, and with it the end. What many orders write in the same turn is one commit: hence the rest."
]

/** All that were committed; where some only read, how many wrote stands behind the bar. */
const commitsOf = (counted: { readonly commits: number; readonly writes: number } | undefined): string => {
  if (counted === undefined) return "–"
  const { commits, writes } = counted
  return Math.abs(commits - writes) < 0.05 ? digits(writes) : `${digits(commits)} | ${digits(writes)}`
}

export const printTargets = (measured: Measured): void => {
  const fdatasync = median(measured.fdatasync)
  console.log("")
  const target = (what: string, reached: number, goal: number, isEnough: boolean) =>
    console.log(
      `  ${what.padEnd(64)} ${digits(reached).padStart(8)}  (goal ${digits(goal)}${isEnough ? "" : ", MISSED"})`
    )
  const ours = [
    { name: "sqlite", times: 15, above: 0.6 },
    { name: "postgres", times: 8, above: 1.2 }
  ] as const
  for (const { above, name, times } of ours) {
    if (!measured.rounds.has(name)) continue
    const called = systems[name].name
    const reached = ratio(measured, name, "dbos", 50)
    target(`${called}, × DBOS at 50 in flight, at least`, reached, times, reached >= times)
    const p50 = figure(measured, name, 1, (each) => each.p50)
    const most = 3 * fdatasync + above
    target(`${called}, alone p50 in ms, at most 3 × fdatasync + ${above}`, p50, most, p50 <= most)
    const p99 = figure(measured, name, 1, (each) => each.p99)
    target(`${called}, alone p99 in ms, at most`, p99, 5, p99 <= 5)
  }
}
