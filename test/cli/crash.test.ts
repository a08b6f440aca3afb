/**
 * `firebreak run`, killed with its process group at twenty random moments and started again with the same command.
 *
 * The witness is the world outside: what it was asked, what it did, and what is on its shelves is compared with what the
 * journal says. FIREBREAK_SEED repeats the moments of an earlier run.
 */
import { spawn } from "node:child_process"
import path from "node:path"
import { DatabaseSync } from "node:sqlite"
import { fileURLToPath } from "node:url"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type ExecutionHistory, visitSqlite } from "firebreak/journal"
import { anOrder, firebreak, jsonLines, makeFolder, ndjson } from "./command.ts"

const folder = makeFolder()
afterAll(folder.remove)

const kills = 20
const count = 600
const seed = Number(process.env["FIREBREAK_SEED"] ?? Math.floor(Math.random() * 1_000_000))

/** The same numbers for the same seed: who cares about their quality may look elsewhere. */
let state = seed
const random = () => (state = (state * 48_271 + 11) % 2_147_483_647) / 2_147_483_647

// Orders of 25.00 EUR: some are declined, some find the shelf empty, some have nobody to write to.
const written = Array.from({ length: count }, (_, n) =>
  anOrder(`o-${n}`, {
    customer: n % 7 === 0 ? {} : { email: n % 13 === 0 ? "bob@dead-mail.example" : "ann@example.com" },
    lines: [{ sku: n % 3 === 0 ? "RARE" : "MUG", quantity: 2, price: "12.50" }],
    payment: { method: n % 11 === 0 ? "pm_card_chargeDeclined" : "pm_card_visa" }
  })
)
const file = folder.write("orders.ndjson", ndjson(...written))
const stock = folder.write("stock.json", `{"RARE": 120, "MUG": 100000}`)
const faults =
  "payment.slow=1ms..40ms,inventory.slow=1ms..60ms,notification.slow=1ms..40ms,payment.lost=0.05,inventory.lost=0.05"
const journal = path.join(folder.path, ".firebreak", "journal.db")
const command = ["run", file, "--stock", stock, "--faults", faults, "--seed", String(seed), "--json"]

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url))
const compiled = fileURLToPath(new URL("../../node_modules/.cache/compiled", import.meta.url))

/** Starts the command in a process group of its own, and kills the group at a random moment of its first second. */
const killedRun = () =>
  new Promise<void>((resolve, reject) => {
    const child = spawn(process.execPath, ["--conditions=firebreak-source", main, ...command], {
      cwd: folder.path,
      detached: true,
      env: { ...process.env, NODE_COMPILE_CACHE: compiled }
    })
    const kill = () => {
      try {
        process.kill(-child.pid!, "SIGKILL")
      } catch {
        // it has ended by itself
      }
    }
    const after = random() * 700
    let isBegun = false
    child.stderr.on("data", () => {
      if (isBegun) return
      isBegun = true
      setTimeout(kill, after)
    })
    child.stdout.resume()
    child.on("error", reject)
    child.on("close", () => resolve())
  })

const outside = () => {
  const database = new DatabaseSync(path.join(folder.path, ".firebreak", "outside.db"), { readOnly: true })
  const all = (sql: string) => database.prepare(sql).all() as ReadonlyArray<Record<string, string | number>>
  const [ledger, shelves] = [all("SELECT * FROM ledger"), all("SELECT * FROM stock")]
  const held = all("SELECT goods FROM reservations WHERE status = 'held'")
  const asked = all("SELECT key, count(*) AS times FROM requests GROUP BY key")
  database.close()
  return { ledger, shelves, held, asked: new Map(asked.map(({ key, times }) => [String(key), Number(times)])) }
}

const histories = Effect.scoped(
  Effect.gen(function* () {
    const visit = yield* visitSqlite(journal)
    const all = yield* visit.list({ limit: 10_000 })
    return yield* Effect.forEach(all, ({ id }) => visit.show(id))
  })
)

const timesIn = (ledger: ReadonlyArray<Record<string, unknown>>) => {
  const times = new Map<string, number>()
  for (const { order_id, what } of ledger) times.set(`${order_id} ${what}`, (times.get(`${order_id} ${what}`) ?? 0) + 1)
  return (order: string, what: string) => times.get(`${order} ${what}`) ?? 0
}

