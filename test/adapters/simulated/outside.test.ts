/**
 * The simulated world in a file: it remembers what it did, whatever becomes of the process that asked.
 */
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { DatabaseSync } from "node:sqlite"
import { fileURLToPath } from "node:url"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { layerFile, Ledger, type SimulatedOptions } from "firebreak/adapters/simulated"
import {
  Charge,
  Inventory,
  Letter,
  Notifications,
  OrderLine,
  PaymentGateway,
  Sku,
  StepKey,
  Wanted
} from "firebreak/workflows"

const folder = mkdtempSync(path.join(tmpdir(), "firebreak-outside-"))
afterAll(() => rmSync(folder, { recursive: true }))

const key = (text: string) => StepKey.make(createHash("sha256").update(text).digest("hex"))
const price = { currency: "EUR", minor: 500 }
const charge = Schema.decodeSync(Charge)({ orderId: "1001", amount: price, method: "pm_card_visa" })
const line = Schema.decodeSync(OrderLine)({ sku: "MUG", quantity: 2, price })
const wanted = new Wanted({ orderId: charge.orderId, lines: [line] })
const letter = Schema.decodeSync(Letter)({ to: "ann@example.com", orderId: "1001", total: price })
const mugs = (count: number) => new Map([[Sku.make("MUG"), count]])

const open = (name: string, options: SimulatedOptions = {}) =>
  Effect.provide(layerFile({ ...options, file: path.join(folder, name) }), { local: true })

/** Reads the file as anybody may. */
const rows = (name: string, sql: string) => {
  const database = new DatabaseSync(path.join(folder, name), { readOnly: true })
  try {
    return database
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }))
  } finally {
    database.close()
  }
}

describe("the simulated world in a file", () => {
  it.effect("is found by the next run as it was left: keys, payments, shelves and letters", () =>
    Effect.gen(function* () {
      const once = Effect.gen(function* () {
        const gateway = yield* PaymentGateway
        const payment = yield* gateway.open(key("open"), charge)
        yield* gateway.confirm(key("confirm"), payment)
        const reservation = yield* Inventory.use((it) => it.reserve(key("reserve"), wanted))
        yield* Notifications.use((it) => it.orderReceived(key("letter"), letter))
        return { payment, reservation, trail: yield* Ledger.use((it) => it.trail) }
      })
      const options = { stock: mugs(3) }
      const first = yield* once.pipe(open("again.db", options))
      const second = yield* once.pipe(open("again.db", options))
      assert.deepStrictEqual(second, first)
      assert.deepStrictEqual(first.trail, ["1001 charged 5.00 EUR", "1001 reserved", "1001 told: received"])
      const shelves = yield* Ledger.use((it) => it.shelves).pipe(open("again.db"))
      assert.deepStrictEqual(shelves, [{ sku: Sku.make("MUG"), initial: 3, available: 1 }])
    })
  )

  it.effect("counts a shelf once: what a later list says of it is not followed", () =>
    Effect.gen(function* () {
      const shelves = Ledger.use((it) => it.shelves)
      yield* shelves.pipe(open("stock.db", { stock: mugs(3) }))
      const tea = [Sku.make("TEA"), 7] as const
      const later = yield* shelves.pipe(open("stock.db", { stock: new Map([...mugs(50), tea]) }))
      assert.deepStrictEqual(
        later.map(({ available, sku }) => [sku, available]),
        [["MUG", 3], [...tea]]
      )
    })
  )

  it.effect("keeps every request with key, time and answer, and what went wrong with it", () =>
    Effect.gen(function* () {
      yield* Effect.gen(function* () {
        const gateway = yield* PaymentGateway
        const payment = yield* gateway.open(key("open"), charge)
        yield* Effect.flip(gateway.confirm(key("confirm"), payment))
        yield* Effect.flip(Notifications.use((it) => it.orderReceived(key("letter"), letter)))
      }).pipe(open("requests.db", { faults: { "payment.confirm": { lost: 1 }, "notification.received": { down: 1 } } }))
      const requests = rows(
        "requests.db",
        "SELECT place, key, order_id, fault, answer IS NULL AS unanswered FROM requests"
      )
      const about = { order_id: "1001" }
      assert.deepStrictEqual(requests, [
        { ...about, place: "payment.open", key: key("open"), fault: null, unanswered: 0 },
        { ...about, place: "payment.confirm", key: key("confirm"), fault: "lost", unanswered: 0 },
        { ...about, place: "notification.received", key: key("letter"), fault: "down", unanswered: 1 }
      ])
    })
  )

  it.effect.each<readonly [string, string, string | undefined, string]>([
    [
      "a text",
      "text.db",
      "this is no database, and long enough to be looked at as one ".repeat(20),
      "file is not a database"
    ],
    ["a folder", ".", undefined, "unable to open database file"]
  ])("refuses %s in its place", ([, name, content, reason]) =>
    Effect.gen(function* () {
      if (content !== undefined) writeFileSync(path.join(folder, name), content)
      const error = yield* Effect.flip(Effect.void.pipe(open(name)))
      assert.strictEqual(error._tag, "OutsideUnusable")
      assert.include(error.message, reason)
    })
  )

  it.effect("refuses a database of something else, and one of a newer version, and leaves both as they are", () =>
    Effect.gen(function* () {
      for (const [name, sql, reason] of [
        ["other.db", "CREATE TABLE mine (a)", "it is a database of something else"],
        ["newer.db", "PRAGMA application_id = 1180847989; PRAGMA user_version = 99", "newer version of Firebreak"]
      ] as const) {
        const database = new DatabaseSync(path.join(folder, name))
        database.exec(sql)
        database.close()
        const error = yield* Effect.flip(Effect.void.pipe(open(name)))
        assert.include(error.message, reason)
        assert.notInclude(JSON.stringify(rows(name, "SELECT name FROM sqlite_schema")), "payments")
      }
    })
  )
})

describe("the simulated world in a file, when its process is killed", () => {
  it("has done everything that it answered, and nothing by halves", async () => {
    const name = "killed.db"
    const answers: Array<string> = []
    for (let run = 0; run < 6; run++) answers.push(...(await killedAfter(name, run * 100_000, 20 + run * 60)))
    assert.isAbove(answers.length, 100)

    const ledger = rows(name, "SELECT what || ' ' || order_id AS line FROM ledger").map(({ line }) => String(line))
    assert.deepStrictEqual(
      answers.filter((answer) => !ledger.includes(answer)),
      []
    )
    const halves = rows(
      name,
      `SELECT id FROM payments WHERE (status = 'taken') <> EXISTS (SELECT 1 FROM ledger WHERE what = 'charged' AND ref = id)
       UNION ALL SELECT id FROM reservations
         WHERE (status = 'released') <> EXISTS (SELECT 1 FROM ledger WHERE what = 'released' AND ref = id)
       UNION ALL SELECT sku FROM stock
         WHERE initial - available <> (SELECT count(*) FROM reservations WHERE status = 'held')`
    )
    assert.deepStrictEqual(halves, [])
  })
})

/** Starts the program, kills it when it has said so much, and answers the lines that it finished. */
const killedAfter = (name: string, from: number, lines: number): Promise<ReadonlyArray<string>> =>
  new Promise((resolve, reject) => {
    const program = fileURLToPath(new URL("outsideProgram.ts", import.meta.url))
    const args = ["--conditions=firebreak-source", program, path.join(folder, name), String(from)]
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
    let said = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text
      if (said.split("\n").length > lines) child.kill("SIGKILL")
    })
    child.on("error", reject)
    child.on("close", () => resolve(said.split("\n").slice(0, -1)))
  })
