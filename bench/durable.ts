/**
 * What a durable order costs: ours on SQLite and on PostgreSQL, beside DBOS and Effect's cluster engine on the same machine.
 *
 *   npm run bench:durable                all of it, about eight minutes (--rounds=5, --only=sqlite,dbos,…)
 *   npm run bench:durable -- --short     a quick look
 *   npm run bench:durable -- --scale     a million finished orders, many that sleep, many that were interrupted
 *   npm run bench:durable -- --profile   where the processor time of ours goes
 *
 * The last full run: Node 26.10, 2 cores, PostgreSQL 18.4 with fsync and synchronous_commit on, fdatasync 0.96 ms. The
 * machine did much else besides, so orders and milliseconds are worth little here, and the ratios are what to read.
 *
 *                                 orders/s, in flight    × DBOS     alone, ms       CPU, ms    commits per order ¹        bytes per
 *                                   1      50     500      at 50    p50     p99       at 50      1       50      500          order
 *   firebreak on SQLite           149   1,290   1,123       20.6    2.49    24.2       0.33    3.01   0.0616   0.0072          1,151
 *   DBOS 5.3 on PostgreSQL          9      45      59       1.00     101     236       4.85    14.4     14.1     14.0          1,860
 *   firebreak on PostgreSQL        27     462     662        8.4    34.8     121       0.33    4.03   0.0606   0.0062          2,010
 *   Effect cluster, PostgreSQL      6      16      32       0.33     168     222       13.6    25.8     16.6     20.0          3,359
 *   Effect cluster, SQLite          7      14      17       0.30     132     238       13.1    19.1     16.1     16.0          2,937
 *
 *   ¹ Those that only read included: DBOS writes in 5 of its 14, ours on PostgreSQL alone in 3 of its 4. Ours, alone: the
 *   order and that its first step begins; that it is done and two more begin; that both are done, and with it the end.
 *
 * Goals at 50 in flight: 15 × DBOS on SQLite, 8 × on PostgreSQL. Alone: p50 within 3 × fdatasync + 0.6 ms on SQLite and
 * + 1.2 ms on PostgreSQL, p99 within 5 ms; on a machine with nothing else to do.
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

const ours = names.filter((name) => systems[name].isOurs)

const few = { finished: 20_000, rounds: 1, milliseconds: 1_000, sleeping: [2_000], interrupted: 500 }
const many = { finished: 1_000_000, rounds: 5, milliseconds: 4_000, sleeping: [10_000, 100_000], interrupted: 10_000 }

const folder = mkdtempSync(path.join(tmpdir(), "firebreak-bench-"))
process.once("exit", () => clear(folder))
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(130))
const server = await startServer()
try {
  if (process.argv.includes("--profile")) await profileOurs()
  else if (process.argv.includes("--scale")) await scale(short ? few : many, ours, folder, server)
  else await compare()
} finally {
  await server.close()
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
  for (const name of ours) {
    const place = await placeFor(systems[name], path.join(folder, `${name}.db`), server)
    await profile(systems[name], place, folder, 50, milliseconds)
  }
  await profile({ ...systems.sqlite, name: "firebreak in memory" }, { memory: true }, folder, 50, milliseconds)
}
