/**
 * Comparing programs in one process, turn by turn.
 *
 * Each round runs every program once, so that a machine that slows down slows all of them; a figure is the median over
 * the rounds, and a ratio is the median of the ratios within a round. Times are processor time, which
 * counts garbage collection and does not count what else the machine does. (mitata measures one program after the other, which
 * on a shared machine compares the weather.)
 */
import { Effect } from "effect"

export interface Case {
  readonly name: string
  readonly program: Effect.Effect<unknown, unknown>
}

export interface Comparison {
  readonly title: string
  /** What all others are divided by. */
  readonly baseline: Case
  readonly others: ReadonlyArray<Case & { readonly atMost?: number }>
  /** Runs of the program in one turn, and what one run counts as (jobs, scopes). */
  readonly runs: number
  readonly per?: number
}

const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]!
}

/** Processor time of one turn, in microseconds. */
const turn = async (program: Effect.Effect<unknown, unknown>, runs: number): Promise<number> => {
  const loop = Effect.gen(function* () {
    for (let i = 0; i < runs; i++) yield* Effect.exit(program)
  })
  const start = process.cpuUsage()
  await Effect.runPromise(loop)
  const { system, user } = process.cpuUsage(start)
  return user + system
}

export interface Row {
  readonly title: string
  readonly name: string
  readonly microseconds: number
  readonly ratio: number
  readonly atMost: number | undefined
}

/** Runs one comparison for so many rounds, after two that do not count. */
export const compare = async (comparison: Comparison, rounds: number): Promise<ReadonlyArray<Row>> => {
  const cases = [comparison.baseline, ...comparison.others]
  const times = cases.map((): Array<number> => [])
  const per = comparison.runs * (comparison.per ?? 1)
  for (let round = -2; round < rounds; round++) {
    for (const [index, each] of cases.entries()) {
      const elapsed = await turn(each.program, comparison.runs)
      if (round >= 0) times[index]!.push(elapsed / per)
    }
  }
  return cases.map(({ name }, index) => ({
    title: comparison.title,
    name,
    microseconds: median(times[index]!),
    ratio: median(times[index]!.map((time, round) => time / times[0]![round]!)),
    atMost: comparison.others[index - 1]?.atMost
  }))
}

export const printRows = (rows: ReadonlyArray<Row>): void => {
  let title = ""
  for (const row of rows) {
    if (row.title !== title) console.log(`\n${(title = row.title)}`)
    const limit =
      row.atMost === undefined ? "" : `  (at most ${row.atMost.toFixed(1)}${row.ratio <= row.atMost ? "" : ", MISSED"})`
    console.log(
      `  ${row.name.padEnd(44)} ${row.microseconds.toFixed(2).padStart(9)} µs  ${row.ratio.toFixed(2).padStart(5)} ×${limit}`
    )
  }
}
