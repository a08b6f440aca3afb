/**
 * The laws of mistakes in programs: each is a defect that says what to write instead, and what was done is taken back.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Step } from "firebreak/workflows"
import { type Harness, testJournal } from "./harness.ts"
import { fails, Sorry } from "./Outside.ts"
import { a, ask, story } from "./stories.ts"

export const mistakeLaws = (harness: Harness): void => {
  describe("a mistake in a program", () => {
    it.effect(
      "that asks for the same step twice is a defect that says what to write, and what was done is taken back",
      () =>
        Effect.gen(function* () {
          const journal = yield* testJournal(harness)
          const life = yield* journal.open(story((id) => Effect.andThen(a(id), a(id))))
          const rest = yield* life.do(ask())
          assert.strictEqual(rest.status, "failed")
          assert.match(String(rest.why?.message), /the step "a" was asked for twice.*step\(input, \{ key \}\)/)
          assert.deepStrictEqual(journal.outside.happened, ["a", "undo a"])
        }).pipe(Effect.scoped)
    )

    it.effect("that asks for the same step twice at the same time is one too, and neither is begun", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(story((id) => Effect.all([a(id), a(id)], { concurrency: 2 })))
        const rest = yield* life.do(ask())
        assert.strictEqual(rest.status, "failed")
        assert.match(String(rest.why?.message), /twice/)
        assert.strictEqual(journal.outside.asks("a"), 0)
      }).pipe(Effect.scoped)
    )

    it.effect("that calls a step with keys of its own is none", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(
          story((id) => Effect.forEach(["x", "y", "z"], (key) => a(`${id} ${key}`, { key }), { concurrency: 3 }))
        )
        assert.strictEqual((yield* life.do(ask())).status, "completed")
        assert.strictEqual(new Set(journal.outside.keysOf("a")).size, 3)
      }).pipe(Effect.scoped)
    )

    it.effect("that defines a step inside of a body is a defect that says where to put it", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(
          story(() =>
            Effect.suspend(() =>
              Step.make("inside", { do: (_: string) => Effect.void, undo: "nothing", unknown: "repeat" })("x")
            )
          )
        )
        const rest = yield* life.do(ask())
        assert.strictEqual(rest.status, "failed")
        assert.match(String(rest.why?.message), /"inside" is defined inside of the workflow "Story"/)
      }).pipe(Effect.scoped)
    )

    it.effect("that gives a step an input which JSON would change is a defect, and nothing is started", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(story(() => a(new Date(0) as unknown as string)))
        const rest = yield* life.do(ask())
        assert.strictEqual(rest.status, "failed")
        assert.match(String(rest.why?.message), /the input of the step "a" cannot be written down.*Date/)
        assert.strictEqual(journal.outside.asks("a"), 0)
      }).pipe(Effect.scoped)
    )

    it.effect(
      "that fails with an error which its workflow does not list ends as failed, and what was done is taken back",
      () =>
        Effect.gen(function* () {
          const journal = yield* testJournal(harness)
          journal.outside.script("b", fails({ _tag: "Surprise" }))
          const surprise = Effect.fail({ _tag: "Surprise", message: "what" }) as unknown as Effect.Effect<never, Sorry>
          const life = yield* journal.open(story((id) => Effect.andThen(a(id), surprise)))
          const rest = yield* life.do(ask())
          assert.deepStrictEqual([rest.status, rest.undone], ["failed", ["a"]])
          assert.match(String(rest.why?.message), /cannot be written down/)
        }).pipe(Effect.scoped)
    )
  })
}
