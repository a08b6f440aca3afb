/**
 * What a durable order costs: ours on SQLite and on PostgreSQL, beside DBOS and Effect's cluster engine on the same machine.
 *
 *   npm run bench:durable                all of it, about eight minutes (--rounds=5, --only=sqlite,dbos,…)
 *   npm run bench:durable -- --short     a quick look
 *   npm run bench:durable -- --scale     a million finished orders, many that sleep, many that were interrupted
 *   npm run bench:durable -- --profile   where the processor time of ours goes
 */
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { type SystemName, systems } from "./durable/arms.ts"
import { clear, measure, placeFor } from "./durable/measure.ts"
import { bringPeers } from "./durable/peers.ts"
import { profile } from "./durable/profile.ts"
import { printTable, printTargets } from "./durable/report.ts"
import { scale } from "./durable/scale.ts"
import { startServer } from "./durable/server.ts"
import { median } from "./durable/statistics.ts"

const rounds = Number(process.argv.find((argument) => argument.startsWith("--rounds="))?.slice("--rounds=".length) ?? 5)
const short = process.argv.includes("--short")
const only = process.argv
  .find((argument) => argument.startsWith("--only="))
  ?.slice("--only=".length)
  .split(",")
// The keys of `systems`, which `Object.keys` widens to strings.
const names = (Object.keys(systems) as Array<SystemName>).filter((name) => only?.includes(name) ?? true)

const few = { finished: 20_000, rounds: 1, milliseconds: 1_000, sleeping: [2_000], interrupted: 500 }
const many = { finished: 1_000_000, rounds: 5, milliseconds: 4_000, sleeping: [10_000, 100_000], interrupted: 10_000 }

const folder = mkdtempSync(path.join(tmpdir(), "firebreak-bench-"))
const server = await startServer()
try {
  if (process.argv.includes("--profile")) await profileOurs()
  else if (process.argv.includes("--scale")) await scale(short ? few : many, folder, server)
  else await compare()
} finally {
  await server.close()
  clear(folder)
}

async function compare(): Promise<void> {
  bringPeers()
  const began = performance.now()
  const plan = short
    ? { systems: names, rounds: 1, inFlight: [1, 50], milliseconds: 400, counted: 250, countedOfPeers: 0 }
    : { systems: names, rounds, inFlight: [1, 50, 500], milliseconds: 2_000, counted: 5_000, countedOfPeers: 1_000 }
  const measured = await measure(plan, folder, server)
  const seconds = ((performance.now() - began) / 1000).toFixed(0)
  console.log(`\ndurable orders of three steps, Node ${process.versions.node}, rounds: ${plan.rounds}, in ${seconds} s`)
  console.log(`fdatasync of 4 kB: ${median(measured.fdatasync).toFixed(2)} ms; ${await server.settings()}\n`)
  printTable(measured)
  if (short) console.log("  (a quick look: most of it is code that is not warm yet, so no targets)")
  else printTargets(measured)
}

async function profileOurs(): Promise<void> {
  const milliseconds = short ? 2_000 : 10_000
  for (const name of names.filter((name) => systems[name].isOurs)) {
    const place = await placeFor(systems[name], path.join(folder, `${name}.db`), server)
    await profile(systems[name], place, folder, 50, milliseconds)
  }
  await profile({ ...systems.sqlite, name: "firebreak in memory" }, { memory: true }, folder, 50, milliseconds)
}
