/**
 * The example files hold what their README says of them.
 */
import { readdirSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Accepted } from "firebreak/adapters/order-files"
import { parseStock } from "../../../src/adapters/simulated/Stock.ts"
import { digitsOf } from "../../../src/workflows/Money.ts"
import { contentOf, read, told } from "./reading.ts"

const readExample = (name: string) =>
  read(contentOf(`examples/orders/${name}`), { file: name, paymentMethod: "pm_card_visa" })

const accepted = (name: string) =>
  Effect.map(readExample(name), (answers) => answers.filter((answer): answer is Accepted => answer._tag === "Accepted"))

describe("orders.ndjson", () => {
  it.effect("has 72 orders to run, and eight lines that say why they are not", () =>
    Effect.gen(function* () {
      const answers = yield* readExample("orders.ndjson")
      assert.strictEqual(answers.filter((answer) => answer._tag === "Accepted").length, 72)
      assert.deepStrictEqual(
        answers
          .filter((answer) => answer._tag !== "Accepted")
          .map(told)
          .map((line) => line.replace(/:.*/, "")),
        [
          "15 rejected 2024-1101 total",
          "22 rejected null order",
          "26 rejected 2024-1103 lines[0].quantity",
          "34 skipped 2024-1007 already read at line 7",
          "38 rejected 2024-1104 lines[0].price",
          "47 rejected 2024-1105 currency",
          "59 rejected 2024-1010 id",
          "66 rejected 2024-1106 payment"
        ]
      )
    })
  )

  it.effect("has ten currencies with no, two and three digits after the point", () =>
    Effect.gen(function* () {
      const currencies = new Set((yield* accepted("orders.ndjson")).map(({ order }) => order.total.currency))
      assert.strictEqual(currencies.size, 10)
      assert.deepStrictEqual(new Set([...currencies].map(digitsOf)), new Set([0, 2, 3]))
    })
  )

  it.effect("has declined cards, empty shelves, and mail servers that do not answer", () =>
    Effect.gen(function* () {
      const orders = (yield* accepted("orders.ndjson")).map(({ order }) => order)
      const stock = yield* parseStock(Buffer.from(contentOf("examples/orders/stock.json")).toString())
      const empty = orders.filter((order) =>
        order.lines.some((line) => (stock.get(line.sku) ?? Infinity) < line.quantity)
      )
      const declined = new Set(orders.map((order) => order.payment.method).filter((method) => /Declined/.test(method)))
      assert.strictEqual(empty.length, 5)
      assert.deepStrictEqual([...declined].toSorted(), [
        "pm_card_chargeDeclined",
        "pm_card_chargeDeclinedExpiredCard",
        "pm_card_visa_chargeDeclinedInsufficientFunds"
      ])
      assert.strictEqual(orders.filter((order) => order.customer.email?.endsWith("dead-mail.example")).length, 5)
      assert.strictEqual(orders.filter((order) => order.customer.email === undefined).length, 2)
    })
  )
})

describe("orders.csv", () => {
  it.effect("has an order of three rows, one below zero and one that is there twice", () =>
    Effect.gen(function* () {
      const answers = yield* readExample("orders.csv")
      assert.deepStrictEqual(answers.filter((answer) => answer._tag !== "Accepted").map(told), [
        "9 rejected B-306 lines[0].quantity: must be 1 or more",
        "13 skipped B-301 already read at line 2"
      ])
      assert.deepStrictEqual(
        (yield* accepted("orders.csv")).map(({ order }) => order.lines.length),
        [1, 3, 1, 1, 1, 1, 1, 1]
      )
    })
  )
})

describe("the folder's README", () => {
  it("names every file in it", () => {
    const readme = Buffer.from(contentOf("examples/orders/README.md")).toString()
    const files = readdirSync(new URL("../../../examples/orders/", import.meta.url))
    assert.deepStrictEqual(
      files.filter((file) => file !== "README.md" && !readme.includes(`| \`${file}\` |`)),
      []
    )
  })
})
