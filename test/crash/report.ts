/** The words in which a crash run says what it did and what it found. */
import type { Violation } from "./check.ts"
import type { CrashReport } from "./tally.ts"

export const reportInWords = (name: string, seed: number, report: CrashReport): string => {
  const { acknowledged, ends, executions, kills, left, orders, retried, seconds, violations } = report
  const ended = [...ends].map(([status, count]) => `${count} ${status}`).join(", ")
  return [
    `${name}, seed ${seed}: ${kills} kills and ${left} departures in ${seconds.toFixed(0)} s`,
    `  orders       ${orders} asked for, ${acknowledged} acknowledged`,
    `  executions   ${executions}: ${ended}`,
    `  set aside    ${retried} times an execution was, for having been begun in vain again and again; tried again by hand`,
    `  steps        ${report.asked} attempts reached the outside, ${report.happened} effects, ${report.undone} of them taken back, ${report.looks} looks`,
    `  others       ${report.words} words, ${report.cancels} cancels`,
    `  goes on      ${times(report.fromStart)} after the start of a process, ${times(report.fromOpening)} after the opening of the journal`,
    `  violations   ${violations.length}`
  ].join("\n")
}

export const violationInWords = ({ diary, events, order, what }: Violation): string =>
  [
    ...what.map((each) => `${order ?? "the run"}: ${each}`),
    ...events.map((event) => `    ${event}`),
    ...diary.map((line) => `      ${line}`)
  ].join("\n")

const times = (all: ReadonlyArray<number>): string => {
  if (all.length === 0) return "never"
  const sorted = all.toSorted((a, b) => a - b)
  const at = (part: number) => `${sorted[Math.floor(part * (sorted.length - 1))]!.toFixed(0)} ms`
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, at most ${at(1)}`
}
