/**
 * The laws of answers that come late: what a store says of an execution is not believed when the execution has come to
 * memory and left it again since the store was asked.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { Journal } from "firebreak/journal"
import { ends } from "../../../../src/adapters/engine/Store.ts"
import { HeldBack } from "./answeringLate.ts"
import { go, waits } from "./comingBack.ts"
import { type Asked, type Harness, type Life, testJournal, type TestJournal } from "./harness.ts"
import { inMemory, written, writtenEvents } from "./outsiders.ts"
import { a, ask, b, c, cancel, Story, story } from "./stories.ts"

const retry = Journal.use((journal) => journal.retry("1"))

const load = Journal.use((journal) => journal.load)

/** The first execution has ended, and is not in memory any more. */
const hasEnded =
  ({ committed }: TestJournal, life: Life) =>
  (): boolean => {
    const row = committed.rows.get(1)
    return row !== undefined && ends.has(row.status) && Effect.runSyncWith(life.context)(inMemory) === 0
  }

/** An execution that is blocked: it was told by another program. */
const blocked = (late: HeldBack) =>
  Effect.gen(function* () {
    const journal = yield* testJournal(late.harness)
    const original = story((id) => Effect.andThen(a(id), Effect.andThen(waits, b(id))))
    const first = yield* journal.open(original)
    first.launch(ask())
    yield* first.pass(5000)
    const other = yield* journal.open(story((id) => Effect.andThen(c(id), waits)))
    yield* other.do(go())
    assert.strictEqual((yield* other.do(ask())).status, "blocked")
    return { journal, life: yield* journal.open(original) }
  })

export const lateAnswerLaws = (harness: Harness): void => {
  describe("what the store answers late", () => {
    it.effect("keeps nobody waiting for an execution that has ended meanwhile", () =>
      Effect.gen(function* () {
        const late = new HeldBack(harness)
        const journal = yield* testJournal(late.harness)
        const life = yield* journal.open(story((id) => Effect.andThen(waits, a(id))))
        life.launch(ask())
        yield* life.pass(60_000)
        assert.strictEqual(yield* life.do(inMemory), 0)
        const asked = yield* late.hold("find", () => life.launch(ask()), hasEnded(journal, life))
        life.launch(go())
        assert.deepStrictEqual((yield* life.do(Fiber.join(asked))).exit, Exit.succeed("a 1"))
      }).pipe(Effect.scoped)
    )

    it.effect("begins no execution a second time that has begun, and ended, meanwhile", () =>
      Effect.gen(function* () {
        const late = new HeldBack(harness)
        const journal = yield* testJournal(late.harness)
        let bodies = 0
        const life = yield* journal.open(story((id) => Effect.suspend(() => Effect.as(a(id), ++bodies))))
        const asked = yield* late.hold("find", () => life.launch(ask()), hasEnded(journal, life))
        for (const fiber of [life.launch(ask()), asked])
          assert.deepStrictEqual((yield* life.do(Fiber.join(fiber))).exit, Exit.succeed("1"))
        yield* life.settle
        assert.deepStrictEqual([bodies, journal.committed.rows.size], [1, 1])
        assert.strictEqual((yield* written(journal))!.status, "completed")
      }).pipe(Effect.scoped)
    )

    it.effect("is waited for by nobody who has gone meanwhile", () =>
      Effect.gen(function* () {
        for (const ask of [Story.execute({ id: "1" }), Journal.use((journal) => journal.run(Story, { id: "1" }))]) {
          const late = new HeldBack(harness)
          const journal = yield* testJournal(late.harness)
          const life = yield* journal.open(story(() => waits))
          let isGone = false
          const asking = yield* late.hold(
            "find",
            () => life.launch(ask as Asked<unknown>),
            () => isGone
          )
          asking.interruptUnsafe()
          isGone = true
          yield* life.settle
          assert.deepStrictEqual(yield* life.do(load), { inMemory: 1, awaited: 0 })
        }
      }).pipe(Effect.scoped)
    )

    it.effect("cancels no execution a second time that somebody else has cancelled meanwhile", () =>
      Effect.gen(function* () {
        const late = new HeldBack(harness)
        const { journal, life } = yield* blocked(late)
        const asked = yield* late.hold("events", () => life.launch(cancel()), hasEnded(journal, life))
        life.launch(cancel())
        const receipt = yield* life.do(Fiber.join(asked))
        assert.deepStrictEqual("steps" in receipt && [receipt.isFinal, receipt.status], [true, "cancelled"])
        yield* life.settle
        assert.strictEqual((yield* written(journal))!.status, "cancelled")
        assert.strictEqual((yield* writtenEvents(journal)).filter(({ kind }) => kind === "cancel").length, 1)
        assert.deepStrictEqual(journal.outside.happened, ["a", "undo a"])
      }).pipe(Effect.scoped)
    )

    it.effect("tries no execution again that somebody else has tried again meanwhile", () =>
      Effect.gen(function* () {
        const late = new HeldBack(harness)
        const { journal, life } = yield* blocked(late)
        const asked = yield* late.hold("events", () => life.launch(Effect.flip(retry)), hasEnded(journal, life))
        life.launch(retry)
        assert.match(String(yield* life.do(Fiber.join(asked))), /it has ended: completed/)
        yield* life.settle
        assert.strictEqual((yield* written(journal))!.status, "completed")
        assert.deepStrictEqual(journal.outside.happened, ["a", "b"])
      }).pipe(Effect.scoped)
    )
  })
}
