/**
 * Files that cannot be read as orders at all: known before the first answer, with what to do about it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { OrderFileUnusable, OrderIndex, type ReadOrder, readOrders } from "firebreak/adapters/order-files"
import { bytesOf, contentOf, orderLine, read, readFixture, told, whyUnusable } from "./reading.ts"

describe("a file is unusable", () => {
  it.effect("when it is empty, or only white space", () =>
    Effect.gen(function* () {
      for (const content of ["", "\ufeff", " \r\n\t\n", contentOf("test/fixtures/orders/empty.ndjson")]) {
        assert.strictEqual(yield* whyUnusable(content), "it is empty")
      }
      assert.strictEqual(yield* whyUnusable(contentOf("test/fixtures/orders/blank.json")), "it is empty")
    })
  )

  it.effect("when it is binary, and says where", () =>
    Effect.gen(function* () {
      const binary = contentOf("test/fixtures/orders/binary.ndjson")
      assert.strictEqual(yield* whyUnusable(binary), "it is binary: there is a NUL byte at byte 12, on line 2")
    })
  )

  it.effect("when it is not UTF-8, and says where", () =>
    Effect.gen(function* () {
      const latin1 = contentOf("test/fixtures/orders/latin1.csv")
      assert.strictEqual(
        yield* whyUnusable(latin1),
        `it is not written in UTF-8: see byte ${latin1.indexOf(0xe9) + 1}, on line 2`
      )
      const cutOff = bytesOf(`${orderLine("1")}\n€`).subarray(0, -1)
      assert.strictEqual(
        yield* whyUnusable(cutOff),
        `it is not written in UTF-8: see byte ${cutOff.length - 1}, on line 2`
      )
      const utf16 = contentOf("test/fixtures/orders/utf16.csv")
      assert.strictEqual(yield* whyUnusable(utf16), "it is written in UTF-16: save it as UTF-8")
    })
  )

  it.effect("when its header is not known, or lacks a column", () =>
    Effect.gen(function* () {
      assert.match(yield* whyUnusable(contentOf("test/fixtures/orders/unknown-header.csv")), /no header that is known/)
      assert.match(yield* whyUnusable("just some words\n"), /neither JSON lines, nor a JSON array, nor CSV/)
      assert.strictEqual(
        yield* whyUnusable(contentOf("test/fixtures/orders/missing-columns.csv")),
        "its header lacks quantity, payment_method"
      )
      assert.strictEqual(
        yield* whyUnusable("Name,Email,Lineitem name,Lineitem price\n"),
        "its header lacks Currency, Subtotal, Total, Lineitem quantity"
      )
    })
  )

  it.effect("when it is one JSON object over several lines", () =>
    Effect.gen(function* () {
      assert.match(
        yield* whyUnusable(contentOf("test/fixtures/orders/one-object.json")),
        /write each order on one line, or all of them as an array/
      )
    })
  )

  it.effect("and then says which file it is, and remembers none of its orders", () =>
    Effect.gen(function* () {
      const index = new OrderIndex()
      const error = yield* Effect.flip(readFixture("latin1.csv", { index }))
      assert.instanceOf(error, OrderFileUnusable)
      assert.match(error.message, /^latin1\.csv cannot be read as orders: it is not written in UTF-8/)
      assert.strictEqual(index.size, 0)
    })
  )
})

describe("a file that fails while it is read", () => {
  it.effect("gives the orders before, and then its own failure: no order is made of half a line", () =>
    Effect.gen(function* () {
      const answers: Array<ReadOrder> = []
      const failing = Stream.concat(
        Stream.make(bytesOf(`${orderLine("1").padEnd(70_000)}\n${orderLine("2")}`)),
        Stream.fail("the disk is gone" as const)
      )
      const error = yield* readOrders(failing).pipe(
        Stream.runForEach((answer) => Effect.sync(() => answers.push(answer))),
        Effect.flip
      )
      assert.strictEqual(error, "the disk is gone")
      assert.deepStrictEqual(answers.map(told), ["1 accepted 1 25.00 EUR"])
    })
  )
})

describe("the kind of a file", () => {
  it.effect("is told by its content, whatever it is called", () =>
    Effect.gen(function* () {
      const answers = yield* read(`[${orderLine("1")}]`, { file: "orders.csv" })
      assert.deepStrictEqual(answers.map(told), ["1 accepted 1 25.00 EUR"])
    })
  )
})
