/**
 * Kills a process that runs orders, with `kill -9`, at random moments, and looks whether anything was lost or done twice.
 *
 *   npm run crash                       200 kills on each store
 *   npm run crash -- --kills 1000 --store sqlite --seed 7 --in-flight 60
 *
 * The seed decides the orders, what the outside does and when processes are killed; not how fast they run. Exits with 1
 * if something that must hold does not, and shows the events of each execution concerned.
 */
import { parseArgs } from "node:util"
import { startPostgres } from "../support/postgres.ts"
import { crash, type CrashOptions } from "./crash.ts"
import { reportInWords, violationInWords } from "./report.ts"

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    store: { type: "string", default: "both" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    "in-flight": { type: "string", default: "40" }
  }
})
const numberOf = (name: "kills" | "seed" | "in-flight"): number => {
  const number = Number(values[name])
  if (Number.isInteger(number) && number >= 0) return number
  throw new Error(`--${name} is "${values[name]}": it must be a whole number`)
}
const stores = values.store === "both" ? ["sqlite", "postgres"] : [values.store]
if (!stores.every((store) => store === "sqlite" || store === "postgres"))
  throw new Error(`--store is "${values.store}": it must be sqlite, postgres or both`)

// Ends by way of `process.exit`, so that the process that is to be killed and its files go with this one.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130))

const seed = numberOf("seed")
const kills = numberOf("kills")
const options: CrashOptions = {
  kills,
  seed,
  inFlight: numberOf("in-flight"),
  lasting: [5, 400],
  killed: (count) => {
    if (count % 20 === 0) console.error(`  ${count} of ${kills} kills`)
  }
}
console.error(`seed ${seed}`)
let violations = 0
for (const store of stores) {
  const server = store === "postgres" ? await startPostgres({ durable: true }) : undefined
  try {
    const report = await crash(server === undefined ? "sqlite" : { url: await server.database() }, options)
    for (const violation of report.violations.slice(0, 20)) console.log(violationInWords(violation))
    console.log(reportInWords(store, seed, report))
    violations += report.violations.length
  } finally {
    await server?.stop()
  }
}
process.exit(violations === 0 ? 0 : 1)
