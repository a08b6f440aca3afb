/**
 * The laws of a copy: it is not the original, and does not know what that has done since. So it looks before it does
 * anything.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Found, Step } from "firebreak/workflows"
import { confided, go, searched, waits } from "./comingBack.ts"
import { type Harness, type Life, testJournal, type TestJournal } from "./harness.ts"
import { crashes, refuses, Sorry, unavailable, World } from "./Outside.ts"
import { a, ask, b, show, story } from "./stories.ts"

export const copyLaws = (harness: Harness): void => {
  describe("a journal that was copied", () => {
    const doneByTheOriginal = (journal: TestJournal, body: Parameters<typeof story>[0]) =>
      Effect.gen(function* () {
        const first = yield* journal.open(story(body))
        first.launch(ask())
        yield* first.pass(10_000)
        yield* journal.end(first)
        yield* journal.place.copy
        // What the original does from then on, the copy does not know of.
        return yield* journal.open(story(body))
      })

    it.effect("looks before it starts a step", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.answer("look", () => Effect.succeed(Found.done(undefined)))
        const copy = yield* doneByTheOriginal(journal, (id) => Effect.andThen(waits, searched(id)))
        yield* copy.do(go())
        assert.strictEqual((yield* copy.do(ask())).status, "completed")
        assert.deepStrictEqual(
          journal.outside.asked.map(({ what }) => what),
          ["look"],
          "the original had done it"
        )
      }).pipe(Effect.scoped)
    )

    it.effect(
      "does what a look finds absent, repeats what may be repeated, and asks a person where one is to be asked",
      () =>
        Effect.gen(function* () {
          const journal = yield* testJournal(harness)
          journal.outside.answer("look", () => Effect.succeed(Found.absent))
          const copy = yield* doneByTheOriginal(journal, (id) =>
            Effect.gen(function* () {
              yield* waits
              yield* searched(id)
              yield* a(id)
              yield* confided(id)
            })
          )
          yield* copy.do(go())
          assert.strictEqual((yield* copy.do(ask())).status, "stuck")
          assert.deepStrictEqual(
            journal.outside.asked.map(({ what }) => what),
            ["look", "searched", "a"]
          )
          assert.strictEqual((yield* copy.do(show())).steps.find(({ step }) => step === "confided")!.state, "asking")
        }).pipe(Effect.scoped)
    )

    it.effect("looks before it takes back what was to be taken back: the original may have done that", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.answer("b", refuses)
        journal.outside.script("undo looked", unavailable)
        journal.outside.answer("look", () => Effect.succeed(Found.done(undefined)))
        const body = (id: string) => Effect.andThen(looked(id), b(id))
        const first = yield* journal.open(story(body))
        first.launch(ask())
        yield* first.pass(20)
        assert.strictEqual(journal.outside.asks("undo looked"), 1)
        const copy = yield* copied(journal, first, body)
        const rest = yield* copy.do(ask())
        assert.deepStrictEqual([rest.status, rest.undone], ["refused", ["looked"]])
        assert.deepStrictEqual([journal.outside.asks("undo looked"), journal.outside.asks("look")], [1, 1])
      }).pipe(Effect.scoped)
    )

    it.effect("takes back what a look finds not taken back", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.answer("b", refuses)
        journal.outside.script("undo looked", unavailable)
        journal.outside.answer("look", () => Effect.succeed(Found.absent))
        const body = (id: string) => Effect.andThen(looked(id), b(id))
        const first = yield* journal.open(story(body))
        first.launch(ask())
        yield* first.pass(20)
        const copy = yield* copied(journal, first, body, 60_000)
        assert.strictEqual((yield* copy.do(ask())).status, "refused")
        assert.deepStrictEqual(journal.outside.happened, ["looked", "undo looked"])
      }).pipe(Effect.scoped)
    )

    it.effect("takes back what a look finds not taken back, also where the original had not begun to", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.answer("b", refuses)
        journal.outside.script("undo a", crashes)
        journal.outside.answer("look", () => Effect.succeed(Found.absent))
        const body = (id: string) => Effect.all([looked(id), a(id), b(id)])
        const first = yield* journal.open(story(body))
        yield* first.attempt(ask())
        const copy = yield* copied(journal, first, body, 60_000)
        const rest = yield* copy.do(ask())
        assert.deepStrictEqual([rest.status, rest.undone], ["refused", ["a", "looked"]])
        assert.deepStrictEqual(journal.outside.happened, ["looked", "a", "undo a", "undo looked"])
      }).pipe(Effect.scoped)
    )

    it.effect("looks before it tries a step again that the original was trying", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("searched", unavailable)
        journal.outside.answer("look", () => Effect.succeed(Found.done(undefined)))
        const body = (id: string) => searched(id)
        const first = yield* journal.open(story(body))
        first.launch(ask())
        yield* first.pass(20)
        const copy = yield* copied(journal, first, body)
        assert.strictEqual((yield* copy.do(ask())).status, "completed")
        assert.deepStrictEqual(
          journal.outside.asked.map(({ what }) => what),
          ["searched", "look"]
        )
      }).pipe(Effect.scoped)
    )

    it.effect("asks a person about a step that the original was trying, where one is to be asked", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("confided", unavailable)
        const body = (id: string) => confided(id)
        const first = yield* journal.open(story(body))
        first.launch(ask())
        yield* first.pass(20)
        const copy = yield* copied(journal, first, body)
        assert.strictEqual((yield* copy.do(ask())).status, "stuck")
        assert.strictEqual(journal.outside.asks("confided"), 1)
      }).pipe(Effect.scoped)
    )
  })
}

/** An undo that is looked for. */
const looked = Step.make("looked", {
  success: Schema.String,
  error: Sorry,
  do: (input: string, key) => World.use((world) => world.call("looked", key, input)),
  undo: {
    do: (_, key) => World.use((world) => world.call("undo looked", key)),
    unknown: (_, key) => World.use((world) => world.ask("look", key))
  },
  unknown: "repeat"
})

/** A copy that is opened two days, or `after` milliseconds, after its original, `first`, was copied. */
const copied = (journal: TestJournal, first: Life, body: Parameters<typeof story>[0], after = 48 * 3_600_000) =>
  Effect.gen(function* () {
    yield* journal.end(first)
    yield* journal.place.copy
    yield* Effect.promise(() => journal.time.pass(after))
    return yield* journal.open(story(body))
  })
