/**
 * The laws of coming back: what the next process finds unfinished goes on, whatever became of the one before.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Schema, Scope } from "effect"
import { Workflow } from "effect/workflow"
import { Journal } from "firebreak/journal"
import { coroutineScope } from "firebreak/supervision"
import { Step, Unavailable } from "firebreak/workflows"
import { answeringLate } from "./answeringLate.ts"
import { echo, go, waits } from "./comingBack.ts"
import { type Asked, type Harness, type Life, testJournal } from "./harness.ts"
import { crashes, fails, happensAndCrashes, refuses, slowly, well } from "./Outside.ts"
import { idOf, inMemory, written } from "./outsiders.ts"
import { a, ask, b, c, Story, story } from "./stories.ts"

const start = (id: string) => Journal.use((journal) => journal.start(Story, { id }))
const retry = (id = "1") => Journal.use((journal) => journal.retry(id))

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
        const bodies = new Map<string, number>()
        const told = (id: string) => {
          bodies.set(id, (bodies.get(id) ?? 0) + 1)
          return `${id} ${bodies.get(id)}`
        }
        const life = yield* journal.open(story((id) => Effect.sync(() => told(id))))
        const rests = yield* life.do(Effect.forEach(["1", "1", "2", "1", "2"], ask, { concurrency: "unbounded" }))
        assert.deepStrictEqual(
          rests.map(({ exit }) => exit),
          ["1 1", "1 1", "2 1", "1 1", "2 1"].map((text) => Exit.succeed(text))
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
          let isFirst = true
          const work = Step.make("work", {
            do: (id: string) =>
              Effect.suspend(() => {
                if (isFirst) return Effect.never
                if (id === "new") seen.before = seen.ended
                const { second } = seen
                if (second !== undefined) seen.most = Math.max(seen.most, Effect.runSyncWith(second.context)(inMemory))
                seen.ended++
                return Effect.void
              }),
            undo: "nothing",
            unknown: "repeat"
          })
          const body = story((id) => work(id))
          const first = yield* journal.open(body)
          yield* first.do(
            Effect.forEach(
              Array.from({ length: many }, (_, n) => `order ${n}`),
              start,
              { concurrency: "unbounded", discard: true }
            )
          )
          yield* journal.end(first)
          assert.strictEqual(seen.ended, 0)
          isFirst = false
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
        // A commit takes time: all that the store has looked up by then goes with it.
        const life = yield* journal.open(body, { around: (_, commit) => Effect.delay(commit, 1) })
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

    it.effect("is not kept from coming back by others that only wait for it, however little room there is", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const body = story((id) =>
          id === "shared"
            ? Effect.andThen(Effect.sleep("1 hour"), echo("well"))
            : Effect.orDie(Story.execute({ id: "shared" }))
        )
        const ids = ["1", "2", "3", "4"]
        const first = yield* journal.open(body)
        for (const id of ids) first.launch(ask(id))
        yield* first.pass(60_000)
        const second = yield* journal.open(body, { recovering: 1 })
        yield* second.pass(86_400_000)
        for (const id of ids) assert.strictEqual((yield* written(journal, idOf(id)))!.status, "completed", id)
      }).pipe(Effect.scoped)
    )

    it.effect("takes up room once, however often it is woken while it is being brought back", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(answeringLate(harness))
        const Shared = Workflow.make("Shared", {
          payload: { id: Schema.String },
          success: Schema.String,
          idempotencyKey: ({ id }) => id
        })
        // Two layers: each has the journal looked through for what is unfinished.
        const workflows = Layer.merge(
          story(() => Shared.execute({ id: "shared" })),
          Shared.toLayer(() => Effect.andThen(Effect.sleep("1 hour"), echo("well")))
        )
        const ids = ["1", "2", "3", "4"]
        const first = yield* journal.open(workflows)
        for (const id of ids) first.launch(ask(id))
        yield* first.pass(60_000)
        const second = yield* journal.open(workflows, { recovering: 1 })
        yield* second.pass(86_400_000)
        for (const id of ids) assert.strictEqual((yield* written(journal, idOf(id)))!.status, "completed", id)
      }).pipe(Effect.scoped)
    )

    it.effect("goes on with the newer of two layers of its workflow when the older one is closed", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("b", slowly(60_000))
        const body = story((id) =>
          Effect.gen(function* () {
            if (id === "works") yield* b(id)
            if (id === "sleeps") yield* Effect.sleep("10 seconds")
            yield* a(id)
          })
        )
        const life = yield* journal.open(Layer.empty)
        const older = yield* Scope.make()
        const newer = yield* Scope.make()
        yield* life.do(Layer.buildWithScope(Layer.fresh(body), older))
        for (const id of ["works", "sleeps"]) life.launch(start(id))
        yield* life.pass(1000)
        yield* life.do(Layer.buildWithScope(Layer.fresh(body), newer))
        yield* life.pass(1000)
        yield* life.do(Scope.close(older, Exit.void))
        life.launch(start("new"))
        yield* life.pass(3_600_000)
        for (const id of ["works", "sleeps", "new"])
          assert.strictEqual((yield* written(journal, idOf(id)))!.status, "completed", id)
        assert.deepStrictEqual(journal.outside.happened.toSorted(), ["a", "a", "a", "b"])
        yield* life.do(Scope.close(newer, Exit.void))
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
}
