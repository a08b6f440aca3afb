/**
 * The laws of what is not a step: plain activities as Effect knows them, and the handlers of failures. They may run again
 * after a crash, and are never told twice.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Schema } from "effect"
import * as Activity from "effect/workflow/Activity"
import * as Workflow from "effect/workflow/Workflow"
import { supervisorScope, UncaughtHandler } from "firebreak/supervision"
import { StepKey } from "firebreak/workflows"
import { performEverywhere } from "./crashes.ts"
import { type Harness, testJournal } from "./harness.ts"
import { crashes, happensAndCrashes, refuses, see, slowly, Sorry, World } from "./Outside.ts"
import { a, ask, b, cancel, story } from "./stories.ts"

const key = StepKey.make("0".repeat(64))
const tell = (what: string) => World.use((world) => world.call(what, key))
const activity = (name: string) =>
  Activity.make({
    name,
    success: Schema.String,
    error: Sorry,
    execute: tell(name) as Effect.Effect<string, Sorry, World>
  })
const sorry = new Sorry({ why: "none", left: 3 })

const Impatient = Workflow.make("Impatient", {
  payload: { id: Schema.String },
  idempotencyKey: ({ id }) => id
}).annotate(Workflow.SuspendOnFailure, true)

export const activityLaws = (harness: Harness): void => {
  describe("a plain activity", () => {
    it.effect("runs once and is told again what it gave, and typed errors are classes", () =>
      Effect.gen(function* () {
        const body = (_: string) =>
          Effect.gen(function* () {
            yield* see(yield* activity("fetch"))
            const error = yield* Effect.flip(activity("store"))
            assert.instanceOf(error, Sorry)
            yield* see(error.message)
            yield* Effect.sleep("1 hour")
          })
        const performances = yield* performEverywhere(harness, {
          workflows: story(body as never),
          ask: ask(),
          script: ({ outside }) => outside.answer("store", refuses)
        })
        for (const { answer, contradictions, crash, journal } of performances) {
          assert.strictEqual((yield* answer).status, "completed", crash)
          assert.deepStrictEqual(contradictions, [], crash)
          const results = journal.committed.of(1).filter(({ kind }) => kind === "result")
          assert.strictEqual(results.length, 2, crash)
          assert.isAtMost(journal.outside.asks("fetch"), 2, crash)
        }
      })
    )

    it.effect("runs again when a crash cut it off", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("fetch", happensAndCrashes, crashes)
        const workflows = story(() => activity("fetch"))
        for (let n = 0; n < 2; n++) yield* (yield* journal.open(workflows)).attempt(ask())
        const rest = yield* (yield* journal.open(workflows)).do(ask())
        assert.deepStrictEqual(rest.exit, Exit.succeed("fetch 3"))
      }).pipe(Effect.scoped)
    )

    it.effect("that failed is not kept by a cancel: its receipt says so", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.answer("store", refuses)
        const broken = Activity.make({ name: "broken", execute: Effect.die(new Error("tripped")) })
        const workflows = story(() =>
          Effect.gen(function* () {
            yield* Effect.ignore(Effect.all([activity("fetch"), activity("store")]))
            yield* Effect.exit(broken)
            yield* Effect.sleep("1 hour")
          })
        )
        const life = yield* journal.open(workflows)
        life.launch(ask())
        yield* life.pass(1000)
        yield* life.do(cancel())
        assert.strictEqual((yield* life.do(ask())).status, "cancelled")
        const receipt = yield* life.do(cancel())
        assert.deepStrictEqual("steps" in receipt && receipt.steps.map(({ state, step }) => [step, state]), [
          ["fetch/1", "done and kept"],
          ["store/1", "refused"],
          ["broken/1", "nobody knows"]
        ])
      }).pipe(Effect.scoped)
    )

    it.effect("keeps the message and stack of its defect, also when it is told again", () =>
      Effect.gen(function* () {
        const tripped = new Error("tripped")
        const broken = Activity.make({ name: "broken", execute: Effect.die(tripped) })
        const workflows = story(() =>
          Effect.gen(function* () {
            const exit = yield* Effect.exit(broken)
            yield* see(Exit.isFailure(exit) ? String((Cause.squash(exit.cause) as Error).message) : "none") // sound: it died of an error
            yield* Effect.sleep("1 hour")
          })
        )
        const journal = yield* testJournal(harness)
        const first = yield* journal.open(workflows)
        first.launch(ask())
        yield* first.pass(1000)
        const second = yield* journal.open(workflows)
        assert.strictEqual((yield* second.do(ask())).status, "completed")
        for (const { seen } of journal.lives) assert.strictEqual(seen[0]?.what, "tripped")
      }).pipe(Effect.scoped)
    )

    it.effect("retried in a body has an attempt of its own each time", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("fetch", refuses, refuses)
        const life = yield* journal.open(story(() => Activity.retry(activity("fetch"), { times: 5 })))
        assert.deepStrictEqual((yield* life.do(ask())).exit, Exit.succeed("fetch 3"))
        assert.deepStrictEqual(
          journal.committed.kinds().filter((kind) => kind.startsWith("activity")),
          ["activity fetch/1", "activity fetch/2", "activity fetch/3"]
        )
      }).pipe(Effect.scoped)
    )

    it.effect("that wins a race wins it each time it is told again", () =>
      Effect.gen(function* () {
        const performances = yield* performEverywhere(harness, {
          workflows: story(() =>
            Effect.tap(Activity.raceAll("fastest", [activity("fetch"), activity("store")]), (won) =>
              see(won.slice(0, 1))
            )
          ),
          ask: ask(),
          script: ({ outside }) => {
            outside.answer("fetch", slowly(1000))
            outside.answer("store", slowly(20))
          }
        })
        for (const { answer, contradictions, crash } of performances) {
          assert.deepStrictEqual(contradictions, [], crash)
          const { exit } = yield* answer
          assert.match(String(yield* exit!), /^s/, crash)
        }
      })
    )

    it.effect("with a compensation has it run when the workflow fails, newest first, beside the undos of steps", () =>
      Effect.gen(function* () {
        const compensated = (name: string) =>
          Workflow.withCompensation(activity(name), () => Effect.asVoid(Effect.orDie(tell(`compensate ${name}`))))
        const body = (id: string) =>
          Effect.gen(function* () {
            yield* a(id)
            yield* compensated("fetch")
            yield* compensated("store")
            return yield* sorry
          })
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(story(body))
        assert.strictEqual((yield* life.do(ask())).status, "refused")
        assert.deepStrictEqual(
          journal.outside.asked.map(({ what }) => what),
          ["a", "fetch", "store", "compensate store", "compensate fetch", "undo a"]
        )
      }).pipe(Effect.scoped)
    )

    it.effect("with a compensation has it run when the workflow is cancelled while it sleeps", () =>
      Effect.gen(function* () {
        const body = () =>
          Effect.andThen(
            Workflow.withCompensation(activity("fetch"), () => Effect.asVoid(Effect.orDie(tell("compensate fetch")))),
            Effect.sleep("1 day")
          )
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(story(body))
        life.launch(ask())
        yield* life.pass(5000)
        yield* life.do(cancel())
        assert.strictEqual((yield* life.do(ask())).status, "cancelled")
        assert.strictEqual(journal.outside.asks("compensate fetch"), 1)
      }).pipe(Effect.scoped)
    )

    it.effect("is cancelled, in the receipt of a cancel, where that cut it off; one that had ended is kept", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.answer("store", () => Effect.never)
        const life = yield* journal.open(story(() => Effect.andThen(activity("fetch"), activity("store"))))
        life.launch(ask())
        yield* life.pass(100)
        yield* life.do(cancel())
        assert.strictEqual((yield* life.do(ask())).status, "cancelled")
        const receipt = yield* life.do(cancel())
        assert.deepStrictEqual("steps" in receipt && receipt.steps.map(({ state }) => state), [
          "done and kept",
          "cancelled"
        ])
      }).pipe(Effect.scoped)
    )

    it.effect("does not make a workflow that suspends on failure one that can be kept: it is refused", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const exit = yield* Effect.exit(journal.open(Impatient.toLayer(() => Effect.void)))
        assert.isTrue(Exit.isFailure(exit))
        assert.match(String(Cause.squash((exit as Exit.Failure<never, never>).cause)), /SuspendOnFailure.*Remove/) // sound: asserted
      }).pipe(Effect.scoped)
    )
  })

  describe("the handler of a failure", () => {
    const handled = (id: string) =>
      supervisorScope(function* (scope) {
        yield* scope.launch(Effect.andThen(a(id), sorry), {
          onFailure: (error) => Effect.asVoid(Effect.orDie(tell(`handled ${(error as Sorry).why}`))) // sound: it failed with that
        })
        yield* scope.launch(b(id), { onFailure: () => Effect.void })
      })

    it.effect("runs after all that it is about is written down, once, and is not run by being told again", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const workflows = story((id) => Effect.andThen(handled(id), Effect.sleep("1 hour")))
        const first = yield* journal.open(workflows, {
          around: (_, commit) => Effect.andThen(Effect.sleep(100), commit)
        })
        let written: ReadonlyArray<string> = []
        journal.outside.script("handled none", ({ happens }) => {
          written = journal.committed.kinds()
          return happens
        })
        first.launch(ask())
        yield* first.pass(5000)
        assert.includeMembers(
          [...written],
          ["step a", "done", "undone", written.find((kind) => kind.startsWith("handler"))!]
        )
        const second = yield* journal.open(workflows)
        assert.strictEqual((yield* second.do(ask())).status, "completed")
        assert.strictEqual(journal.outside.asks("handled none"), 1)
      }).pipe(Effect.scoped)
    )

    it.effect("runs at least once wherever the process is gone, and twice at most for one crash", () =>
      Effect.gen(function* () {
        for (const { answer, contradictions, crash, journal } of yield* performEverywhere(harness, {
          workflows: story(handled),
          ask: ask()
        })) {
          assert.strictEqual((yield* answer).status, "completed", crash)
          assert.deepStrictEqual(contradictions, [], crash)
          const times = journal.outside.asks("handled none")
          assert.isTrue(times >= 1 && times <= 2, `${crash}: ${times} times`)
        }
      })
    )

    it.effect("that is uncaught runs outside of the story as well", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const workflows = story(() =>
          World.use((world) =>
            supervisorScope(function* (scope) {
              yield* scope.launch(Effect.die(new Error("tripped")) as Effect.Effect<void>)
            }).pipe(
              Effect.provideService(UncaughtHandler, () => Effect.asVoid(Effect.orDie(world.call("uncaught", key)))),
              Effect.andThen(Effect.sleep("1 hour"))
            )
          )
        )
        const first = yield* journal.open(workflows)
        first.launch(ask())
        yield* first.pass(5000)
        const second = yield* journal.open(workflows)
        assert.strictEqual((yield* second.do(ask())).status, "completed")
        assert.strictEqual(journal.outside.asks("uncaught"), 1)
      }).pipe(Effect.scoped)
    )
  })
}
