/**
 * An order that comes twice is found, in one file and across the files of a run, and never accepted twice.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { OrderIndex, OrderRecord } from "firebreak/adapters/order-files"
import { orderLine, read, readFixture, told } from "./reading.ts"

const order = (id: string, but: object = {}) => Schema.decodeUnknownSync(OrderRecord)(JSON.parse(orderLine(id, but)))

describe("an order that was read before", () => {
  it.effect("is skipped when it is the same, however it is written, and rejected when it is not", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* readFixture("duplicates.ndjson")).map(told), [
        "1 accepted 1 25.00 EUR",
        "2 rejected 2 total: is 9.00 EUR, but lines + shipping + tax + tip − discount come to 25.00 EUR",
        "3 skipped 1 already read at line 1",
        // The order above it with this id was rejected: this one mends it.
        "4 accepted 2 25.00 EUR",
        "5 rejected 1 id: was already read at line 1, with a different content"
      ])
    })
  )

  it.effect("is found in another file of the run, of another kind", () =>
    Effect.gen(function* () {
      const index = new OrderIndex()
      const csv = "id,email,name,currency,sku,quantity,price,total,payment_method\n"
      const first = yield* read(`${orderLine("1")}\n${orderLine("2")}`, { file: "a.ndjson", index })
      const second = yield* read(
        `${csv}1,ann@example.com,Ann,EUR,MUG-1,2,12.50,25.00,pm_card_visa\n2,,,EUR,MUG-1,2,12.50,25.00,pm_card_visa\n`,
        { file: "b.csv", index }
      )
      assert.deepStrictEqual([...first, ...second].map(told), [
        "1 accepted 1 25.00 EUR",
        "2 accepted 2 25.00 EUR",
        "2 skipped 1 already read at line 1 of a.ndjson",
        "3 rejected 2 id: was already read at line 2 of a.ndjson, with a different content"
      ])
    })
  )

  it.effect("is not remembered by a second reading of the same file", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* read(orderLine("1"))).map(told), ["1 accepted 1 25.00 EUR"])
      assert.deepStrictEqual((yield* read(orderLine("1"))).map(told), ["1 accepted 1 25.00 EUR"])
    })
  )
})

describe("the content of an order", () => {
  const changes: ReadonlyArray<object> = [
    { customer: { email: "bob@example.com", name: "Ann" } },
    { customer: { email: "ann@example.com" } },
    { currency: "USD" },
    { lines: [{ sku: "MUG-2", quantity: 2, price: "12.50" }] },
    { lines: [{ sku: "MUG-1", name: "Mug", quantity: 2, price: "12.50" }] },
    { lines: [{ sku: "MUG-1", quantity: 1, price: "25.00" }] },
    {
      lines: [
        { sku: "MUG-1", quantity: 1, price: "12.50" },
        { sku: "MUG-1", quantity: 1, price: "12.50" }
      ]
    },
    { lines: [{ sku: "MUG-1", quantity: 2, price: "10.00" }], shipping: "5.00" },
    { lines: [{ sku: "MUG-1", quantity: 2, price: "10.00" }], tax: "5.00" },
    { lines: [{ sku: "MUG-1", quantity: 2, price: "10.00" }], tip: "5.00" },
    { lines: [{ sku: "MUG-1", quantity: 2, price: "15.00" }], discount: "5.00" },
    { shipping: "1.00", total: "26.00" },
    { payment: { method: "pm_card_mastercard" } }
  ]

  it("is all of it: whatever changes makes another content", () => {
    const index = new OrderIndex()
    index.add(order("1"), "a", 1)
    for (const change of changes) {
      assert.deepStrictEqual(
        index.add(order("1", change), "a", 2),
        { file: "a", line: 1, sameContent: false },
        JSON.stringify(change)
      )
    }
    assert.deepStrictEqual(index.add(order("1"), "a", 3), { file: "a", line: 1, sameContent: true })
  })

  it("says of each amount beside the lines which one it is, where the total is the same", () => {
    const lines = [{ sku: "MUG-1", quantity: 2, price: "10.00" }]
    const alike: ReadonlyArray<object> = [
      { lines, shipping: "5.00" },
      { lines, tax: "5.00" },
      { lines, tip: "5.00" },
      { lines, shipping: "6.00", discount: "1.00" },
      { lines, shipping: "6.00", tip: "1.00", discount: "2.00" }
    ]
    for (const one of alike) {
      const index = new OrderIndex()
      index.add(order("1", one), "a", 1)
      const same = alike.filter((other) => index.add(order("1", other), "a", 2)?.sameContent === true)
      assert.deepStrictEqual(same, [one])
    }
  })

  it("does not depend on zeros that are written or left out", () => {
    const index = new OrderIndex()
    index.add(order("1"), "a", 1)
    assert.deepStrictEqual(index.add(order("1", { tax: "0.00", discount: 0 }), "b", 1)?.sameContent, true)
  })
})

describe("the index", () => {
  it("knows every one of 20,000 orders again, with the line it stood on", () => {
    const index = new OrderIndex()
    const one = order("0")
    // Sound: the index looks at the id and the content only, and an order with another id is as good an order.
    const withId = (n: number) => Object.assign(Object.create(Object.getPrototypeOf(one)), one, { id: `o-${n}` })
    for (let n = 0; n < 20_000; n++) assert.isUndefined(index.add(withId(n), "a", n + 1))
    assert.strictEqual(index.size, 20_000)
    for (let n = 0; n < 20_000; n += 7) {
      assert.deepStrictEqual(index.add(withId(n), "b", 1), { file: "a", line: n + 1, sameContent: true })
    }
    assert.strictEqual(index.size, 20_000)
  })
})
