/**
 * Memory stays bounded: by the line of 50 MB that is no order, and by the 100,000 orders that are.
 */
import { runInNewContext } from "node:vm"
import { setFlagsFromString } from "node:v8"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { type ReadOrder, readOrders } from "firebreak/adapters/order-files"
import { manyOrders } from "../../../bench/manyOrders.ts"
import { bytesOf, orderLine, readChunks, told } from "./reading.ts"

const mebibyte = 2 ** 20

setFlagsFromString("--expose-gc")
const collectGarbage: () => void = runInNewContext("gc")

/** 50 MB of the letter x between `before` and `after`; every chunk is the same bytes. */
function* longLine(before: string, after: string): Generator<Uint8Array> {
  const chunk = new Uint8Array(64 * 1024).fill(0x78)
  yield bytesOf(before)
  for (let at = 0; at < 50 * mebibyte; at += chunk.length) yield chunk
  yield bytesOf(after)
}

/** The answers, and by how much the bytes held outside the heap grew while `chunks` were read. */
const heldWhile = (chunks: Iterable<Uint8Array>) =>
  Effect.gen(function* () {
    const before = process.memoryUsage().arrayBuffers
    let most = before
    const watched = Stream.tap(Stream.fromIterable(chunks), () =>
      Effect.sync(() => {
        most = Math.max(most, process.memoryUsage().arrayBuffers)
      })
    )
    const answers = yield* Stream.runCollect(readOrders(watched))
    return { answers: answers.map(told), held: most - before }
  })

describe("a line of 50 MB", () => {
  it.effect("is rejected with its number and not kept, in JSON lines", () =>
    Effect.gen(function* () {
      const { answers, held } = yield* heldWhile(longLine(`${orderLine("1")}\n{"id":"`, `"}\n${orderLine("2")}\n`))
      assert.deepStrictEqual(answers, [
        "1 accepted 1 25.00 EUR",
        "2 rejected null order: is longer than 1 MiB",
        "3 accepted 2 25.00 EUR"
      ])
      assert.isBelow(held, 8 * mebibyte)
    })
  )

  it.effect("is rejected with its number and not kept, in a JSON array", () =>
    Effect.gen(function* () {
      const { answers, held } = yield* heldWhile(
        longLine(`[\n${orderLine("1")},\n{"id":"`, `"},\n${orderLine("2")}\n]`)
      )
      assert.deepStrictEqual(answers, [
        "2 accepted 1 25.00 EUR",
        "3 rejected null order: is longer than 1 MiB",
        "4 accepted 2 25.00 EUR"
      ])
      assert.isBelow(held, 8 * mebibyte)
    })
  )

  it.effect("is rejected with its number and not kept, in CSV, quoted or not", () =>
    Effect.gen(function* () {
      const header = "id,currency,sku,quantity,price,total,payment_method\n"
      const good = (id: string) => `${id},EUR,MUG-1,2,12.50,25.00,pm_card_visa\n`
      for (const quote of ["", '"']) {
        const { answers, held } = yield* heldWhile(
          longLine(`${header}${good("1")}2,EUR,${quote}`, `${quote},2,12.50,25.00,pm_card_visa\n${good("3")}`)
        )
        assert.deepStrictEqual(answers, [
          "2 accepted 1 25.00 EUR",
          "3 rejected null order: is longer than 1 MiB: is a quote left open?",
          "4 accepted 3 25.00 EUR"
        ])
        assert.isBelow(held, 8 * mebibyte)
      }
    })
  )
})

describe("an order of many rows", () => {
  it.effect("is rejected when its rows are more than 1 MiB, and the rest goes on", () =>
    Effect.gen(function* () {
      const header = "id,currency,sku,quantity,price,total,payment_method\n"
      const further = `1,,${"x".repeat(900)},1,1.00,,\n`
      const chunks = [
        `${header}1,EUR,MUG-1,1,1.00,1.00,pm_card_visa\n`,
        ...Array.from({ length: 20 }, () => further.repeat(100)),
        "2,EUR,MUG-1,2,12.50,25.00,pm_card_visa\n"
      ].map(bytesOf)
      assert.deepStrictEqual((yield* readChunks(chunks)).map(told), [
        "2 rejected 1 order: has rows of more than 1 MiB",
        "2003 accepted 2 25.00 EUR"
      ])
    })
  )
})

/** What is held, on the heap and outside of it, once nothing is left to collect. */
const heldNow = Effect.promise(async () => {
  // Bytes outside the heap are given back in the background, a turn after they were found to be garbage.
  for (let round = 0; round < 3; round++) {
    collectGarbage()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return { arrayBuffers, heapUsed }
})

describe("many orders", () => {
  for (const [kind, many] of [
    ["ndjson", 100_000],
    ["array", 60_000],
    ["csv", 60_000]
  ] as const) {
    it.effect(`stream through without being kept: ${many} of them as ${kind}`, () =>
      Effect.gen(function* () {
        const few = many / 5
        const held: Array<{ readonly arrayBuffers: number; readonly heapUsed: number }> = []
        let accepted = 0
        // Measured while the file is still being read: what a reader keeps is gone with it.
        const count = Effect.fnUntraced(function* (answers: ReadonlyArray<ReadOrder>) {
          const before = accepted
          for (const answer of answers) if (answer._tag === "Accepted") accepted++
          for (const mark of [few, many]) if (before < mark && accepted >= mark) held.push(yield* heldNow)
        })
        yield* Stream.runForEachArray(readOrders(Stream.fromIterable(manyOrders(many, kind))), count)
        assert.strictEqual(accepted, many)
        const [early, late] = held
        if (early === undefined || late === undefined) return assert.fail("nothing was measured")
        // Nothing is kept on the heap, and outside of it only the index: at most 86 bytes for each order since.
        assert.isBelow(late.heapUsed - early.heapUsed, 8 * mebibyte)
        assert.isBelow(late.arrayBuffers - early.arrayBuffers, (many - few) * 86 + 4 * mebibyte)
      })
    )
  }
})
