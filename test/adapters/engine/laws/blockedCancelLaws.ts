/**
 * The laws of cancelling what is blocked: its body cannot run, but what it did is known.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { CancelReceipt } from "firebreak/journal"
import { go, waits } from "./comingBack.ts"
import { type Harness, type Life, testJournal } from "./harness.ts"
import { crashes, refuses, slowly } from "./Outside.ts"
import { written } from "./outsiders.ts"
import { a, ask, b, c, cancel, show, story } from "./stories.ts"

const receiptOf = (life: Life) =>
  Effect.map(life.do(cancel()), (receipt) => {
    assert.isFalse("_tag" in receipt, "the owner answers with a receipt")
    return receipt as CancelReceipt // sound: just looked at
  })
/** What the receipt says of each step. */
const states = (receipt: CancelReceipt) => Object.fromEntries(receipt.steps.map(({ state, step }) => [step, state]))

export const blockedCancelLaws = (harness: Harness): void => {
  describe("a cancel of a blocked execution", () => {
    it.effect("takes back, from the journal, what it did", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const before = yield* journal.open(
          story((id) =>
            Effect.gen(function* () {
              yield* a(id)
              yield* b(id)
              yield* waits
            })
          )
        )
        before.launch(ask())
        yield* before.pass(5000)
        const after = yield* journal.open(story((id) => Effect.andThen(c(id), waits)))
        yield* after.do(go())
        yield* after.pass(1000)
        assert.strictEqual((yield* written(journal))!.status, "blocked")
        yield* receiptOf(after)
        yield* after.pass(1000)
        const receipt = yield* receiptOf(after)
        assert.deepStrictEqual(
          [receipt.status, receipt.isFinal, states(receipt)],
          ["cancelled", true, { a: "done and undone", b: "done and undone" }]
        )
        assert.deepStrictEqual(journal.outside.happened, ["a", "b", "undo b", "undo a"])
      }).pipe(Effect.scoped)
    )

    it.effect("finds out first what nobody knows", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("b", ({ crash, happens }) => Effect.andThen(happens, crash))
        const before = yield* journal.open(story((id) => Effect.andThen(a(id), b(id))))
        yield* before.attempt(ask())
        const after = yield* journal.open(story((id) => Effect.andThen(c(id), b(id))))
        yield* after.pass(1000)
        assert.strictEqual((yield* written(journal))!.status, "blocked")
        yield* receiptOf(after)
        yield* after.pass(60_000)
        const receipt = yield* receiptOf(after)
        assert.deepStrictEqual(
          [receipt.status, states(receipt)],
          ["cancelled", { a: "done and undone", b: "done and undone" }]
        )
        assert.deepStrictEqual(journal.outside.happened, ["a", "b", "undo b", "undo a"])
      }).pipe(Effect.scoped)
    )

    it.effect("whose end was decided leaves that end as it was, and takes back what is left", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.answer("b", refuses)
        journal.outside.script("undo a", crashes)
        const workflows = story((id) => Effect.andThen(a(id), b(id)))
        yield* (yield* journal.open(workflows)).attempt(ask())
        yield* journal.end(journal.lives.at(-1)!)
        yield* journal.place.spoil({ execution: 1, n: 2, data: "42" })
        const second = yield* journal.open(workflows)
        assert.strictEqual((yield* second.do(ask())).status, "blocked")
        yield* journal.end(second)
        yield* journal.place.spoil({ execution: 1, n: 2, data: JSON.stringify("a 1") })
        journal.outside.answer("undo a", slowly(1000))
        const third = yield* journal.open(workflows)
        assert.isFalse((yield* receiptOf(third)).isFinal)
        const rest = yield* third.do(ask())
        assert.deepStrictEqual([rest.status, rest.undone, rest.why?.because], ["refused", ["a"], "failure"])
        assert.deepStrictEqual(journal.outside.happened, ["a", "undo a"])
        assert.match((yield* receiptOf(third)).summary, /failed by itself/)
        assert.isNull((yield* third.do(show())).cancelledAt)
      }).pipe(Effect.scoped)
    )
  })
}
