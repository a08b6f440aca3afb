/**
 * The laws of mistakes in programs: each is a defect that says what to write instead, and what was done is taken back.
 * And of what is thrown that nobody can write down.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Schema } from "effect"
import { Workflow } from "effect/workflow"
import { Journal } from "firebreak/journal"
import { Step } from "firebreak/workflows"
import { type Harness, testJournal } from "./harness.ts"
import { fails, happensAnd, refuses, slowly, Sorry, type World } from "./Outside.ts"
import { a, ask, b, c, story } from "./stories.ts"

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

  describe("what is thrown and JSON cannot write", () => {
    const odd = { _tag: "Odd", amount: 10n, card: "4111 1111" }

    it.effect("by a story ends it as failed, and what was done is taken back", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(story((id) => Effect.andThen(a(id), Effect.die(odd))))
        const rest = yield* life.do(ask())
        assert.deepStrictEqual([rest.status, rest.undone, rest.why?.message], ["failed", ["a"], "Odd"])
        assert.deepStrictEqual(journal.outside.happened, ["a", "undo a"])
      }).pipe(Effect.scoped)
    )

    it.effect("by a step is found out like anything else that nobody knows, at once or after a while", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("a", happensAnd(Effect.die(odd)), slowly(5, happensAnd(Effect.die(odd))))
        const life = yield* journal.open(story((id) => a(id)))
        assert.strictEqual((yield* life.do(ask())).status, "completed")
        assert.deepStrictEqual([journal.outside.asks("a"), journal.outside.happened], [3, ["a"]])
      }).pipe(Effect.scoped)
    )

    it.effect("by an undo has it stuck, and the others are taken back", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.answer("c", refuses)
        journal.outside.script("undo b", () => Effect.die(odd))
        const life = yield* journal.open(story((id) => Effect.all([a(id), b(id), c(id)])))
        const rest = yield* life.do(ask())
        assert.deepStrictEqual([rest.status, rest.undone, rest.why?.steps[0]?.reason], ["stuck", ["a"], "Odd"])
      }).pipe(Effect.scoped)
    )

    it.effect("as an error which its schema turns into JSON is a refusal like any other", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(
          Big.toLayer(({ id }) =>
            // sound: the step is never unavailable, nor does it ask for anything but the world
            Effect.andThen(
              a(id) as Effect.Effect<string, never, World>,
              Effect.fail({ _tag: "TooMuch" as const, cents: 10n })
            )
          )
        )
        const rest = yield* life.do(Journal.use((journal) => journal.run(Big, { id: "1" })))
        assert.deepStrictEqual([rest.status, rest.exit], ["refused", Exit.fail({ _tag: "TooMuch", cents: 10n })])
        assert.deepStrictEqual(journal.outside.happened, ["a", "undo a"])
      }).pipe(Effect.scoped)
    )

    it.effect("tells the journal its tag, its message and its fields' names, and nothing private", () =>
      Effect.gen(function* () {
        const thrown = [
          [odd, "Odd"],
          [{ _tag: "Declined", message: "no funds", card: "4111 1111" }, "Declined: no funds"],
          [{ card: "4111 1111" }, "an object with card"],
          [
            Object.create(null, {
              message: {
                get: () => {
                  throw new Error("4111 1111")
                }
              }
            }),
            "something that cannot be described"
          ]
        ] as const
        for (const [problem, words] of thrown) {
          const journal = yield* testJournal(harness)
          journal.outside.script("a", happensAnd(Effect.die(problem)))
          const life = yield* journal.open(story((id) => a(id)))
          assert.strictEqual((yield* life.do(ask())).status, "completed")
          const written = JSON.stringify(journal.committed.events)
          assert.include(written, words)
          assert.notInclude(written, "4111")
        }
      }).pipe(Effect.scoped)
    )
  })
}

const Big = Workflow.make("Big", {
  payload: { id: Schema.String },
  error: Schema.Struct({ _tag: Schema.Literal("TooMuch"), cents: Schema.BigInt }),
  idempotencyKey: ({ id }) => id
})
