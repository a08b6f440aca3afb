/**
 * The laws of what nobody knows: every way in which the outcome of a step gets lost, with every way to settle it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Option, Schema } from "effect"
import { Journal } from "firebreak/journal"
import { Found, Indeterminate, OutcomeUnknown, Step } from "firebreak/workflows"
import { performEverywhere } from "./crashes.ts"
import { type Harness, type Life, testJournal, type TestJournal } from "./harness.ts"
import { type Answer, fails, gives, happensAnd, happensAndCrashes, Sorry, well, World } from "./Outside.ts"
import { ask, story } from "./stories.ts"

const limit = 2000

const ways: { readonly [way: string]: Answer } = {
  "a defect": happensAnd(Effect.die(new Error("tripped"))),
  "a timeout": happensAnd(Effect.never),
  "an interruption": happensAnd(Effect.interrupt),
  Indeterminate: happensAnd(Effect.fail(new Indeterminate({ reason: "no answer" }))),
  "an error that is not listed": happensAnd(Effect.fail({ _tag: "Surprise" })),
  "a refusal and a defect at once": happensAnd(
    Effect.ensuring(Effect.fail(new Sorry({ why: "none", left: 0 })), Effect.die("tripped"))
  ),
  "a result that cannot be written down": gives(42),
  "a result that is too large": gives("x".repeat(limit)),
  "a crash": happensAndCrashes
}

const stepThat = <const U extends "repeat" | "ask" | "leave">(unknown: U) =>
  Step.make(`act, then ${unknown}`, {
    success: Schema.String,
    error: Sorry,
    do: (input: string, key) => World.use((world) => world.call("act", key, input)),
    undo: "irreversible",
    unknown,
    timeout: "1 second"
  })
const repeats = stepThat("repeat")
const asks = stepThat("ask")
const leaves = stepThat("leave")
const looks = Step.make("act, then look", {
  success: Schema.String,
  error: Sorry,
  do: (input: string, key) => World.use((world) => world.call("act", key, input)),
  undo: "irreversible",
  unknown: (input, key) => World.use((world) => world.ask("look", key, input)),
  timeout: "1 second"
})

const looking = story((id) => looks(id))
const options = { limit }

/** Asks until somebody is there to answer: where the way is a crash, in a second process. */
const askOn = (journal: TestJournal, workflows: ReturnType<typeof story>) =>
  Effect.gen(function* () {
    for (;;) {
      const life: Life = yield* journal.open(workflows, options)
      const exit = yield* life.attempt(ask())
      if (Option.isSome(exit)) return { life, rest: yield* exit.value }
    }
  })

