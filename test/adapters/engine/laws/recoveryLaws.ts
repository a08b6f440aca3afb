/**
 * The laws of coming back: what the next process finds unfinished goes on, whatever became of the one before.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Schema } from "effect"
import { DurableDeferred, Workflow } from "effect/workflow"
import { Journal, StoreUnavailable } from "firebreak/journal"
import { coroutineScope, supervisorScope } from "firebreak/supervision"
import { Found, Step, Unavailable } from "firebreak/workflows"
import { type Asked, type Harness, type Life, testJournal, type TestJournal } from "./harness.ts"
import { crashes, fails, happensAndCrashes, refuses, slowly, Sorry, well, World } from "./Outside.ts"
import { idOf, inMemory, written } from "./outsiders.ts"
import { a, ask, b, c, show, Story, story } from "./stories.ts"

const Go = DurableDeferred.make("go")
const waits = DurableDeferred.await(Go)
const go = (id = "1") =>
  DurableDeferred.succeed(Go, {
    token: DurableDeferred.tokenFromExecutionId(Go, { workflow: Story, executionId: idOf(id) }),
    value: undefined
  })

const start = (id: string) => Journal.use((journal) => journal.start(Story, { id }))
const retry = (id = "1") => Journal.use((journal) => journal.retry(id))

const confided = Step.make("confided", {
  success: Sorry,
  do: (input: string, key) =>
    Effect.as(
      World.use((world) => world.call("confided", key, input)),
      new Sorry({ why: input, left: 1 })
    ),
  undo: (_, key) => World.use((world) => world.call("undo confided", key)),
  unknown: "ask",
  error: Sorry
})
const searched = Step.make("searched", {
  do: (input: string, key) => Effect.asVoid(World.use((world) => world.call("searched", key, input))),
  error: Sorry,
  undo: (_, key) => World.use((world) => world.call("undo searched", key)),
  unknown: (_, key) => World.use((world) => world.ask("look", key))
})

const echo = Step.make("echo", {
  success: Schema.String,
  do: (input: string) => Effect.succeed(input),
  undo: "nothing",
  unknown: "repeat"
})

/** A service with a scope of its own. */
class Line extends Context.Service<Line, { readonly call: Effect.Effect<void> }>()("test/Line") {}
const phone = Step.make("phone", {
  do: (_: string) => Line.use(({ call }) => call),
  undo: "nothing",
  unknown: "repeat"
})

