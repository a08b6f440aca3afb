/**
 * The laws of leaving: a process or a layer that is closed in good order cancels nothing, and the next one goes on.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Schema } from "effect"
import { Workflow } from "effect/workflow"
import { StoreUnavailable } from "firebreak/journal"
import { supervisorScope } from "firebreak/supervision"
import { Found, Step } from "firebreak/workflows"
import { confided, echo, go, searched, waits } from "./comingBack.ts"
import { type Harness, testJournal } from "./harness.ts"
import { slowly } from "./Outside.ts"
import { idOf, written } from "./outsiders.ts"
import { a, ask, b, c, Story, story } from "./stories.ts"

/** A service with a scope of its own. */
class Line extends Context.Service<Line, { readonly call: Effect.Effect<void> }>()("test/Line") {}
const phone = Step.make("phone", {
  do: (_: string) => Line.use(({ call }) => call),
  undo: "nothing",
  unknown: "repeat"
})

export const leaveLaws = (harness: Harness): void => {
  describe("a process that leaves in good order", () => {
    it.effect("lets running steps come to their record, takes nothing back, and the next one goes on", () =>
      Effect.gen(function* () {
        for (let at = 0; at <= 90; at += harness.isQuick ? 1 : 10) {
          const journal = yield* testJournal(harness)
          const what = `left after ${at} ms`
          const body = story((id) =>
            Effect.gen(function* () {
              yield* confided(id)
              yield* supervisorScope(function* (scope) {
                const one = yield* scope.async(a(id))
                const two = yield* scope.async(b(id))
                yield* one.await
                yield* two.await
              })
              return yield* c(id)
            })
          )
          for (const step of ["a", "b", "c", "confided"]) journal.outside.answer(step, slowly(20))
          // Commits take a while, so that some are under way when it leaves.
          const first = yield* journal.open(body, { grace: 5000, around: (_, commit) => Effect.delay(commit, 3) })
          first.launch(ask())
          yield* first.pass(at)
          yield* first.leave
          const left = yield* written(journal)
          if (left !== undefined) assert.include(["running", "completed"], left.status, what)
          const asked = journal.outside.asked.length
          assert.strictEqual(journal.outside.happened.length, asked, `${what}: what began has ended`)
          const second = yield* journal.open(body)
          const rest = yield* second.do(ask())
          assert.strictEqual(rest.status, "completed", what)
          assert.deepStrictEqual(
            journal.outside.asked.map(({ what }) => what).toSorted(),
            ["a", "b", "c", "confided"],
            what
          )
        }
      }).pipe(Effect.scoped)
    )

    it.effect("does not wait for longer than it was given: what still runs is found out by the next one", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const body = story((id) => Effect.andThen(a(id), searched(id)))
        journal.outside.script("searched", slowly(60_000))
        journal.outside.answer("look", () => Effect.succeed(Found.absent))
        const first = yield* journal.open(body, { grace: 3000 })
        first.launch(ask())
        yield* first.pass(100)
        const before = journal.time.now
        yield* first.leave
        assert.isAtMost(journal.time.now - before, 3100)
        assert.deepStrictEqual(journal.outside.happened, ["a"])
        const second = yield* journal.open(body)
        assert.strictEqual((yield* second.do(ask())).status, "completed")
        assert.deepStrictEqual(
          journal.outside.asked.map(({ what }) => what),
          ["a", "searched", "look", "searched"]
        )
        assert.deepStrictEqual(journal.outside.happened, ["a", "searched"])
      }).pipe(Effect.scoped)
    )

    it.effect("starts no child any more: it starts in the next process, and its parent is told nothing", () =>
      Effect.gen(function* () {
        const Child = Workflow.make("Child", {
          payload: { id: Schema.String },
          success: Schema.String,
          idempotencyKey: ({ id }) => id
        })
        const parents = story((id) => Effect.andThen(a(id), Child.execute({ id: "child" })))
        const children = Child.toLayer(() => echo("well"))
        // What was built last is closed first.
        const layers = {
          "the child's layer first": Layer.provideMerge(children, parents),
          "the parent's layer first": Layer.provideMerge(parents, children),
          "one layer for both": story((id) =>
            id === "child" ? echo("well") : Effect.andThen(a(id), Effect.orDie(Story.execute({ id: "child" })))
          )
        }
        const times = Array.from({ length: 61 }, (_, at) => at).filter((at) => harness.isQuick || at % 12 === 0)
        const cases = Object.entries(layers).flatMap(([name, body]) => times.map((at) => ({ name, body, at })))
        for (const { at, body, name } of cases) {
          const what = `left after ${at} ms, ${name}`
          const journal = yield* testJournal(harness)
          journal.outside.answer("a", slowly(20))
          const first = yield* journal.open(body, { grace: 5000, around: (_, commit) => Effect.delay(commit, 3) })
          first.launch(ask())
          yield* first.pass(at)
          yield* first.leave
          const second = yield* journal.open(body)
          const rest = yield* second.do(ask())
          assert.deepStrictEqual([rest.status, rest.exit], ["completed", Exit.succeed("well")], what)
          assert.deepStrictEqual(
            journal.outside.asked.map(({ what }) => what),
            ["a"],
            what
          )
        }
      }).pipe(Effect.scoped)
    )

    it.effect("keeps the services of a step until it has come to its record", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const seen: Array<string> = []
        const line = Layer.effect(
          Line,
          Effect.acquireRelease(
            Effect.sync(() => ({
              call: Effect.delay(
                Effect.sync(() => void seen.push("called")),
                "2 seconds"
              )
            })),
            () => Effect.sync(() => void seen.push("closed"))
          )
        )
        const body = Story.toLayer(({ id }) => Effect.as(phone(id), "well")).pipe(Layer.provide(line))
        const first = yield* journal.open(body, { grace: 5000 })
        first.launch(ask())
        yield* first.pass(100)
        yield* first.leave
        assert.deepStrictEqual(seen, ["called", "closed"])
        const second = yield* journal.open(body)
        assert.strictEqual((yield* second.do(ask())).status, "completed")
        assert.deepStrictEqual(seen, ["called", "closed"])
      }).pipe(Effect.scoped)
    )

    it.effect("is not held up by a store that cannot be written", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        let isDown = false
        const life = yield* journal.open(
          story((id) => Effect.andThen(a(id), b(id))),
          {
            grace: 3000,
            around: (_, commit) => (isDown ? Effect.fail(new StoreUnavailable({ reason: "full" })) : commit)
          }
        )
        journal.outside.answer("a", slowly(200))
        life.launch(ask())
        yield* life.pass(100)
        isDown = true
        const before = journal.time.now
        yield* life.leave
        assert.isAtMost(journal.time.now - before, 6000)
        const next = yield* journal.open(story((id) => Effect.andThen(a(id), b(id))))
        assert.strictEqual((yield* next.do(ask())).status, "completed")
        assert.deepStrictEqual(journal.outside.happened, ["a", "b"])
      }).pipe(Effect.scoped)
    )

    it.effect("starts nothing new, and says so to who asks for it", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.answer("a", slowly(2000))
        const life = yield* journal.open(
          story((id) => a(id)),
          { grace: 5000 }
        )
        life.launch(ask("1"))
        yield* life.pass(100)
        const late = life.launch(Effect.andThen(Effect.sleep(500), ask("2")))
        yield* life.leave
        const exit = late.pollUnsafe()
        assert.match(String(exit), /being closed/)
        assert.isUndefined(yield* written(journal, idOf("2")))
        assert.deepStrictEqual(journal.outside.happened, ["a"])
      }).pipe(Effect.scoped)
    )

    it.effect("leaves a wait for a signal, a sleep and a retry where they are", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const body = story((id) =>
          id === "waits" ? Effect.andThen(waits, a(id)) : Effect.andThen(Effect.sleep("2 seconds"), a(id))
        )
        const first = yield* journal.open(body, { grace: 5000 })
        const [waiting] = ["waits", "sleeps"].map((id) => first.launch(ask(id))) as [Fiber.Fiber<unknown, unknown>] // sound: there are two
        yield* first.pass(100)
        const before = journal.time.now
        yield* first.leave
        assert.strictEqual(journal.time.now, before, "there is nothing to wait for")
        assert.match(String(waiting.pollUnsafe()), /was closed; what is unfinished goes on/)
        const second = yield* journal.open(body)
        yield* second.do(go("waits"))
        assert.deepStrictEqual(
          (yield* second.do(Effect.forEach(["waits", "sleeps"], ask, { concurrency: 2 }))).map(({ status }) => status),
          ["completed", "completed"]
        )
      }).pipe(Effect.scoped)
    )
  })
}
