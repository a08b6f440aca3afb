/**
 * The laws of trying again: how often, how long and how densely, and what it comes to in the end.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Schema } from "effect"
import { Journal } from "firebreak/journal"
import { Step, StepGaveUp } from "firebreak/workflows"
import type { StepRetry } from "firebreak/workflows"
import { performEverywhere } from "./crashes.ts"
import { type Harness, testJournal, type TestJournal } from "./harness.ts"
import { happensAnd, refuses, Sorry, unavailable, World } from "./Outside.ts"
import { ask, show, story } from "./stories.ts"

const stepWith = (name: string, retry: StepRetry) =>
  Step.make(name, {
    success: Schema.String,
    error: Sorry,
    do: (input: string, key) => World.use((world) => world.call(name, key, input)),
    undo: "nothing",
    unknown: "repeat",
    retry
  })
const steady = stepWith("steady", { attempts: 4, backoff: { first: 100, factor: 3, longest: 500 }, jitter: 0 })
const jittery = stepWith("jittery", {
  attempts: 30,
  backoff: { first: 1000, factor: 1 },
  jitter: 0.5,
  within: "1 hour"
})
const hasty = stepWith("hasty", {
  attempts: 1000,
  backoff: { first: "1 second", factor: 1 },
  jitter: 0,
  within: "10 seconds"
})
const once = stepWith("once", { attempts: 1 })
const slow = stepWith("slow", { attempts: 3, backoff: { first: "1 hour" }, jitter: 0, within: "3 days" })
const translated = Step.make("translated", {
  success: Schema.String,
  error: Sorry,
  do: (input: string, key) => World.use((world) => world.call("translated", key, input)),
  undo: "nothing",
  unknown: "repeat",
  retry: { attempts: 2 },
  gaveUp: ({ reason }, input) => new Sorry({ why: `${reason} for ${input}`, left: 0 })
})
const mistranslated = Step.make("mistranslated", {
  success: Schema.String,
  error: Sorry,
  do: (input: string, key) => World.use((world) => world.call("mistranslated", key, input)),
  undo: "nothing",
  unknown: "repeat",
  retry: { attempts: 2 },
  gaveUp: () => {
    throw new Error("tripped")
  }
})

const pausesOf = ({ outside }: TestJournal, what: string): ReadonlyArray<number> => {
  const times = outside.asked.filter((one) => one.what === what).map(({ at }) => at)
  return times.slice(1).map((at, n) => at - times[n]!)
}

export const retryLaws = (harness: Harness): void => {
  describe("a step that is unavailable", () => {
    it.effect("is tried again with the same key, pausing as its policy says, until it answers", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("steady", unavailable, unavailable, unavailable)
        const life = yield* journal.open(story((id) => steady(id)))
        assert.deepStrictEqual((yield* life.do(ask())).exit, Exit.succeed("steady 4"))
        assert.deepStrictEqual(pausesOf(journal, "steady"), [100, 300, 500])
        assert.strictEqual(new Set(journal.outside.keysOf("steady")).size, 1)
        assert.strictEqual((yield* life.do(show())).steps[0]?.attempts, 4)
      }).pipe(Effect.scoped)
    )

    it.effect("is given up after its attempts, with an error that says how many and why", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.answer("steady", unavailable)
        const life = yield* journal.open(story((id) => steady(id)))
        const rest = yield* life.do(ask())
        assert.deepStrictEqual(
          [rest.status, rest.exit],
          ["refused", Exit.fail(new StepGaveUp({ step: "steady", attempts: 4, reason: "no line" }))]
        )
        assert.strictEqual(journal.outside.asks("steady"), 4)
      }).pipe(Effect.scoped)
    )

    it.effect("is tried once where it is to be tried once", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.answer("once", unavailable)
        const life = yield* journal.open(story((id) => once(id)))
        const error = yield* Effect.flip((yield* life.do(ask())).exit!)
        assert.deepStrictEqual(error, new StepGaveUp({ step: "once", attempts: 1, reason: "no line" }))
        assert.strictEqual(journal.outside.asks("once"), 1)
      }).pipe(Effect.scoped)
    )

    it.effect("is given up when its time is up, whatever attempts are left", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.answer("hasty", unavailable)
        const life = yield* journal.open(story((id) => hasty(id)))
        const error = yield* Effect.flip((yield* life.do(ask())).exit!)
        assert.instanceOf(error, StepGaveUp)
        assert.strictEqual(journal.outside.asks("hasty"), 11)
      }).pipe(Effect.scoped)
    )

    it.effect("leaves part of each pause to chance, within bounds", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.answer("jittery", unavailable)
        const life = yield* journal.open(story((id) => jittery(id)))
        yield* life.do(ask())
        const pauses = pausesOf(journal, "jittery")
        assert.strictEqual(pauses.length, 29)
        for (const pause of pauses) assert.isTrue(pause >= 500 && pause <= 1000, String(pause))
        assert.isAbove(new Set(pauses).size, 10)
      }).pipe(Effect.scoped)
    )

    it.effect("fails with the refusal that stands for giving up, where its definition says one", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.answer("translated", unavailable)
        const life = yield* journal.open(story((id) => translated(id)))
        const rest = yield* life.do(ask())
        assert.deepStrictEqual(rest.exit, Exit.fail(new Sorry({ why: "no line for 1", left: 0 })))
        assert.instanceOf(yield* Effect.flip(rest.exit!), Sorry)
      }).pipe(Effect.scoped)
    )

    it.effect("is given up as such, with both reasons, when its own words for that fail", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.answer("mistranslated", unavailable)
        const life = yield* journal.open(
          story((id) => mistranslated(id) as Effect.Effect<string, Sorry | StepGaveUp, World>)
        )
        const error = yield* Effect.flip((yield* life.do(ask())).exit!)
        assert.instanceOf(error, StepGaveUp)
        assert.match(String(error.message), /no line.*tripped/)
      }).pipe(Effect.scoped)
    )

    it.effect("leaves memory for a long pause, and a crash in it neither shortens it nor gives attempts back", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.answer("slow", unavailable)
        const slowly = story((id) => slow(id))
        const first = yield* journal.open(slowly)
        first.launch(ask())
        yield* first.pass(600_000)
        const second = yield* journal.open(slowly)
        second.launch(ask())
        yield* second.pass(600_000)
        const third = yield* journal.open(slowly)
        const rest = yield* third.do(ask())
        assert.deepStrictEqual(rest.exit, Exit.fail(new StepGaveUp({ step: "slow", attempts: 3, reason: "no line" })))
        assert.deepStrictEqual(pausesOf(journal, "slow"), [3_600_000, 3_600_000])
      }).pipe(Effect.scoped)
    )

    it.effect("waits for the rest of its pause when a crash comes at the beginning of it", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("slow", unavailable)
        const slowly = story((id) => slow(id))
        const first = yield* journal.open(slowly)
        first.launch(ask())
        yield* first.pass(100) // it is in memory still
        const second = yield* journal.open(slowly)
        assert.deepStrictEqual((yield* second.do(ask())).exit, Exit.succeed("slow 2"))
        assert.deepStrictEqual(pausesOf(journal, "slow"), [3_600_000])
      }).pipe(Effect.scoped)
    )

    it.effect(
      "is never tried more often than its policy says, and as often again to find out what a crash left in question",
      () =>
        Effect.gen(function* () {
          for (const { answer, crash, journal } of yield* performEverywhere(harness, {
            workflows: story((id) => steady(id)),
            ask: ask(),
            script: ({ outside }) => outside.answer("steady", unavailable)
          })) {
            const rest = yield* answer
            // An attempt that a crash cut off may have happened, whatever the later ones say: a person has to know.
            const isInQuestion = journal.committed.kinds().includes("unknown")
            assert.strictEqual(rest.status, isInQuestion ? "stuck" : "refused", `${crash}: ${rest.why?.message}`)
            if (!isInQuestion) assert.instanceOf(yield* Effect.flip(rest.exit!), StepGaveUp, crash)
            assert.isAtMost(journal.outside.asks("steady"), isInQuestion ? 8 : 4, crash)
            assert.strictEqual(new Set(journal.outside.keysOf("steady")).size, 1, crash)
          }
        })
    )

    it.effect("is not tried again when it is refused meanwhile", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("steady", unavailable, refuses)
        const life = yield* journal.open(story((id) => steady(id)))
        assert.deepStrictEqual((yield* life.do(ask())).exit, Exit.fail(new Sorry({ why: "none", left: 3 })))
        assert.strictEqual(journal.outside.asks("steady"), 2)
      }).pipe(Effect.scoped)
    )

    it.effect("after an attempt that may have happened is not given up as if it had not: a person is asked", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("steady", unavailable, happensAnd(Effect.die("tripped")))
        journal.outside.answer("steady", unavailable)
        const life = yield* journal.open(story((id) => steady(id)))
        const rest = yield* life.do(ask())
        assert.deepStrictEqual([rest.status, rest.exit], ["stuck", undefined])
        assert.deepStrictEqual(journal.outside.happened, ["steady"])
        assert.strictEqual(new Set(journal.outside.keysOf("steady")).size, 1)
        yield* life.do(Journal.use((journal) => journal.settle("1", "steady", { _tag: "Done", value: "it was there" })))
        assert.deepStrictEqual((yield* life.do(ask())).exit, Exit.succeed("it was there"))
      }).pipe(Effect.scoped)
    )

    it.effect("may be unknown in between: the same key goes on", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("steady", unavailable, happensAnd(Effect.die("tripped")), unavailable)
        const life = yield* journal.open(story((id) => steady(id)))
        assert.deepStrictEqual((yield* life.do(ask())).exit, Exit.succeed("steady 4"))
        assert.strictEqual(new Set(journal.outside.keysOf("steady")).size, 1)
        assert.deepStrictEqual(journal.outside.happened, ["steady"])
      }).pipe(Effect.scoped)
    )
  })
}
