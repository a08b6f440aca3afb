/**
 * Where the processor time of one system goes: the functions with the most time of their own.
 *
 * The special rule: only the stretch that is measured is looked at, in a process whose code is warm by then.
 */
import { readFileSync } from "node:fs"
import path from "node:path"
import type { Place } from "./Arm.ts"
import type { System } from "./arms.ts"
import type { Stretch, Task } from "./child.ts"
import { child } from "./children.ts"

/** What the profiler writes: a tree of calls, and which of its nodes was on top at each sample. */
interface Profile {
  readonly nodes: ReadonlyArray<{
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }>
  readonly samples: ReadonlyArray<number>
  /** In microseconds, from the sample before to this one. */
  readonly timeDeltas: ReadonlyArray<number>
}

/** Runs the system for a while and prints what it spent its time on, per order. */
export const profile = async (
  system: System,
  place: Place,
  folder: string,
  inFlight: number,
  milliseconds: number
): Promise<void> => {
  const file = path.join(folder, "profile.json")
  const task: Task = {
    module: system.module.href,
    place,
    kind: "time",
    inFlight: [inFlight],
    milliseconds,
    profile: file
  }
  const [stretch] = await child<Stretch>(new URL("child.ts", import.meta.url), task)
  // Written by the profiler of this very node.
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, "utf8")) as Profile
  const frames = new Map(nodes.map(({ callFrame, id }) => [id, callFrame]))
  const byFunction = new Map<string, number>()
  const byPackage = new Map<string, number>()
  let busy = 0
  for (const [at, id] of samples.entries()) {
    const frame = frames.get(id)!
    if (frame.functionName === "(idle)") continue
    const time = timeDeltas[at] ?? 0
    busy += time
    add(byFunction, `${frame.functionName || "(anonymous)"}  ${placeOf(frame.url, frame.lineNumber)}`, time)
    add(byPackage, packageOf(frame.url, frame.functionName), time)
  }
  const { cpu, elapsed, orders } = stretch!
  const micros = ((cpu / orders) * 1000).toFixed(0)
  const rate = ((orders / elapsed) * 1000).toFixed(0)
  console.log(
    `\n${system.name}, ${inFlight} in flight, under the profiler: ${rate} orders/s, ${micros} µs of CPU per order`
  )
  const print = (times: Map<string, number>, most: number) => {
    const sorted = [...times].sort(([, a], [, b]) => b - a).slice(0, most)
    for (const [name, time] of sorted) console.log(`  ${((time / busy) * 100).toFixed(1).padStart(5)} %  ${name}`)
  }
  print(byPackage, 12)
  console.log("")
  print(byFunction, 25)
}

const add = (to: Map<string, number>, key: string, time: number) => to.set(key, (to.get(key) ?? 0) + time)

const placeOf = (url: string, line: number): string =>
  url === ""
    ? ""
    : `${url.replace(/^.*\/(node_modules|src|bench)\//, (_, folder) => (folder === "node_modules" ? "" : `${folder}/`))}:${line + 1}`

const packageOf = (url: string, name: string): string => {
  if (name.startsWith("(")) return name
  if (url === "") return "built into the engine"
  if (url.startsWith("node:")) return url.replace(/\/.*$/, "")
  const inside = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(?:dist|src)\/([^/]+)/.exec(url)
  if (inside !== null) return `${inside[1]}/${inside[2]}`
  const own = /\/(src|bench)\/(.*)\/[^/]+$/.exec(url)
  return own === null ? url : `${own[1]}/${own[2]}`
}
