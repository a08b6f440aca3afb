/**
 * The laws of undos that go wrong: each is a step of its own, and what cannot be taken back waits for a person.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Schema } from "effect"
import { Journal, type Rest } from "firebreak/journal"
import { coroutineScope } from "firebreak/supervision"
import { Found, Indeterminate, Step, Unavailable } from "firebreak/workflows"
import { perform, performEverywhere } from "./crashes.ts"
import { type Harness, type Life, testJournal, type TestJournal } from "./harness.ts"
import {
  type Answer,
  crashes,
  fails,
  happensAnd,
  happensAndCrashes,
  Sorry,
  unavailable,
  well,
  World
} from "./Outside.ts"
import { leaveRequest } from "./outsiders.ts"
import { a, ask, b, c, cancel, show, story } from "./stories.ts"

const sorry = new Sorry({ why: "none", left: 3 })
const failing = Effect.fail(sorry)
const hour = 3_600_000

const stepWith = (name: string, unknown: "look" | "repeat") =>
  Step.make(name, {
    success: Schema.String,
    error: Sorry,
    do: (input: string, key) => World.use((world) => world.call(name, key, input)),
    undo: {
      do: (_, key) => World.use((world) => world.call(`undo ${name}`, key)),
      unknown: unknown === "repeat" ? "repeat" : (_, key) => World.use((world) => world.ask("look", key)),
      retry: { attempts: 3, backoff: { first: "1 second", factor: 2 }, jitter: 0, within: "2 hours" },
      timeout: "10 seconds"
    },
    unknown: "repeat",
    keyLifetime: "24 hours"
  })
const looked = stepWith("looked", "look")
const repeated = stepWith("repeated", "repeat")

const refused = (step: typeof looked) => story((id) => Effect.all([a(id), step(id), b(id), failing]))
const isStuck = (rest: Rest<unknown, unknown>) => rest.status === "stuck"
const retry = Journal.use((journal) => journal.retry("1"))
const settle = (step: string) => Journal.use((journal) => journal.settle("1", step, { _tag: "Undone" }))

const begin = (harness: Harness, workflows = refused(looked), ...answers: ReadonlyArray<Answer>) =>
  Effect.gen(function* () {
    const journal = yield* testJournal(harness)
    journal.outside.script("undo looked", ...answers)
    journal.outside.script("undo repeated", ...answers)
    const life = yield* journal.open(workflows)
    return { journal, life }
  })

export const undoTroubleLaws = (harness: Harness): void => {
  describe("an undo", () => {
    const ways: { readonly [way: string]: Answer } = {
      "a timeout": happensAnd(Effect.never),
      Indeterminate: happensAnd(Effect.fail(new Indeterminate({ reason: "no answer" }))),
      "an interruption": happensAnd(Effect.interrupt),
      "a crash": happensAndCrashes
    }
    for (const [way, answer] of Object.entries(ways)) {
      it.effect(`that is unknown by ${way} is looked for, with its own key, and not repeated when it is found`, () =>
        Effect.gen(function* () {
          const { journal, life } = yield* begin(harness, refused(looked), answer)
          journal.outside.answer("look", () => Effect.succeed(Found.done(undefined)))
          const rest = yield* restOf(journal, life, refused(looked))
          assert.deepStrictEqual([rest.status, rest.undone], ["refused", ["b", "looked", "a"]])
          assert.strictEqual(journal.outside.asks("undo looked"), 1)
          assert.deepStrictEqual(journal.outside.keysOf("look"), journal.outside.keysOf("undo looked"))
        }).pipe(Effect.scoped)
      )

      it.effect(`that is unknown by ${way} is repeated with the same key where no look is given`, () =>
        Effect.gen(function* () {
          const { journal, life } = yield* begin(harness, refused(repeated), answer)
          const rest = yield* restOf(journal, life, refused(repeated))
          assert.deepStrictEqual(rest.undone, ["b", "repeated", "a"])
          assert.strictEqual(journal.outside.asks("undo repeated"), 2)
          assert.strictEqual(new Set(journal.outside.keysOf("undo repeated")).size, 1)
          assert.deepStrictEqual(journal.outside.happened, ["a", "repeated", "b", "undo b", "undo repeated", "undo a"])
        }).pipe(Effect.scoped)
      )
    }

    it.effect("is done again when a look says that it was not done", () =>
      Effect.gen(function* () {
        const { journal, life } = yield* begin(
          harness,
          refused(looked),
          fails(new Indeterminate({ reason: "no answer" }))
        )
        journal.outside.script(
          "look",
          () => Effect.succeed(Found.unknown),
          () => Effect.die("tripped"),
          () => Effect.succeed(Found.absent)
        )
        const rest = yield* life.do(ask())
        assert.deepStrictEqual(rest.undone, ["b", "looked", "a"])
        assert.deepStrictEqual([journal.outside.asks("look"), journal.outside.asks("undo looked")], [3, 2])
      }).pipe(Effect.scoped)
    )

    it.effect("is stuck when a look says that it was refused", () =>
      Effect.gen(function* () {
        const { journal, life } = yield* begin(
          harness,
          refused(looked),
          fails(new Indeterminate({ reason: "no answer" }))
        )
        journal.outside.answer("look", () => Effect.succeed(Found.refused(sorry)))
        const rest = yield* life.do(ask())
        assert.isTrue(isStuck(rest))
        assert.match(String(rest.why?.message), /"looked".*refused/)
      }).pipe(Effect.scoped)
    )

    it.effect("that is unavailable is tried again with its own policy, then stuck", () =>
      Effect.gen(function* () {
        const { journal, life } = yield* begin(harness)
        journal.outside.answer("undo looked", unavailable)
        const rest = yield* life.do(ask())
        assert.isTrue(isStuck(rest))
        assert.match(String(rest.why?.steps[0]?.reason), /given up after 3 attempts: no line/)
        const times = journal.outside.asked.filter(({ what }) => what === "undo looked").map(({ at }) => at)
        assert.deepStrictEqual(
          times.slice(1).map((at, n) => at - times[n]!),
          [1000, 2000]
        )
      }).pipe(Effect.scoped)
    )

    it.effect("that dies is stuck once, and the others are undone once", () =>
      Effect.gen(function* () {
        const { journal, life } = yield* begin(harness)
        journal.outside.answer("undo looked", () => Effect.die(new Error("tripped")))
        const rest = yield* life.do(ask())
        assert.deepStrictEqual([rest.status, rest.exit, rest.undone], ["stuck", undefined, ["b", "a"]])
        assert.deepStrictEqual(
          rest.why?.steps.map(({ reason, step }) => [step, reason]),
          [["looked", "tripped"]]
        )
        assert.deepStrictEqual(journal.outside.happened, ["a", "looked", "b", "undo b", "undo a"])
        yield* life.pass(30 * 24 * hour)
        assert.strictEqual(journal.outside.asks("undo looked"), 1)
        const again = yield* journal.open(refused(looked))
        assert.isTrue(isStuck(yield* again.do(ask())))
        assert.deepStrictEqual(
          ["undo looked", "undo a", "undo b"].map((what) => journal.outside.asks(what)),
          [1, 1, 1]
        )
      }).pipe(Effect.scoped)
    )

    it.effect("that is stuck looks first when a person tries it again: what was done is not done twice", () =>
      Effect.gen(function* () {
        const { journal, life } = yield* begin(harness, refused(looked), happensAnd(Effect.die(new Error("tripped"))))
        journal.outside.answer("look", () => Effect.succeed(Found.done(undefined)))
        assert.isTrue(isStuck(yield* life.do(ask())))
        yield* life.do(retry)
        const rest = yield* life.do(ask())
        assert.deepStrictEqual([rest.status, rest.exit], ["refused", Exit.fail(sorry)])
        assert.strictEqual(journal.outside.asks("undo looked"), 1)
        assert.strictEqual(rest.why?.because, "failure", "why it failed is told again")
      }).pipe(Effect.scoped)
    )

    it.effect("that is stuck may be tried again in another process, and fail again", () =>
      Effect.gen(function* () {
        const tripping = happensAnd(Effect.die(new Error("tripped")))
        const { journal, life } = yield* begin(harness, refused(looked), tripping, tripping)
        journal.outside.answer("look", () => Effect.succeed(Found.absent))
        assert.isTrue(isStuck(yield* life.do(ask())))
        for (const expected of ["stuck", "refused"]) {
          const next = yield* journal.open(refused(looked))
          yield* next.do(retry)
          assert.strictEqual((yield* next.do(ask())).status, expected)
        }
        assert.strictEqual(journal.outside.asks("undo looked"), 3)
        assert.strictEqual(new Set(journal.outside.keysOf("undo looked")).size, 1)
      }).pipe(Effect.scoped)
    )

    it.effect("that is stuck may be settled by a person: it counts as undone", () =>
      Effect.gen(function* () {
        const { journal, life } = yield* begin(harness, refused(looked), () => Effect.die(new Error("tripped")))
        assert.isTrue(isStuck(yield* life.do(ask())))
        yield* life.do(settle("looked"))
        const rest = yield* life.do(ask())
        assert.deepStrictEqual([rest.status, rest.exit], ["refused", Exit.fail(sorry)])
        assert.strictEqual(journal.outside.asks("undo looked"), 1)
        const { steps } = yield* life.do(show())
        assert.deepStrictEqual(
          steps.map(({ undo }) => undo),
          ["undone", "undone", "undone"]
        )
      }).pipe(Effect.scoped)
    )

    it.effect(
      "that is stuck in a scope holds the scope until a person has seen to it, over a crash, and then it goes on",
      () =>
        Effect.gen(function* () {
          const workflows = story((id) =>
            Effect.andThen(
              Effect.exit(
                coroutineScope(function* () {
                  yield* looked(id)
                  yield* b(id)
                  yield* failing
                })
              ),
              c(id)
            )
          )
          const { journal, life } = yield* begin(harness, workflows, () => Effect.die(new Error("tripped")))
          assert.isTrue(isStuck(yield* life.do(ask())))
          assert.deepStrictEqual(journal.outside.happened, ["looked", "b", "undo b"])
          const next = yield* journal.open(workflows)
          yield* next.pass(10 * hour)
          assert.isTrue(isStuck(yield* next.do(ask())))
          yield* next.do(settle("looked"))
          const rest = yield* next.do(ask())
          assert.deepStrictEqual([rest.status, rest.exit], ["completed", Exit.succeed("c 1")])
          assert.deepStrictEqual(journal.outside.happened, ["looked", "b", "undo b", "c"])
        }).pipe(Effect.scoped)
    )

    it.effect("that a crash left in question is not repeated when its key may have been forgotten: it is stuck", () =>
      Effect.gen(function* () {
        const { journal, life } = yield* begin(harness, refused(repeated), happensAndCrashes)
        assert.strictEqual((yield* life.attempt(ask()))._tag, "None")
        journal.time.now += 25 * hour
        const next = yield* journal.open(refused(repeated))
        const rest = yield* next.do(ask())
        assert.isTrue(isStuck(rest))
        assert.match(String(rest.why?.steps[0]?.reason), /key may have been forgotten/)
        assert.strictEqual(journal.outside.asks("undo repeated"), 1)
        assert.deepStrictEqual(rest.undone, ["b", "a"])
      }).pipe(Effect.scoped)
    )

    it.effect(
      "that may have happened stays in question, however often a person tries it again: it is not repeated",
      () =>
        Effect.gen(function* () {
          const { journal, life } = yield* begin(harness, refused(repeated), happensAndCrashes)
          yield* life.attempt(ask())
          journal.time.now += 25 * hour
          const next = yield* journal.open(refused(repeated))
          assert.isTrue(isStuck(yield* next.do(ask())))
          for (let n = 0; n < 3; n++) {
            yield* next.do(retry)
            yield* next.pass(1000)
            assert.isTrue(isStuck(yield* next.do(ask())))
          }
          assert.strictEqual(journal.outside.asks("undo repeated"), 1)
          yield* next.do(settle("repeated"))
          assert.strictEqual((yield* next.do(ask())).status, "refused")
        }).pipe(Effect.scoped)
    )

    it.effect("that may have happened stays in question when people asked for it twice while nobody was there", () =>
      Effect.gen(function* () {
        const { journal, life } = yield* begin(harness, refused(repeated), happensAnd(Effect.die("tripped")))
        assert.isTrue(isStuck(yield* life.do(ask())))
        yield* journal.end(life)
        journal.time.now += 25 * hour
        for (let n = 0; n < 2; n++) yield* leaveRequest(journal, "retry", null)
        const next = yield* journal.open(refused(repeated))
        yield* next.pass(10_000)
        assert.isTrue(isStuck(yield* next.do(ask())))
        assert.strictEqual(journal.outside.asks("undo repeated"), 1)
      }).pipe(Effect.scoped)
    )

    it.effect("that may have happened is not made sure of by a later attempt that surely did not", () =>
      Effect.gen(function* () {
        const { journal, life } = yield* begin(
          harness,
          refused(repeated),
          happensAnd(Effect.fail(new Indeterminate({ reason: "no answer" }))),
          unavailable
        )
        life.launch(ask())
        for (let n = 0; n < 100 && journal.outside.asks("undo repeated") < 2; n++) yield* life.pass(20)
        assert.strictEqual(journal.outside.asks("undo repeated"), 2)
        yield* life.settle
        yield* journal.end(life)
        journal.time.now += 25 * hour
        const next = yield* journal.open(refused(repeated))
        assert.isTrue(isStuck(yield* next.do(ask())))
        assert.strictEqual(journal.outside.asks("undo repeated"), 2)
      }).pipe(Effect.scoped)
    )

    it.effect("that a crash left in question is not made sure of by a later attempt that surely did not happen", () =>
      Effect.gen(function* () {
        const { journal, life } = yield* begin(harness, refused(repeated), happensAndCrashes, unavailable)
        yield* life.attempt(ask())
        const second = yield* journal.open(refused(repeated))
        for (let n = 0; n < 100 && journal.outside.asks("undo repeated") < 2; n++) yield* second.pass(20)
        yield* second.settle
        yield* journal.end(second)
        journal.time.now += 25 * hour
        const third = yield* journal.open(refused(repeated))
        assert.isTrue(isStuck(yield* third.do(ask())))
        assert.strictEqual(journal.outside.asks("undo repeated"), 2)
      }).pipe(Effect.scoped)
    )

    it.effect("that a look found absent did not happen: later attempts that did not are counted as usual", () =>
      Effect.gen(function* () {
        const { journal, life } = yield* begin(
          harness,
          refused(looked),
          fails(new Indeterminate({ reason: "no answer" })),
          unavailable
        )
        journal.outside.script("look", () => Effect.succeed(Found.absent))
        const rest = yield* life.do(ask())
        assert.deepStrictEqual([rest.status, rest.undone], ["refused", ["b", "looked", "a"]])
        assert.deepStrictEqual([journal.outside.asks("look"), journal.outside.asks("undo looked")], [1, 3])
      }).pipe(Effect.scoped)
    )

    it.effect("that a crash left in question is found 25 hours later where it can be looked for: one refund", () =>
      Effect.gen(function* () {
        const { journal, life } = yield* begin(harness, refused(looked), happensAndCrashes)
        journal.outside.answer("look", () => Effect.succeed(Found.done(undefined)))
        yield* life.attempt(ask())
        journal.time.now += 25 * hour
        const rest = yield* (yield* journal.open(refused(looked))).do(ask())
        assert.deepStrictEqual([rest.status, rest.undone], ["refused", ["b", "looked", "a"]])
        assert.strictEqual(journal.outside.asks("undo looked"), 1)
      }).pipe(Effect.scoped)
    )

    it.effect("is not repeated with an old key because the clock went back", () =>
      Effect.gen(function* () {
        const { journal, life } = yield* begin(harness, refused(repeated), happensAndCrashes)
        yield* life.attempt(ask())
        journal.time.now -= hour
        const rest = yield* (yield* journal.open(refused(repeated))).do(ask())
        assert.isTrue(isStuck(rest))
        assert.strictEqual(journal.outside.asks("undo repeated"), 1)
      }).pipe(Effect.scoped)
    )

    it.effect("that waits for its next attempt keeps nobody in memory, and is woken in its time", () =>
      Effect.gen(function* () {
        const { journal, life } = yield* begin(harness)
        journal.outside.script("undo looked", fails(new Indeterminate({ reason: "no answer" })))
        const unknown: Answer = () => Effect.succeed(Found.unknown)
        journal.outside.script("look", ...Array.from({ length: 12 }, () => unknown), () =>
          Effect.succeed(Found.done(undefined))
        )
        life.launch(ask())
        yield* life.pass(600_000)
        assert.strictEqual((yield* life.do(Journal.use((journal) => journal.load))).inMemory, 0)
        const rest = yield* life.do(ask())
        assert.deepStrictEqual([rest.status, journal.outside.asks("look")], ["refused", 13])
      }).pipe(Effect.scoped)
    )

    it.effect("belongs to a list that a crash does not change: the body is not entered again", () =>
      Effect.gen(function* () {
        let bodies = 0
        const workflows = story((id) =>
          Effect.suspend(() => {
            bodies++
            return Effect.all([a(id), b(id), c(id), failing])
          })
        )
        const play = { workflows, ask: ask() }
        const whole = yield* perform(harness, play)
        let decidedBefore = 0
        for (let commit = 1; commit <= whole.commits; commit++) {
          bodies = 0
          const { answer, crash, journal } = yield* perform(harness, play, { commit, when: "before" })
          assert.strictEqual((yield* answer).status, "refused", crash)
          assert.deepStrictEqual(journal.outside.happened, ["a", "b", "c", "undo c", "undo b", "undo a"], crash)
          const kinds = journal.committed.kinds()
          const wasDecided = kinds.indexOf("outcome") < kinds.indexOf("activated")
          assert.strictEqual(bodies, wasDecided ? 1 : 2, crash)
          assert.strictEqual(kinds.filter((kind) => kind === "outcome").length, 1, crash)
          if (wasDecided) decidedBefore++
        }
        assert.isAtLeast(decidedBefore, 3)
      })
    )

    it.effect("crashes between do and record and before do, at every undo, and is done once each", () =>
      Effect.gen(function* () {
        for (const answer of [happensAndCrashes, crashes]) {
          for (const what of ["undo a", "undo b", "undo c"]) {
            const { journal, answer: rest } = yield* perform(harness, {
              workflows: story((id) => Effect.all([a(id), b(id), c(id), failing])),
              ask: ask(),
              script: ({ outside }) => outside.script(what, answer)
            })
            assert.deepStrictEqual((yield* rest).undone, ["c", "b", "a"])
            assert.deepStrictEqual(journal.outside.happened, ["a", "b", "c", "undo c", "undo b", "undo a"])
            assert.strictEqual(journal.outside.asks(what), 2)
          }
        }
      })
    )

    it.effect("of a step that was repeated after a late effect takes back what happened, once, whatever crashes", () =>
      Effect.gen(function* () {
        for (const { answer, crash, journal } of yield* performEverywhere(harness, {
          workflows: story((id) => Effect.all([a(id), failing])),
          ask: ask(),
          script: ({ outside }) => {
            outside.script("a", happensAnd(Effect.die("tripped")), unavailable, well)
            outside.script("undo a", fails(new Unavailable({ reason: "no line" })), happensAnd(Effect.interrupt))
          }
        })) {
          assert.strictEqual((yield* answer).status, "refused", crash)
          assert.deepStrictEqual(journal.outside.happened, ["a", "undo a"], crash)
          assert.strictEqual(new Set(journal.outside.keysOf("undo a")).size, 1, crash)
        }
      })
    )

    it.effect("of a cancelled execution that is stuck is told in the receipt", () =>
      Effect.gen(function* () {
        const workflows = story((id) => Effect.andThen(looked(id), Effect.sleep("1 day")))
        const { life } = yield* begin(harness, workflows, () => Effect.die(new Error("tripped")))
        life.launch(ask())
        yield* life.pass(1000)
        yield* life.do(cancel())
        assert.isTrue(isStuck(yield* life.do(ask())))
        const receipt = yield* life.do(cancel())
        assert.isTrue("steps" in receipt)
        if (!("steps" in receipt)) return
        assert.deepStrictEqual([receipt.isFinal, receipt.steps.map(({ state }) => state)], [false, ["stuck"]])
        yield* life.do(settle("looked"))
        assert.strictEqual((yield* life.do(ask())).status, "cancelled")
      }).pipe(Effect.scoped)
    )
  })
}

const restOf = (journal: TestJournal, first: Life, workflows: ReturnType<typeof story>) =>
  Effect.gen(function* () {
    const exit = yield* first.attempt(ask())
    return exit._tag === "Some" ? yield* exit.value : yield* (yield* journal.open(workflows)).do(ask())
  })
