/**
 * Measuring all systems in turns: first with the clock, then once more for what is counted.
 *
 * The special rule: in each round every system has its turn, in the same order, each in a fresh process. So a machine
 * that slows down slows all of them, and a ratio is taken within a round.
 */
import { rmSync, statSync } from "node:fs"
import path from "node:path"
import type { Place } from "./Arm.ts"
import { type System, type SystemName, systems } from "./arms.ts"
import type { Stretch, Task } from "./child.ts"
import { child } from "./children.ts"
import { fdatasyncTime } from "./disk.ts"
import type { Server } from "./server.ts"

export interface Plan {
  readonly systems: ReadonlyArray<SystemName>
  readonly rounds: number
  readonly inFlight: ReadonlyArray<number>
  /** How long each stretch lasts. */
  readonly milliseconds: number
  /** Orders that are counted, of ours. */
  readonly counted: number
  /** The same of the peers, which are slower. */
  readonly countedOfPeers: number
}

/** What a system wrote for each order, so many in flight. */
export interface Counted {
  readonly inFlight: number
  readonly commits: number
  /** Of those, the ones that wrote. The same number on SQLite, where nothing else is counted. */
  readonly writes: number
  readonly bytes: number
}

export interface Measured {
  /** By round: the stretches in order of `inFlight`. */
  readonly rounds: ReadonlyMap<SystemName, ReadonlyArray<ReadonlyArray<Stretch>>>
  readonly counted: ReadonlyMap<SystemName, ReadonlyArray<Counted>>
  /** By round, in milliseconds. */
  readonly fdatasync: ReadonlyArray<number>
}

const program = new URL("child.ts", import.meta.url)

export const measure = async (plan: Plan, folder: string, server: Server): Promise<Measured> => {
  const places = new Map<SystemName, Place>()
  for (const name of plan.systems)
    places.set(name, await placeFor(systems[name], path.join(folder, `${name}.db`), server))

  const rounds = new Map<SystemName, Array<ReadonlyArray<Stretch>>>(plan.systems.map((name) => [name, []]))
  const fdatasync: Array<number> = []
  for (let round = 0; round < plan.rounds; round++) {
    fdatasync.push(fdatasyncTime(folder))
    for (const [name, place] of places) {
      const { inFlight, milliseconds } = plan
      const task: Task = { module: systems[name].module.href, place, kind: "time", inFlight, milliseconds }
      rounds.get(name)!.push(await child<Stretch>(program, task))
    }
  }

  const counted = new Map<SystemName, ReadonlyArray<Counted>>()
  for (const [name, place] of places) counted.set(name, await count(systems[name], place, plan, server))
  return { rounds, counted, fdatasync }
}

/** A new and empty place for a system. */
export const placeFor = async (system: System, file: string, server: Server): Promise<Place> =>
  system.store === "sqlite" ? { file } : { url: await server.database() }

/** A process that runs no order tells what starting and ending takes; that is taken off. */
const count = async (system: System, place: Place, plan: Plan, server: Server): Promise<Array<Counted>> => {
  const look = async () =>
    "url" in place
      ? server.counts(place.url)
      : { commits: 0, writes: 0, bytes: "file" in place ? bytesOf(place.file) : 0 }
  const run = async (inFlight: number, orders: number) => {
    const task: Task = { module: system.module.href, place, kind: "count", inFlight, orders }
    const before = await look()
    const [stretch] = await child<Stretch>(program, task)
    const after = await look()
    const own = stretch!.commits
    return {
      commits: own ?? after.commits - before.commits,
      writes: own ?? after.writes - before.writes,
      bytes: after.bytes - before.bytes
    }
  }
  const most = system.isOurs ? plan.counted : plan.countedOfPeers
  if (most === 0) return []
  const idle = await run(1, 0)
  const found: Array<Counted> = []
  for (const inFlight of plan.inFlight) {
    const orders = Math.max(inFlight, Math.ceil(most * (inFlight === 1 ? 0.1 : 1)))
    const { bytes, commits, writes } = await run(inFlight, orders)
    found.push({
      inFlight,
      commits: (commits - idle.commits) / orders,
      writes: (writes - idle.writes) / orders,
      bytes: (bytes - idle.bytes) / orders
    })
  }
  return found
}

const bytesOf = (file: string): number => {
  const size = (of: string) => statSync(of, { throwIfNoEntry: false })?.size ?? 0
  return size(file) + size(`${file}-wal`)
}

/** Empties the folder of what a run has left there. */
export const clear = (folder: string): void => rmSync(folder, { recursive: true, force: true })
