/**
 * The child process in which one system is measured. It is told what to do by its one argument, and answers in JSON lines.
 *
 * The special rule: one system, one process. Its processor time, garbage and warm code are its own.
 */
import { writeFileSync } from "node:fs"
import { Session } from "node:inspector/promises"
import type { StartArm, Place } from "./Arm.ts"
import { countSqliteCommits } from "./sqliteCommits.ts"
import { endWithTheBench } from "./children.ts"
import { quantile } from "./statistics.ts"

export type Task = { readonly module: string; readonly place: Place } & (
  | {
      readonly kind: "time"
      readonly inFlight: ReadonlyArray<number>
      readonly milliseconds: number
      /** Writes a profile of the last stretch to this file. */
      readonly profile?: string
    }
  | { readonly kind: "count"; readonly inFlight: number; readonly orders: number }
)

/** What one stretch of orders came to. Times in milliseconds. */
export interface Stretch {
  readonly inFlight: number
  readonly orders: number
  readonly elapsed: number
  /** Processor time of this process, all threads. The server's is not in it. */
  readonly cpu: number
  readonly p50: number
  readonly p99: number
  /** SQLite only, and only when counting. */
  readonly commits: number | null
}

endWithTheBench()
const task = JSON.parse(process.argv[2]!) as Task
const commits = task.kind === "count" && "file" in task.place ? countSqliteCommits() : () => null
// Each module that `arms.ts` names exports `start`.
const { start } = (await import(task.module)) as { readonly start: StartArm }
const arm = await start(task.place)

let count = 0
const run = `${process.pid}-${Date.now()}`
const stretch = async (inFlight: number, isLast: (orders: number) => boolean): Promise<Stretch> => {
  const took: Array<number> = []
  const [commitsBefore, began, cpuBefore] = [commits(), performance.now(), process.cpuUsage()]
  let orders = 0
  await arm.run(
    inFlight,
    () => (isLast(orders) ? undefined : (orders++, `${run}-${count++}`)),
    (milliseconds) => took.push(milliseconds)
  )
  const elapsed = performance.now() - began
  const { system, user } = process.cpuUsage(cpuBefore)
  const commitsAfter = commits()
  return {
    inFlight,
    orders: took.length,
    elapsed,
    cpu: (system + user) / 1000,
    p50: quantile(took, 0.5),
    p99: quantile(took, 0.99),
    commits: commitsBefore === null || commitsAfter === null ? null : commitsAfter - commitsBefore
  }
}

const profiled = async (file: string, run: () => Promise<Stretch>): Promise<Stretch> => {
  const session = new Session()
  session.connect()
  await session.post("Profiler.enable")
  await session.post("Profiler.setSamplingInterval", { interval: 200 })
  await session.post("Profiler.start")
  const answer = await run()
  const { profile } = await session.post("Profiler.stop")
  writeFileSync(file, JSON.stringify(profile))
  return answer
}
const tell = (answer: Stretch) => console.log(JSON.stringify(answer))

if (task.kind === "time") {
  const lasting = (milliseconds: number) => {
    const until = performance.now() + milliseconds
    return () => performance.now() >= until
  }
  for (const inFlight of task.inFlight) {
    await stretch(inFlight, lasting(task.milliseconds / 3)) // so that its code is warm
    const measured = () => stretch(inFlight, lasting(task.milliseconds))
    tell(task.profile === undefined ? await measured() : await profiled(task.profile, measured))
  }
} else tell(await stretch(task.inFlight, (orders) => orders >= task.orders))

await arm.close()
process.exit(0)
