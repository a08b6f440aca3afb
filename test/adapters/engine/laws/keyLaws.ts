/**
 * The laws of keys: what makes an outside call the same call, and what makes it another one.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Schema } from "effect"
import { coroutineScope, supervisorScope } from "firebreak/supervision"
import { Found, Step, StepGaveUp } from "firebreak/workflows"
import { performEverywhere } from "./crashes.ts"
import { type Harness, testJournal } from "./harness.ts"
import { happensAnd, happensAndCrashes, refuses, Sorry, unavailable, well, World } from "./Outside.ts"
import { a, ask, b, story, Story } from "./stories.ts"
import { Journal } from "firebreak/journal"

/** A look seals the key: what is asked with a sealed one is refused for ever. */
const sealed = Step.make("sealed", {
  success: Schema.String,
  error: Sorry,
  do: (input: string, key) => World.use((world) => world.call("sealed", key, input)),
  undo: "nothing",
  unknown: (_, key) => World.use((world) => world.ask("seal", key)),
  retry: { attempts: 1 }
})

const orElse = <A, E, R>(effect: Effect.Effect<A, E, R>, other: () => Effect.Effect<A, E, R>) =>
  Effect.catch(effect, other)

export const keyLaws = (harness: Harness): void => {
  describe("the key of a step", () => {
    it.effect("is 64 hexadecimal characters, and another one for each step, execution, sub-key and journal", () =>
      Effect.gen(function* () {
        const keys: Array<string> = []
        for (let n = 0; n < 2; n++) {
          const journal = yield* testJournal(harness)
          const life = yield* journal.open(
            story((id) => Effect.all([a(id), b(id), a(id, { key: "x" }), a(id, { key: "y" })]))
          )
          yield* life.do(ask("1"))
          yield* life.do(ask("2"))
          keys.push(...journal.outside.asked.map(({ key }) => key))
        }
        assert.strictEqual(new Set(keys).size, 16)
        for (const key of keys) assert.match(key, /^[0-9a-f]{64}$/)
      }).pipe(Effect.scoped)
    )

    it.effect("does not change when the step moves into another job or scope: it is not done twice", () =>
      Effect.gen(function* () {
        const moved = [
          (id: string) =>
            coroutineScope(function* (scope) {
              yield* scope.launch(Effect.void)
              const job = yield* scope.async(a(id), { name: "moved" })
              return yield* job.await
            }),
          (id: string) =>
            supervisorScope(function* (scope) {
              const job = yield* scope.async(
                coroutineScope(function* () {
                  return yield* a(id)
                })
              )
              return yield* job.await
            })
        ]
        for (const body of moved) {
          const journal = yield* testJournal(harness)
          journal.outside.script("a", happensAndCrashes)
          const before = yield* journal.open(story((id) => a(id)))
          yield* before.attempt(ask())
          const after = yield* journal.open(story(body))
          assert.deepStrictEqual((yield* after.do(ask())).exit, Exit.succeed("a 2"))
          assert.deepStrictEqual(journal.outside.happened, ["a"])
        }
      }).pipe(Effect.scoped)
    )

    it.effect("does not change when the step is asked for again in another job, after it did not happen", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("sealed", unavailable)
        const inJob = (id: string) =>
          coroutineScope(function* (scope) {
            const job = yield* scope.async(sealed(id), { name: "again" })
            return yield* job.await
          })
        const life = yield* journal.open(story((id) => Effect.catch(sealed(id), () => inJob(id))))
        assert.deepStrictEqual((yield* life.do(ask())).exit, Exit.succeed("sealed 2"))
        assert.strictEqual(new Set(journal.outside.keysOf("sealed")).size, 1)
      }).pipe(Effect.scoped)
    )

    it.effect("is the same after a crash and at every repeat", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("a", happensAndCrashes, happensAnd(Effect.die("tripped")), happensAndCrashes)
        const workflows = story((id) => a(id))
        for (let n = 0; n < 2; n++) yield* (yield* journal.open(workflows)).attempt(ask())
        const rest = yield* (yield* journal.open(workflows)).do(ask())
        assert.deepStrictEqual(rest.exit, Exit.succeed("a 4"))
        assert.strictEqual(new Set(journal.outside.keysOf("a")).size, 1)
        assert.deepStrictEqual(journal.outside.happened, ["a"])
      }).pipe(Effect.scoped)
    )

    it.effect("is another one after a refusal: declined, unknown, declined, and charged once", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("a", refuses, happensAnd(Effect.die("tripped")), refuses)
        const life = yield* journal.open(story((id) => orElse(a(id), () => orElse(a(id), () => a(id)))))
        assert.deepStrictEqual((yield* life.do(ask())).exit, Exit.succeed("a 4"))
        const [first, second, third, fourth] = journal.outside.keysOf("a")
        assert.strictEqual(second, third, "after what nobody knows the key stays")
        assert.strictEqual(new Set([first, second, fourth]).size, 3)
      }).pipe(Effect.scoped)
    )

    it.effect("is another one after it was taken back", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("b", refuses)
        const attempt = (id: string) =>
          coroutineScope(function* () {
            yield* a(id)
            return yield* b(id)
          })
        const life = yield* journal.open(story((id) => orElse(attempt(id), () => attempt(id))))
        assert.deepStrictEqual((yield* life.do(ask())).exit, Exit.succeed("b 2"))
        assert.deepStrictEqual(journal.outside.happened, ["a", "undo a", "a", "b"])
        assert.strictEqual(new Set(journal.outside.keysOf("a")).size, 2)
        assert.strictEqual(new Set([...journal.outside.keysOf("a"), ...journal.outside.keysOf("undo a")]).size, 3)
      }).pipe(Effect.scoped)
    )

    it.effect("is another one after a look that sealed it, also when that was the last attempt", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("sealed", () => Effect.die("tripped"))
        journal.outside.answer("seal", () => Effect.succeed(Found.absent))
        const again = story((id) =>
          Effect.catchTag(
            sealed(id) as Effect.Effect<string, Sorry | StepGaveUp, World>,
            "StepGaveUp",
            () => sealed(id) as Effect.Effect<string, Sorry | StepGaveUp, World>
          )
        )
        const life = yield* journal.open(again)
        assert.deepStrictEqual((yield* life.do(ask())).exit, Exit.succeed("sealed 2"))
        const [first, second] = journal.outside.keysOf("sealed")
        assert.notStrictEqual(first, second)
      }).pipe(Effect.scoped)
    )

    it.effect("stays when it was given up because it was unavailable", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("sealed", unavailable)
        const again = story((id) => orElse(sealed(id), () => sealed(id)))
        const life = yield* journal.open(again)
        assert.deepStrictEqual((yield* life.do(ask())).exit, Exit.succeed("sealed 2"))
        assert.strictEqual(new Set(journal.outside.keysOf("sealed")).size, 1)
      }).pipe(Effect.scoped)
    )

    it.effect("is shown beside its step", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("a", refuses)
        const life = yield* journal.open(story((id) => orElse(a(id), () => a(id))))
        yield* life.do(Journal.use((journal) => journal.run(Story, { id: "1" })))
        const { steps } = yield* life.do(Journal.use((journal) => journal.show("1")))
        assert.deepStrictEqual(
          steps.map(({ idempotencyKey }) => idempotencyKey),
          [...journal.outside.keysOf("a")]
        )
      }).pipe(Effect.scoped)
    )

    it.effect("makes one charge of a late effect, a crash at every commit, and all repeats together", () =>
      Effect.gen(function* () {
        for (const { answer, crash, journal } of yield* performEverywhere(harness, {
          workflows: story((id) => a(id)),
          ask: ask(),
          script: ({ outside }) => outside.script("a", happensAnd(Effect.die("tripped")), unavailable, well)
        })) {
          assert.strictEqual((yield* answer).status, "completed", crash)
          assert.deepStrictEqual(journal.outside.happened, ["a"], crash)
          assert.strictEqual(new Set(journal.outside.keysOf("a")).size, 1, crash)
        }
      })
    )
  })
}
