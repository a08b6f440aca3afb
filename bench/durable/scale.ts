/**
 * How the journal grows: a million finished orders in it, many that sleep, many that a crash interrupted.
 *
 * The special rule: the same as for all figures here. What is compared is measured in turns, each in a fresh process.
 */
import path from "node:path"
import type { Place } from "./Arm.ts"
import { type System, type SystemName, systems } from "./arms.ts"
import type { Stretch, Task } from "./child.ts"
import { child } from "./children.ts"
import { fillWithFinished } from "./fill.ts"
import { placeFor } from "./measure.ts"
import type { Kept, Resumed, ScaleTask } from "./scaleChild.ts"
import type { Server } from "./server.ts"
import { median } from "./statistics.ts"

export interface ScalePlan {
  readonly finished: number
  readonly rounds: number
  readonly milliseconds: number
  /** So many sleep when the memory is looked at. */
  readonly sleeping: ReadonlyArray<number>
  readonly interrupted: number
}

export const scale = async (
  plan: ScalePlan,
  names: ReadonlyArray<SystemName>,
  folder: string,
  server: Server
): Promise<void> => {
  for (const name of names) {
    const system = systems[name]
    const place = (what: string) => placeFor(system, path.join(folder, `${name}-${what}.db`), server)
    console.log(`\n${system.name}`)
    const full = await place("full")
    await manyFinished(system, await place("empty"), full, plan)
    await interrupted(full, plan)
    await sleepers(await place("sleeping"), plan)
  }
}

const print = (what: string, figure: string) => console.log(`  ${what.padEnd(64)} ${figure}`)
const program = new URL("scaleChild.ts", import.meta.url)
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`

const manyFinished = async (system: System, empty: Place, full: Place, plan: ScalePlan): Promise<void> => {
  const run = async (place: Place) => {
    const { milliseconds } = plan
    const task: Task = { module: system.module.href, place, kind: "time", inFlight: [50], milliseconds }
    const [{ elapsed, orders }] = (await child<Stretch>(new URL("child.ts", import.meta.url), task)) as [Stretch]
    return (orders / elapsed) * 1000
  }
  await run(full) // so that there is a finished order to multiply
  const began = performance.now()
  await fillWithFinished(full, plan.finished)
  const seconds = ((performance.now() - began) / 1000).toFixed(0)
  const rates = { empty: [] as Array<number>, full: [] as Array<number> }
  for (let round = 0; round < plan.rounds; round++) {
    rates.empty.push(await run(empty))
    rates.full.push(await run(full))
  }
  const ratio = median(rates.full.map((rate, round) => rate / rates.empty[round]!))
  const missed = ratio >= 0.9 ? "" : ", MISSED"
  print("orders/s at 50 in flight, the journal nearly empty", median(rates.empty).toFixed(0))
  print(
    `the same with ${plan.finished.toLocaleString("en")} finished orders in it (filled in ${seconds} s)`,
    median(rates.full).toFixed(0)
  )
  print("ratio", `${ratio.toFixed(2)}  (goal 0.9${missed})`)
}

const interrupted = async (place: Place, { finished, interrupted: count }: ScalePlan): Promise<void> => {
  const interrupting: ScaleTask = { kind: "interrupt", place, count }
  await child(program, interrupting, [], "SIGKILL")
  const resuming: ScaleTask = { kind: "resume", place, count }
  const [resumed] = (await child<Resumed>(program, resuming)) as [Resumed]
  const { all, first, loaded, open, rss } = resumed
  const missed = first - loaded <= 1000 ? "" : ", MISSED"
  print(
    `${finished.toLocaleString("en")} finished, ${count.toLocaleString("en")} interrupted: program loaded after`,
    `${loaded.toFixed(0)} ms`
  )
  print("… then journal open after", `${(open - loaded).toFixed(0)} ms`)
  print("… then first progress after", `${(first - loaded).toFixed(0)} ms  (goal 1000${missed})`)
  print("… all of them ended after", `${(all - loaded).toFixed(0)} ms, most memory ${megabytes(rss)}`)
}

const sleepers = async (place: Place, plan: ScalePlan): Promise<void> => {
  const task: ScaleTask = { kind: "sleep", place, counts: [Math.ceil(plan.sleeping[0]! / 10), ...plan.sleeping] }
  const [first, ...later] = (await child<Kept>(program, task)) as [Kept, ...Array<Kept>]
  for (const kept of later) {
    const more = kept.sleeping - first.sleeping
    const each = ((kept.heap - first.heap) / more).toFixed(0)
    print(
      `${kept.sleeping.toLocaleString("en")} asleep (in memory: ${kept.inMemory})`,
      `heap ${megabytes(kept.heap)}, rss ${megabytes(kept.rss)}, ${each} B each  (goal 200)`
    )
  }
}