export const recoveryLaws = (harness: Harness): void => {
  describe("an execution that was unfinished", () => {
    it.effect("goes on at the next start, without being asked for", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const body = story((id) => Effect.andThen(a(id), b(id)))
        journal.outside.script("b", happensAndCrashes)
        const first = yield* journal.open(body)
        yield* first.attempt(ask())
        const second = yield* journal.open(body)
        yield* second.pass(1000)
        assert.strictEqual((yield* written(journal))!.status, "completed")
        assert.deepStrictEqual(journal.outside.happened, ["a", "b"])
      }).pipe(Effect.scoped)
    )

    it.effect("goes on although what it was told last had woken it from a long wait", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const body = story((id) => Effect.andThen(Effect.andThen(a(id), waits), b(id)))
        journal.outside.script("b", happensAndCrashes)
        const first = yield* journal.open(body)
        first.launch(ask())
        yield* first.pass(60_000)
        assert.strictEqual((yield* written(journal))!.status, "suspended")
        yield* first.attempt(Effect.andThen(go(), Effect.never))
        const second = yield* journal.open(body)
        yield* second.pass(1000)
        assert.strictEqual((yield* written(journal))!.status, "completed")
      }).pipe(Effect.scoped)
    )

    it.effect("waits for its workflow's layer, and goes on when it is there", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("a", happensAndCrashes)
        const first = yield* journal.open(story((id) => a(id)))
        yield* first.attempt(ask())
        const Other = Workflow.make("Other", { payload: {}, idempotencyKey: () => "other" })
        const second = yield* journal.open(Other.toLayer(() => Effect.void))
        yield* second.pass(10_000)
        assert.strictEqual((yield* written(journal))!.status, "running")
        const third = yield* journal.open(story((id) => a(id)))
        yield* third.pass(1000)
        assert.strictEqual((yield* written(journal))!.status, "completed")
      }).pipe(Effect.scoped)
    )

    it.effect("goes on when its workflow's layer is closed and built again in the same process", () =>
      Effect.gen(function* () {
        const body = story((id) =>
          Effect.gen(function* () {
            if (id === "sleeps") yield* Effect.sleep("2 hours")
            if (id === "is told") yield* waits
            yield* a(id)
          })
        )
        const ids = ["retries", "sleeps", "is told"]
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(Layer.empty)
        const withLayer = <A>(effect: Asked<A>): Effect.Effect<A> =>
          life.do(Effect.scoped(Effect.andThen(Layer.build(body), effect)))
        const isDown = fails(new Unavailable({ reason: "down" }))
        journal.outside.script("a", isDown, isDown)
        yield* withLayer(Effect.andThen(Effect.forEach(ids, start), Effect.sleep(50)))
        yield* life.pass(60_000)
        assert.deepStrictEqual(journal.outside.happened, [])
        yield* withLayer(
          Effect.andThen(Effect.sleep("1 minute"), go("is told")).pipe(Effect.andThen(Effect.sleep("3 hours")))
        )
        for (const id of ids) assert.strictEqual((yield* written(journal, idOf(id)))!.status, "completed", id)
        assert.deepStrictEqual(journal.outside.happened, ["a", "a", "a"])
      }).pipe(Effect.scoped)
    )

    it.effect("is told from new, resumed and finished by whoever asks for it", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const body = story((id) => Effect.andThen(a(id), waits))
        const first = yield* journal.open(body)
        first.launch(ask("resumed"))
        yield* first.pass(10_000)
        yield* first.do(
          Effect.all([ask("finished"), Effect.andThen(Effect.sleep(100), go("finished"))], { concurrency: 2 })
        )
        const second = yield* journal.open(body)
        const found = second.launch(Effect.forEach(["finished", "resumed", "new"], ask, { concurrency: 3 }))
        yield* second.pass(1000)
        yield* second.do(Effect.all([go("resumed"), go("new")]))
        const rests = yield* second.do(Effect.flatten(Fiber.await(found)))
        assert.deepStrictEqual(
          rests.map((rest) => rest.found),
          ["finished", "resumed", "new"]
        )
      }).pipe(Effect.scoped)
    )

    it.effect("is one execution, however many ask for it in the same turn and however soon it ends", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        let bodies = 0
        const life = yield* journal.open(story((id) => Effect.sync(() => `${id} ${++bodies}`)))
        const rests = yield* life.do(Effect.forEach(["1", "1", "2", "1", "2"], ask, { concurrency: "unbounded" }))
        assert.deepStrictEqual(
          rests.map(({ exit }) => exit),
          ["1 1", "1 1", "2 2", "1 1", "2 2"].map((text) => Exit.succeed(text))
        )
        assert.strictEqual((yield* life.do(Journal.use((journal) => journal.list()))).length, 2)
      }).pipe(Effect.scoped)
    )

    it.effect(
      "is recovered with ten thousand others: the first at once, a bounded number in memory, and new work beside them",
      () =>
        Effect.gen(function* () {
          const journal = yield* testJournal(harness)
          const many = harness.isQuick ? 10_000 : 300
          const seen: { ended: number; most: number; before: number | undefined; second: Life | undefined } = {
            ended: 0,
            most: 0,
            before: undefined,
            second: undefined
          }
          const work = Step.make("work", {
            do: (id: string) =>
              Effect.sync(() => {
                if (id === "new") seen.before = seen.ended
                const { second } = seen
                if (second !== undefined) seen.most = Math.max(seen.most, Effect.runSyncWith(second.context)(inMemory))
                seen.ended++
              }),
            undo: "nothing",
            unknown: "repeat"
          })
          const body = story((id) => work(id))
          const first = yield* journal.open(body, { crash: { commit: 1, when: "after" } })
          yield* first.attempt(
            Effect.forEach(
              Array.from({ length: many }, (_, n) => `order ${n}`),
              start,
              { concurrency: "unbounded", discard: true }
            )
          )
          assert.strictEqual(seen.ended, 0)
          const recovering = harness.isQuick ? 100 : 20
          const second = yield* journal.open(body, { recovering })
          seen.second = second
          second.launch(ask("new"))
          while (seen.ended < many + 1) yield* second.pass(100)
          // Of a few hundred all may be back before a slow store has looked up the new one.
          const few = harness.isQuick ? many / 2 : many + 1
          assert.isBelow(seen.before!, few, "new work is not kept waiting until all have been recovered")
          assert.isAtMost(seen.most, recovering + 2)
          yield* second.pass(1000)
          const counts = yield* second.do(Journal.use(({ counts }) => counts))
          assert.deepStrictEqual([...counts], [["completed", many + 1]])
        }).pipe(Effect.scoped)
    )

    it.effect("is one of a thousand in flight, and each ends with its own result", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const many = 1000
        const body = story((id) =>
          Effect.gen(function* () {
            yield* echo(id)
            return yield* coroutineScope(function* (scope) {
              const one = yield* scope.async(echo(`${id} one`, { key: "one" }))
              const two = yield* scope.async(echo(`${id} two`, { key: "two" }))
              return `${yield* one.await}, ${yield* two.await}`
            })
          })
        )
        const life = yield* journal.open(body)
        const rests = yield* life.do(
          Effect.forEach(
            Array.from({ length: many }, (_, n) => String(n)),
            ask,
            { concurrency: "unbounded" }
          )
        )
        assert.deepStrictEqual(
          rests.map(({ exit }) => exit),
          rests.map((_, n) => Exit.succeed(`${n} one, ${n} two`))
        )
        assert.isBelow(life.commits, 100, "they are committed together")
      }).pipe(Effect.scoped)
    )
  })

  describe("an execution that takes its process down", () => {
    it.effect("three times in a row is blocked and shown; others run, and it can be tried again by hand", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const body = story((id) => (id === "poison" ? Effect.andThen(a(id), b(id)) : c(id)))
        journal.outside.answer("b", happensAndCrashes)
        for (let n = 0; n < 3; n++) {
          const life = yield* journal.open(body)
          assert.strictEqual((yield* life.attempt(ask("poison")))._tag, "None", `process ${n + 1}`)
        }
        const life = yield* journal.open(body)
        const rest = yield* life.do(ask("poison"))
        assert.strictEqual(rest.status, "blocked")
        assert.match(rest.why!.message, /three times in a row/)
        assert.strictEqual((yield* life.do(ask("other"))).status, "completed")
        assert.strictEqual(journal.outside.asks("b"), 3)
        journal.outside.answer("b", well)
        const next = yield* journal.open(body)
        yield* next.pass(10_000)
        assert.strictEqual(
          (yield* written(journal, idOf("poison")))!.status,
          "blocked",
          "it stays blocked until somebody says so"
        )
        assert.strictEqual(yield* next.do(retry("poison")), "running")
        assert.strictEqual((yield* next.do(ask("poison"))).status, "completed")
        assert.deepStrictEqual(journal.outside.happened, ["a", "b", "c"])
      }).pipe(Effect.scoped)
    )

    it.effect("from its body, before it has done anything, is blocked too", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        let life: Life
        const body = story(() =>
          Effect.suspend(() => {
            life.crash()
            return Effect.never
          })
        )
        for (let n = 0; n < 3; n++) {
          life = yield* journal.open(body)
          life.launch(ask())
          yield* life.pass(100)
        }
        const healthy = story(() => Effect.succeed("well"))
        life = yield* journal.open(healthy)
        yield* life.pass(100)
        const row = yield* written(journal)
        // Written before its body ran for the first time, or never: then it starts like a new one.
        if (row !== undefined) assert.strictEqual(row.status, "blocked")
      }).pipe(Effect.scoped)
    )

    it.effect("while it is being taken back is blocked, and goes on taking back when it is tried again", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const body = story((id) =>
          Effect.gen(function* () {
            yield* a(id)
            yield* b(id)
            yield* c(id)
          })
        )
        journal.outside.answer("c", refuses)
        journal.outside.answer("undo a", crashes)
        for (let n = 0; n < 3; n++) yield* (yield* journal.open(body)).attempt(ask())
        const life = yield* journal.open(body)
        assert.strictEqual((yield* life.do(ask())).status, "blocked")
        journal.outside.answer("undo a", well)
        yield* life.do(retry())
        const rest = yield* life.do(ask())
        assert.deepStrictEqual([rest.status, rest.undone], ["refused", ["b", "a"]])
        assert.deepStrictEqual(journal.outside.happened, ["a", "b", "undo b", "undo a"])
      }).pipe(Effect.scoped)
    )

    it.effect("is none if it got somewhere in between, or only waited, or the process left in good order", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const body = story((id) =>
          Effect.gen(function* () {
            if (id === "waits") return yield* waits
            if (id === "sleeps") return yield* Effect.sleep("1 day")
            for (const key of ["1", "2", "3", "4", "5", "6"]) yield* a(id, { key })
          })
        )
        journal.outside.answer("a", happensAndCrashes)
        for (let n = 0; n < 5; n++) {
          const life = yield* journal.open(body)
          if (n === 0) {
            journal.outside.script("a", slowly(20_000))
            for (const id of ["waits", "sleeps", "goes on"]) life.launch(ask(id))
            yield* life.pass(10_000)
            life.crash()
            journal.outside.script("a", well)
          } else yield* life.attempt(Effect.never)
          journal.outside.script("a", well)
        }
        for (const id of ["waits", "sleeps", "goes on"])
          assert.notStrictEqual((yield* written(journal, idOf(id)))!.status, "blocked", id)

        const other = yield* testJournal(harness)
        other.outside.answer("a", slowly(1_000_000))
        for (let n = 0; n < 6; n++) {
          const life = yield* other.open(body, { grace: 0 })
          life.launch(ask("hangs"))
          yield* life.pass(1000)
          yield* life.leave
        }
        assert.strictEqual((yield* written(other, idOf("hangs")))!.status, "running")
      }).pipe(Effect.scoped)
    )
  })

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
  })
}
