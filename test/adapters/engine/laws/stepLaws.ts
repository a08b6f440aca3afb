/**
 * The laws of one step: what an attempt comes to, and how what nobody knows is found out.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { type Harness, testJournal } from "./harness.ts"
import { happensAndCrashes, see, slowly } from "./Outside.ts"
import { a, ask, b, c, story } from "./stories.ts"

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

    it.effect("is started only when its start, and all that came before it, is written down", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(
          story((id) => Effect.andThen(Effect.andThen(a(id), b(id)), c(id))),
          {
            around: (_, commit) => Effect.andThen(Effect.sleep(1000), commit)
          }
        )
        const asked = life.launch(ask())
        const writtenAndAsked: Array<string> = []
        for (let n = 0; n < 12; n++) {
          yield* life.pass(500)
          const starts = journal.committed.kinds().filter((kind) => kind.startsWith("step")).length
          writtenAndAsked.push(`${starts} ${journal.outside.asked.length}`)
        }
        assert.isDefined(asked.pollUnsafe())
        assert.deepStrictEqual([...new Set(writtenAndAsked)], ["0 0", "1 1", "2 2", "3 3"])
      }).pipe(Effect.scoped)
    )

    it.effect("costs no commit of its own: the end of one step and the start of the next are written together", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(story((id) => Effect.all([a(id), b(id), c(id)])))
        yield* life.do(ask())
        assert.strictEqual(life.commits, 4)
      }).pipe(Effect.scoped)
    )

    it.effect("is not started again because something else has happened", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.answer("a", slowly(10_000))
        const side = (id: string) =>
          Effect.forEach(["1", "2", "3"], (key) => Effect.andThen(Effect.sleep(2000), b(id, { key })))
        const life = yield* journal.open(story((id) => Effect.all([a(id), side(id)], { concurrency: 2 })))
        assert.strictEqual((yield* life.do(ask())).status, "completed")
        assert.deepStrictEqual([journal.outside.asks("a"), journal.outside.asks("b")], [1, 3])
      }).pipe(Effect.scoped)
    )
  })
}
