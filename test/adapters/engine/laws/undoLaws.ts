/**
 * The laws of taking back: what is taken back, and in which order.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Schema } from "effect"
import { coroutineScope } from "firebreak/supervision"
import { Step } from "firebreak/workflows"
import { type Performance, performEverywhere } from "./crashes.ts"
import { type Harness, testJournal } from "./harness.ts"
import { happensAnd, refuses, see, slowly, Sorry, unavailable, World } from "./Outside.ts"
import { a, ask, b, c, cancel, d, story } from "./stories.ts"
import { call, failing, glance, inScope, letter, priced, run, sorry } from "./undoing.ts"

export const undoLaws = (harness: Harness): void => {
  describe("taking back", () => {
    it.effect("is done for what was done, newest first, when the execution fails", () =>
      Effect.gen(function* () {
        const body = (id: string) => Effect.all([a(id), b(id), c(id), failing])
        const { happened, rest } = yield* run(harness, body)
        assert.deepStrictEqual([rest.status, rest.exit, rest.undone], ["refused", Exit.fail(sorry), ["c", "b", "a"]])
        assert.deepStrictEqual(happened, ["a", "b", "c", "undo c", "undo b", "undo a"])
      }).pipe(Effect.scoped)
    )

    it.effect("is done when the execution dies", () =>
      Effect.gen(function* () {
        const { happened, rest } = yield* run(harness, (id) => Effect.andThen(a(id), Effect.die("tripped")))
        assert.strictEqual(rest.status, "failed")
        assert.deepStrictEqual(happened, ["a", "undo a"])
      }).pipe(Effect.scoped)
    )

    it.effect("is not done when it succeeds", () =>
      Effect.gen(function* () {
        const { happened, rest } = yield* run(harness, (id) =>
          inScope(function* () {
            yield* a(id)
            yield* b(id)
          })
        )
        assert.strictEqual(rest.status, "completed")
        assert.deepStrictEqual(happened, ["a", "b"])
      }).pipe(Effect.scoped)
    )

    it.effect("passes over what was refused, given up, left, irreversible, or left nothing", () =>
      Effect.gen(function* () {
        const body = (id: string) =>
          Effect.all([
            a(id),
            Effect.exit(b(id)),
            Effect.exit(c(id)),
            Effect.exit(call(id)),
            letter(id),
            glance(id),
            d(id),
            failing
          ])
        const { happened, rest } = yield* run(harness, body, {
          b: refuses,
          c: unavailable,
          call: happensAnd(Effect.die("tripped"))
        })
        assert.deepStrictEqual(rest.undone, ["d", "a"])
        assert.deepStrictEqual(happened, ["a", "call", "letter", "glance", "d", "undo d", "undo a"])
      }).pipe(Effect.scoped)
    )

    it.effect("has the value, the input and the key of the record, whatever the story has become since", () =>
      Effect.gen(function* () {
        const { journal } = yield* run(harness, () => Effect.andThen(priced({ sku: "mug" }), failing))
        const undo = journal.outside.asked.find(({ what }) => what === "undo priced")
        assert.strictEqual(undo?.input, "mug for 12 of 1970")
        assert.notStrictEqual(undo?.key, journal.outside.keysOf("priced")[0])
      }).pipe(Effect.scoped)
    )

    it.effect("of a cancelled execution is done for all of it, newest first, and what never began does not begin", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const body = (id: string) =>
          Effect.gen(function* () {
            yield* a(id)
            yield* inScope(function* () {
              yield* b(id)
            })
            yield* Effect.sleep("1 day")
            yield* c(id)
          })
        const life = yield* journal.open(story(body))
        const asked = life.launch(ask())
        yield* life.pass(1000)
        const receipt = yield* life.do(cancel())
        assert.isTrue("steps" in receipt)
        const rest = yield* life.do(ask())
        yield* life.settle
        assert.isDefined(asked.pollUnsafe())
        assert.deepStrictEqual([rest.status, rest.undone], ["cancelled", ["b", "a"]])
        assert.deepStrictEqual(journal.outside.happened, ["a", "b", "undo b", "undo a"])
      }).pipe(Effect.scoped)
    )

    it.effect(
      "is the same wherever a process is gone: each undo once, newest first, and never of what was not done",
      () =>
        Effect.gen(function* () {
          const body = (id: string) =>
            Effect.gen(function* () {
              yield* a(id)
              yield* Effect.exit(
                inScope(function* () {
                  yield* b(id)
                  yield* c(id)
                  yield* failing
                })
              )
              yield* d(id)
              yield* see("before the end")
              return yield* failing
            })
          const performances = yield* performEverywhere(harness, { workflows: story(body), ask: ask() })
          assert.isAbove(performances.length, harness.everyCommit === undefined ? 7 : 2)
          for (const { answer, contradictions, crash, journal } of performances) {
            const { exit, why } = yield* answer
            assert.deepStrictEqual(exit, Exit.fail(sorry), `${crash}: ${why?.message}`)
            assert.deepStrictEqual(
              journal.outside.happened,
              ["a", "b", "c", "undo c", "undo b", "d", "undo d", "undo a"],
              crash
            )
            assert.deepStrictEqual(contradictions, [], crash)
          }
        })
    )

    it.effect("of jobs that fail together is the same wherever a process is gone", () =>
      Effect.gen(function* () {
        const body = (id: string) =>
          Effect.exit(
            coroutineScope(function* (scope) {
              yield* scope.launch(Effect.andThen(a(id), Effect.sleep("1 hour")), { name: "one" })
              yield* scope.launch(Effect.andThen(b(id), Effect.sleep("1 hour")), { name: "two" })
              yield* scope.launch(Effect.andThen(c(id), failing), { name: "three" })
            })
          ).pipe(Effect.andThen(d(id)))
        const performances = yield* performEverywhere(harness, {
          workflows: story(body),
          ask: ask(),
          script: ({ outside }) => {
            outside.answer("a", slowly(10))
            outside.answer("b", slowly(20))
            outside.answer("c", slowly(30))
          }
        })
        for (const performance of performances) yield* newestFirst(performance, ["a", "b", "c"], "d")
      })
    )

    it.effect("of two steps with one name in one workflow is done as each of them says, also in the next process", () =>
      Effect.gen(function* () {
        for (const isGone of [false, true]) {
          const journal = yield* testJournal(harness)
          const workflows = story((id) =>
            id === "card" ? Effect.andThen(payByCard(id), Effect.andThen(Effect.sleep(500), failing)) : payByBank(id)
          )
          const first = yield* journal.open(workflows)
          first.launch(ask("card"))
          yield* first.pass(100)
          yield* first.do(ask("bank"))
          if (isGone) yield* journal.end(first)
          const life = isGone ? yield* journal.open(workflows) : first
          assert.strictEqual((yield* life.do(ask("card"))).status, "refused")
          assert.deepStrictEqual(journal.outside.happened, ["charge card", "charge bank", "refund card"])
        }
      }).pipe(Effect.scoped)
    )
  })
}

/** All of `steps` were done and taken back, in the order of their records; then `last` was done. */
const newestFirst = (
  performance: Performance<{ readonly status: string }>,
  steps: ReadonlyArray<string>,
  last: string
) =>
  Effect.gen(function* () {
    const { answer, contradictions, crash, journal } = performance
    assert.strictEqual((yield* answer).status, "completed", crash)
    assert.deepStrictEqual(contradictions, [], crash)
    const events = journal.committed.of(1)
    const stepOf = (n: number | null) => events.find((event) => event.n === n)?.subject ?? ""
    const done = events.filter(({ kind }) => kind === "done").map(({ call }) => stepOf(call))
    const undone = events.filter(({ kind }) => kind === "undone").map(({ call }) => stepOf(call))
    const before = done.filter((step) => step !== last)
    assert.deepStrictEqual([...before].sort(), [...steps].sort(), crash)
    assert.deepStrictEqual(undone, before.reverse(), crash)
    assert.strictEqual(journal.outside.happened.at(-1), last, crash)
  })

/** Two steps that are called the same, and take back different things. */
const payByCard = Step.make("pay", {
  success: Schema.String,
  error: Sorry,
  do: (input: string, key) => World.use((world) => world.call("charge card", key, input)),
  undo: (_, key) => World.use((world) => world.call("refund card", key)),
  unknown: "repeat"
})
const payByBank = Step.make("pay", {
  success: Schema.String,
  error: Sorry,
  do: (input: string, key) => World.use((world) => world.call("charge bank", key, input)),
  undo: (_, key) => World.use((world) => world.call("refund bank", key)),
  unknown: "repeat"
})