describe(`firebreak run, killed ${kills} times (FIREBREAK_SEED=${seed})`, () => {
  it("ends every order, and journal, money, goods and letters agree", { timeout: 600_000 }, async () => {
    let inTheMiddle = 0
    for (let killed = 0; killed < kills; killed++) {
      await killedRun()
      if ((await endedSoFar()) < count) inTheMiddle++
    }
    assert.isAtLeast(inTheMiddle, kills / 2, "the orders were over too soon for the kills to mean anything")

    let last = await firebreak(command, { cwd: folder.path })
    const blocked = jsonLines(last).filter(({ outcome }) => outcome === "blocked")
    // Who was there three times in a row when the process was killed counts as the one who did it, until a person says
    // otherwise. That is rare here, and must not lose an order.
    for (const { order } of blocked) await firebreak(["retry", String(order)], { cwd: folder.path })
    if (blocked.length > 0) last = await firebreak(command, { cwd: folder.path })
    console.log(
      `${kills} kills, ${inTheMiddle} of them in the middle; seed ${seed}; ${last.err.trim().split("\n").at(-1)}`
    )

    const lines = new Map(jsonLines(last).map((line) => [String(line["order"]), line]))
    const strange = [...lines.values()].filter(({ outcome }) => outcome !== "completed" && outcome !== "refused")
    assert.deepStrictEqual(strange, [])
    assert.strictEqual(lines.size, count)
    compare(lines, await Effect.runPromise(histories))
  })
})

/** How many orders have ended; none where the journal was not even begun. */
const endedSoFar = () =>
  Effect.runPromise(
    Effect.scoped(Effect.flatMap(visitSqlite(journal), ({ counts }) => counts)).pipe(
      Effect.map((counts) => (counts.get("completed") ?? 0) + (counts.get("refused") ?? 0)),
      Effect.catchTag("JournalUnusable", () => Effect.succeed(0))
    )
  )

const compare = (lines: ReadonlyMap<string, Record<string, unknown>>, orders: ReadonlyArray<ExecutionHistory>) => {
  const { asked, held, ledger, shelves } = outside()
  const times = timesIn(ledger)
  const wrong: Array<string> = []
  const check = (holds: boolean, what: string) => void (holds || wrong.push(what))

  for (const { name, status, steps } of orders) {
    const line = lines.get(name)
    check(line?.["outcome"] === status, `${name}: the journal says ${status}, the command ${String(line?.["outcome"])}`)
    const [charged, refunded] = [times(name, "charged"), times(name, "refunded")]
    const [reserved, released] = [times(name, "reserved"), times(name, "released")]
    const [received, refused] = [times(name, "told: received"), times(name, "told: refused")]
    check(charged <= 1 && refunded <= charged, `${name}: charged ${charged} times, given back ${refunded} times`)
    check(charged - refunded === (status === "completed" ? 1 : 0), `${name} is ${status}: ${charged} − ${refunded}`)
    check(reserved - released === (status === "completed" ? 1 : 0), `${name} is ${status}: ${reserved} − ${released}`)
    check(received <= 1 && refused <= received, `${name}: ${received} letters, and ${refused} that it was refused`)
    check(status !== "completed" || refused === 0, `${name} is completed and was told that it is refused`)
    // A payment that a look had to void is followed by another one: of all charges at most one was done.
    const charges = steps.filter(({ step }) => step === "charge")
    const done = charges.filter(({ state }) => state === "done").length
    const undone = charges.filter(({ undo }) => undo === "undone").length
    check(
      done === charged && undone === refunded,
      `${name}: ${done} charges done, ${undone} undone; ${charged} and ${refunded} outside`
    )
    for (const { attempts, idempotencyKey, state, step } of steps) {
      const begun = asked.get(idempotencyKey) ?? 0
      check(begun <= attempts, `${name} ${step}: asked ${begun} times in ${attempts} recorded attempts`)
      if (step === "reserve")
        check((state === "done") === (reserved === 1), `${name}: reserve is ${state}, ${reserved} times`)
      if (step === "notify" && state !== "left") {
        check((state === "done") === (received === 1), `${name}: notify is ${state}, ${received} letters`)
      }
    }
  }
  check(orders.length === count, `the journal has ${orders.length} orders of ${count}`)
  check(
    ledger.every(({ currency, minor }) => minor === null || (minor === 2500 && currency === "EUR")),
    "an amount is not that of the order"
  )
  const taken = new Map<string, number>()
  for (const { goods } of held) {
    for (const [sku, quantity] of Object.entries(JSON.parse(String(goods)))) {
      taken.set(sku, (taken.get(sku) ?? 0) + Number(quantity))
    }
  }
  for (const { available, initial, sku } of shelves) {
    const left = Number(initial) - (taken.get(String(sku)) ?? 0)
    check(left === available && left >= 0, `${sku}: ${available} on the shelf where ${left} have to be`)
  }
  assert.deepStrictEqual(wrong, [])
}
