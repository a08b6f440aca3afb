/**
 * What a run of an order is called: nobody may find another order's run under its name.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Schema } from "effect"
import { nameOfRun, OrderRun } from "firebreak/workflows"
import { order } from "./world.ts"

describe("the name of a run", () => {
  it("is the order's id the first time, and has a number from then on", () => {
    assert.deepStrictEqual(
      ["1001", "#1001", "1001#2", "1001#02", "a#"].map((id) => nameOfRun(id)),
      ["1001", "#1001", "1001#2#1", "1001#02", "a#"]
    )
    assert.deepStrictEqual([nameOfRun("1001", 2), nameOfRun("#1001", 3)], ["1001#2", "#1001#3"])
  })

  it("is no other run's, whatever ids orders have", () => {
    const parts = ["", "#", "1", "#1", "#2", "#01", "#0", "##"]
    const ids = new Set(parts.flatMap((a) => parts.flatMap((b) => parts.map((c) => a + b + c))))
    ids.delete("")
    const names = [...ids].flatMap((id) => [1, 2, 11].map((run) => nameOfRun(id, run)))
    assert.strictEqual(new Set(names).size, names.length)
  })
})

describe("an order with the number of its run", () => {
  it("is written like the order alone the first time", () => {
    const encode = Schema.encodeSync(OrderRun)
    assert.notProperty(encode(OrderRun.make(order)), "run")
    assert.strictEqual(encode(OrderRun.make({ ...order, run: 2 })).run, 2)
  })

  it.effect("is a valid order, and its number is 1 or more", () =>
    Effect.gen(function* () {
      const decode = Schema.decodeUnknownEffect(OrderRun)
      const written = yield* Schema.encodeEffect(OrderRun)(OrderRun.make(order))
      for (const wrong of [{ run: 0 }, { run: 1.5 }, { total: { currency: "EUR", minor: 1 } }]) {
        assert.isTrue(Exit.isFailure(yield* Effect.exit(decode({ ...written, ...wrong }))), JSON.stringify(wrong))
      }
    })
  )
})
