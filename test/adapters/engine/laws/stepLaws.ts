/**
 * The laws of one step: what an attempt comes to, and how what nobody knows is found out.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { type Harness, testJournal } from "./harness.ts"
import { happensAndCrashes, see } from "./Outside.ts"
import { a, ask, story } from "./stories.ts"

export const stepLaws = (harness: Harness): void => {
  describe("a step", () => {
    it.effect("gives what it gave before, also in another process", () =>
      Effect.gen(function* () {
        const orders = story((id) => Effect.tap(a(id), see))
        const journal = yield* testJournal(harness)
        journal.outside.script("a", happensAndCrashes)
        const first = yield* journal.open(orders)
        const none = yield* first.attempt(ask())
        assert.strictEqual(none._tag, "None")
        const second = yield* journal.open(orders)
        const rest = yield* second.do(ask())
        assert.deepStrictEqual([rest.status, rest.exit], ["completed", Exit.succeed("a 2")])
        assert.deepStrictEqual(journal.outside.happened, ["a"])
        assert.strictEqual(new Set(journal.outside.keysOf("a")).size, 1)
      }).pipe(Effect.scoped)
    )
  })
}
