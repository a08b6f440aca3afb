/**
 * The laws of what taking back waits for: nothing is taken back while anything runs, or is not known.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Journal } from "firebreak/journal"
import { coroutineScope } from "firebreak/supervision"
import { Found, OutcomeUnknown } from "firebreak/workflows"
import { type Harness, testJournal } from "./harness.ts"
import { type Answer, gives, happensAnd, slowly } from "./Outside.ts"
import { a, ask, b, c, cancel, story } from "./stories.ts"
import { asking, call, failing, glance, run, sorry, uncertain } from "./undoing.ts"

const lateWays: { readonly [way: string]: Answer } = {
  "an error": happensAnd(Effect.fail({ _tag: "Surprise" })),
  "a defect": happensAnd(Effect.die(new Error("tripped"))),
  "a result that cannot be written down": gives(42),
  "a result that is too large": gives("x".repeat(2000))
}

export const undoWaitLaws = (harness: Harness): void => {
  describe("taking back", () => {
    it.effect("of a scope does not begin while a step in it runs, or nobody knows what became of it", () =>
      Effect.gen(function* () {
        const body = (id: string) =>
          coroutineScope(function* (scope) {
            yield* a(id)
            yield* scope.launch(b(id))
            yield* Effect.sleep(10)
            yield* failing
          })
        // Interrupted, it does not know; it is repeated, slowly, and was done.
        const { happened, journal, rest } = yield* run(harness, body, { b: slowly(300) })
        assert.strictEqual(rest.status, "refused")
        assert.deepStrictEqual(happened, ["a", "b", "undo b", "undo a"])
        assert.strictEqual(new Set(journal.outside.keysOf("b")).size, 1)
      }).pipe(Effect.scoped)
    )

    it.effect("of a scope waits, for days and over restarts, while nobody knows what became of a step in it", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("uncertain", happensAnd(Effect.die("tripped")))
        journal.outside.answer("look", () => Effect.succeed(Found.unknown))
        const workflows = story((id) =>
          Effect.exit(
            coroutineScope(function* (scope) {
              yield* a(id)
              yield* scope.launch(uncertain(id))
              yield* scope.launch(Effect.andThen(b(id), failing))
            })
          ).pipe(Effect.andThen(c(id)))
        )
        for (let day = 0; day < 3; day++) {
          const life = yield* journal.open(workflows)
          life.launch(ask())
          yield* life.pass(86_400_000)
          assert.deepStrictEqual(journal.outside.happened, ["a", "uncertain", "b"])
        }
        journal.outside.answer("look", () => Effect.succeed(Found.done("found")))
        const last = yield* journal.open(workflows)
        const rest = yield* last.do(ask())
        assert.strictEqual(rest.status, "completed")
        assert.deepStrictEqual(journal.outside.happened.slice(0, 3), ["a", "uncertain", "b"])
        assert.deepStrictEqual(journal.outside.happened.slice(3), ["undo uncertain", "undo b", "undo a", "c"])
        assert.strictEqual(journal.outside.asks("uncertain"), 1)
      }).pipe(Effect.scoped)
    )

    it.effect("does not wait for a step that leaves nothing and may be repeated", () =>
      Effect.gen(function* () {
        const body = (id: string) =>
          Effect.exit(
            coroutineScope(function* (scope) {
              yield* a(id)
              yield* scope.launch(glance(id))
              yield* Effect.sleep(10)
              yield* failing
            })
          ).pipe(Effect.andThen(c(id)))
        const { happened, journal, rest } = yield* run(harness, body, { glance: () => Effect.never })
        assert.strictEqual(rest.status, "completed")
        assert.deepStrictEqual(happened, ["a", "undo a", "c"])
        assert.strictEqual(journal.outside.asks("glance"), 1)
      }).pipe(Effect.scoped)
    )

    for (const [way, answer] of Object.entries(lateWays)) {
      it.effect(`of what happened and then ended in ${way} is done, or it is visibly stuck: nothing stays unseen`, () =>
        Effect.gen(function* () {
          for (const step of [a, uncertain, asking]) {
            const journal = yield* testJournal(harness)
            journal.outside.script(step.name, answer)
            journal.outside.answer("look", ({ key }) =>
              Effect.succeed(journal.outside.times.has(`uncertain ${key}`) ? Found.done("found") : Found.absent)
            )
            const life = yield* journal.open(
              story((id) => Effect.andThen(Effect.exit(step(id)), failing)),
              { limit: 2000 }
            )
            const rest = yield* life.do(ask())
            if (step === asking) {
              assert.strictEqual(rest.status, "stuck")
              yield* life.do(Journal.use((journal) => journal.settle("1", "asking", { _tag: "Done", value: "seen" })))
              assert.strictEqual((yield* life.do(ask())).status, "refused")
            } else assert.strictEqual(rest.status, "refused")
            assert.deepStrictEqual(journal.outside.happened, [step.name, `undo ${step.name}`])
          }
        }).pipe(Effect.scoped)
      )
    }

    it.effect("leaves no charge of a late effect, whose key a look has sealed, when it is cancelled", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const sealed = new Set<string>()
        // It takes five seconds, whoever waits for it; with a sealed key it does not happen any more.
        journal.outside.answer("uncertain", ({ happens, key }) =>
          Effect.uninterruptible(
            Effect.andThen(
              Effect.sleep(5000),
              Effect.suspend(() => (sealed.has(key) ? Effect.fail(sorry) : Effect.as(happens, "late")))
            )
          )
        )
        journal.outside.answer("look", ({ key }) => {
          sealed.add(key)
          return Effect.succeed(Found.absent)
        })
        const life = yield* journal.open(story((id) => uncertain(id)))
        life.launch(ask())
        yield* life.pass(1500)
        yield* life.do(cancel())
        const rest = yield* life.do(ask())
        yield* life.pass(60_000)
        assert.strictEqual(rest.status, "cancelled")
        const count = (what: string) => journal.outside.happened.filter((one) => one === what).length
        assert.strictEqual(count("uncertain"), count("undo uncertain"))
      }).pipe(Effect.scoped)
    )

    it.effect("of what was left is not tried, and nobody waits for it", () =>
      Effect.gen(function* () {
        const body = (id: string) =>
          Effect.gen(function* () {
            yield* a(id)
            yield* Effect.catch(call(id), (error) => Effect.sync(() => assert.instanceOf(error, OutcomeUnknown)))
            return yield* failing
          })
        const { happened } = yield* run(harness, body, { call: happensAnd(Effect.die("tripped")) })
        assert.deepStrictEqual(happened, ["a", "call", "undo a"])
      }).pipe(Effect.scoped)
    )
  })
}
