/**
 * What comes and goes, and is collected when it has gone.
 */
import { assert, describe, it } from "@effect/vitest"
import v8 from "node:v8"
import vm from "node:vm"
import { Turnover } from "../../../src/adapters/engine/Turnover.ts"

describe("what comes and goes", () => {
  it("is there from when it came until it has gone, in the order of its coming", () => {
    const turnover = new Turnover<string, { readonly n: number }>()
    for (const n of [1, 2, 3]) turnover.set(`at ${n}`, { n })
    turnover.delete("at 2")
    turnover.delete("at 2")
    turnover.set("at 1", { n: 4 })
    turnover.set("at 5", { n: 5 })
    assert.deepStrictEqual(
      [turnover.size, turnover.has("at 1"), turnover.get("at 1"), turnover.has("at 2"), turnover.get("at 2")],
      [3, true, { n: 4 }, false, undefined]
    )
    assert.deepStrictEqual(
      turnover.values().map(({ n }) => n),
      [4, 3, 5]
    )
    turnover.clear()
    assert.deepStrictEqual([turnover.size, turnover.values()], [0, []])
  })

  it("is collected with the young when it has gone, however many come and go: a Map keeps half of them", () => {
    v8.setFlagsFromString("--expose-gc")
    // sound: that flag puts it there
    const collect = vm.runInNewContext("gc") as (how?: { readonly type: "minor" | "major" }) => void
    /** Bytes that are left of ten thousand of a kilobyte, of which fifty at a time are there, before old ones are collected. */
    const left = (all: { set(key: string, value: object): unknown; delete(key: string): unknown }) => {
      const pass = (from: number, to: number) => {
        for (let n = from; n < to; n++) {
          all.set(
            `${n}`,
            Array.from({ length: 128 }, () => n)
          )
          all.delete(`${n - 50}`)
        }
      }
      pass(0, 1000)
      collect()
      const before = process.memoryUsage().heapUsed
      for (let n = 1000; n < 11_000; n += 1000) {
        pass(n, n + 1000)
        collect({ type: "minor" })
      }
      collect({ type: "minor" })
      return process.memoryUsage().heapUsed - before
    }
    assert.isAbove(left(new Map()), 3_000_000, "a Map lets go of them as well: this class is not needed any more")
    assert.isBelow(left(new Turnover()), 1_500_000)
  })
})