export const unknownLaws = (harness: Harness): void => {
  describe.each(Object.keys(ways))("what is unknown by %s", (way) => {
    const begin = Effect.gen(function* () {
      const journal = yield* testJournal(harness)
      journal.outside.script("act", ways[way]!)
      return journal
    })

    it.effect("is done when a look finds it, and is not done again", () =>
      Effect.gen(function* () {
        const journal = yield* begin
        journal.outside.answer("look", () => Effect.succeed(Found.done("found")))
        const { rest } = yield* askOn(journal, looking)
        assert.deepStrictEqual([rest.status, rest.exit], ["completed", Exit.succeed("found")])
        assert.deepStrictEqual([journal.outside.asks("act"), journal.outside.asks("look")], [1, 1])
        assert.deepStrictEqual(journal.outside.keysOf("look"), journal.outside.keysOf("act"))
      }).pipe(Effect.scoped)
    )

    it.effect("is refused when a look says so, with the refusal's fields", () =>
      Effect.gen(function* () {
        const journal = yield* begin
        const sorry = new Sorry({ why: "taken", left: 7 })
        journal.outside.answer("look", () => Effect.succeed(Found.refused(sorry)))
        const { rest } = yield* askOn(journal, looking)
        assert.deepStrictEqual([rest.status, rest.exit], ["refused", Exit.fail(sorry)])
        assert.strictEqual(journal.outside.asks("act"), 1)
      }).pipe(Effect.scoped)
    )

    it.effect("is done again with another key when a look makes sure that it is absent", () =>
      Effect.gen(function* () {
        const journal = yield* begin
        journal.outside.answer("look", () => Effect.succeed(Found.absent))
        const { rest } = yield* askOn(journal, looking)
        assert.deepStrictEqual([rest.status, rest.exit], ["completed", Exit.succeed("act 2")])
        const [first, second] = journal.outside.keysOf("act")
        assert.notStrictEqual(first, second)
        assert.deepStrictEqual(journal.outside.keysOf("look"), [first!])
      }).pipe(Effect.scoped)
    )

    it.effect(
      "is looked for later and later while a look does not know, fails, dies or answers what does not fit",
      () =>
        Effect.gen(function* () {
          const journal = yield* begin
          journal.outside.script(
            "look",
            () => Effect.succeed(Found.unknown),
            fails(new Sorry({ why: "no line", left: 0 })),
            () => Effect.die("tripped"),
            () => Effect.succeed(Found.done(42)),
            () => Effect.succeed(Found.unknown),
            () => Effect.succeed(Found.done("found"))
          )
          const { rest } = yield* askOn(journal, looking)
          assert.deepStrictEqual(rest.exit, Exit.succeed("found"))
          assert.strictEqual(journal.outside.asks("act"), 1)
          const times = journal.outside.asked.filter(({ what }) => what === "look").map(({ at }) => at)
          const pauses = times.slice(1).map((at, n) => at - times[n]!)
          assert.strictEqual(pauses.length, 5)
          // 250 ms, twice as long each time, less up to a fifth by chance.
          pauses.forEach((pause, n) =>
            assert.isTrue(pause >= 200 * 2 ** n && pause <= 250 * 2 ** n, `pause ${n}: ${pause}`)
          )
        }).pipe(Effect.scoped)
    )

    it.effect("is done again with the same key where that is harmless", () =>
      Effect.gen(function* () {
        const journal = yield* begin
        const { rest } = yield* askOn(
          journal,
          story((id) => repeats(id))
        )
        assert.deepStrictEqual(rest.exit, Exit.succeed("act 2"))
        assert.strictEqual(journal.outside.asks("act"), 2)
        assert.strictEqual(new Set(journal.outside.keysOf("act")).size, 1)
        assert.deepStrictEqual(journal.outside.happened, ["act"])
      }).pipe(Effect.scoped)
    )

    it.effect("waits for a person where one is to be asked, who may say that it is done", () =>
      Effect.gen(function* () {
        const journal = yield* begin
        const { life, rest } = yield* askOn(
          journal,
          story((id) => asks(id))
        )
        assert.deepStrictEqual([rest.status, rest.exit], ["stuck", undefined])
        assert.strictEqual(rest.why?.steps[0]?.step, "act, then ask")
        assert.notStrictEqual(rest.why?.steps[0]?.reason, "")
        yield* life.do(
          Journal.use((journal) => journal.settle("1", "act, then ask", { _tag: "Done", value: "I saw it" }))
        )
        const settled = yield* life.do(ask())
        assert.deepStrictEqual([settled.status, settled.exit], ["completed", Exit.succeed("I saw it")])
        assert.strictEqual(journal.outside.asks("act"), 1)
      }).pipe(Effect.scoped)
    )

    it.effect(
      "waits for a person, who may say in another process that it is absent: then it is done with another key",
      () =>
        Effect.gen(function* () {
          const journal = yield* begin
          const asking = story((id) => asks(id))
          yield* askOn(journal, asking)
          const later = yield* journal.open(asking, options)
          yield* later.do(Journal.use((journal) => journal.settle("1", "act, then ask", { _tag: "Absent" })))
          const settled = yield* later.do(ask())
          assert.deepStrictEqual([settled.status, settled.exit], ["completed", Exit.succeed("act 2")])
          assert.strictEqual(new Set(journal.outside.keysOf("act")).size, 2)
        }).pipe(Effect.scoped)
    )

    it.effect("is left, with an error that says so, where nobody will ever know", () =>
      Effect.gen(function* () {
        const journal = yield* begin
        const { rest } = yield* askOn(
          journal,
          story((id) => leaves(id))
        )
        assert.strictEqual(rest.status, "refused")
        const error = yield* Effect.flip(rest.exit!)
        assert.instanceOf(error, OutcomeUnknown)
        assert.strictEqual((error as OutcomeUnknown).step, "act, then leave") // sound: looked at one line above
        assert.strictEqual(journal.outside.asks("act"), 1)
      }).pipe(Effect.scoped)
    )
  })

  describe("what is unknown", () => {
    it.effect("is looked for with the same key whatever crashes meanwhile, and never done twice", () =>
      Effect.gen(function* () {
        const performances = yield* performEverywhere(harness, {
          workflows: looking,
          ask: ask(),
          script: ({ outside }) => {
            outside.script("act", ways["Indeterminate"]!)
            outside.script("look", () => Effect.succeed(Found.unknown))
            outside.answer("look", () => Effect.succeed(Found.done("found")))
          }
        })
        assert.isAbove(performances.length, harness.everyCommit === undefined ? 4 : 1)
        for (const { answer, crash, journal } of performances) {
          const rest = yield* answer
          assert.deepStrictEqual([crash, rest.exit], [crash, Exit.succeed("found")])
          assert.isAtMost(journal.outside.asks("act"), 1)
          assert.strictEqual(new Set([...journal.outside.keysOf("look"), ...journal.outside.keysOf("act")]).size, 1)
        }
      })
    )

    it.effect(
      "because of a crash is repeated at the next start, however late that is, while its key is remembered",
      () =>
        Effect.gen(function* () {
          const journal = yield* testJournal(harness)
          journal.outside.script("act", happensAndCrashes)
          const repeating = story((id) => repeats(id))
          yield* (yield* journal.open(repeating)).attempt(ask())
          journal.time.now += 23 * 3_600_000
          const rest = yield* (yield* journal.open(repeating)).do(ask())
          assert.deepStrictEqual(rest.exit, Exit.succeed("act 2"))
          assert.deepStrictEqual(journal.outside.happened, ["act"])
        }).pipe(Effect.scoped)
    )

    it.effect("is not repeated when its key may have been forgotten, or the clock went back: a person is asked", () =>
      Effect.gen(function* () {
        for (const hours of [25, -1]) {
          const journal = yield* testJournal(harness)
          journal.outside.script("act", happensAndCrashes)
          const repeating = story((id) => repeats(id))
          yield* (yield* journal.open(repeating)).attempt(ask())
          journal.time.now += hours * 3_600_000
          const rest = yield* (yield* journal.open(repeating)).do(ask())
          assert.strictEqual(rest.status, "stuck")
          assert.match(String(rest.why?.steps[0]?.reason), /key may have been forgotten/)
          assert.strictEqual(journal.outside.asks("act"), 1)
        }
      }).pipe(Effect.scoped)
    )

    it.effect(
      "and may be repeated is repeated as often as its policy says, then a person is asked, who may have it tried again",
      () =>
        Effect.gen(function* () {
          const journal = yield* testJournal(harness)
          journal.outside.answer("act", ways["Indeterminate"]!)
          const life = yield* journal.open(story((id) => repeats(id)))
          assert.strictEqual((yield* life.do(ask())).status, "stuck")
          assert.strictEqual(journal.outside.asks("act"), 5)
          journal.outside.script("act", ways["Indeterminate"]!)
          journal.outside.answer("act", well)
          yield* life.do(Journal.use((journal) => journal.retry("1")))
          const rest = yield* life.do(ask())
          assert.deepStrictEqual([rest.status, rest.exit], ["completed", Exit.succeed("act 7")])
          assert.strictEqual(new Set(journal.outside.keysOf("act")).size, 1)
        }).pipe(Effect.scoped)
    )

    it.effect("takes days of looking in its stride, and does not keep the execution in memory for it", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("act", ways["Indeterminate"]!)
        journal.outside.answer("look", () => Effect.succeed(Found.unknown))
        const life = yield* journal.open(looking)
        const asked = life.launch(ask())
        yield* life.pass(3 * 86_400_000)
        const load = yield* life.do(Journal.use((journal) => journal.load))
        assert.deepStrictEqual(load, { inMemory: 0, awaited: 1 })
        // Every hour at least, and with patience.
        assert.isTrue(
          journal.outside.asks("look") > 72 && journal.outside.asks("look") < 130,
          String(journal.outside.asks("look"))
        )
        journal.outside.answer("look", () => Effect.succeed(Found.done("at last")))
        const rest = yield* life.do(Fiber.join(asked))
        assert.deepStrictEqual(rest.exit, Exit.succeed("at last"))
        assert.strictEqual(journal.outside.asks("act"), 1)
      }).pipe(Effect.scoped)
    )
  })
}
