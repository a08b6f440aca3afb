/**
 * The laws of waiting: an execution that only waits leaves memory wherever in its scopes it waits, and comes back as if it
 * had never been away.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Schema } from "effect"
import { DurableClock, DurableDeferred, Workflow } from "effect/workflow"
import { Journal } from "firebreak/journal"
import { awaitAll, coroutineScope, supervisorScope, UncaughtHandler } from "firebreak/supervision"
import { Step } from "firebreak/workflows"
import { performEverywhere } from "./crashes.ts"
import { type Harness, type Life, testJournal } from "./harness.ts"
import { refuses, see, slowly, Sorry } from "./Outside.ts"
import { idOf, inMemory, written } from "./outsiders.ts"
import { a, ask, b, c, cancel, d, Story, story, type StoryFailure } from "./stories.ts"

const Go = DurableDeferred.make("go", { success: Schema.String })
const go = (id = "1") =>
  DurableDeferred.succeed(Go, {
    token: DurableDeferred.tokenFromExecutionId(Go, { workflow: Story, executionId: idOf(id) }),
    value: "gone"
  })
const Nap = Workflow.make("Nap", {
  payload: { id: Schema.String },
  success: Schema.String,
  idempotencyKey: ({ id }) => id
})
const naps = Nap.toLayer(() => Effect.as(Effect.sleep("1 hour"), "rested"))

/** Every way to wait for long. */
const waits: { readonly [name: string]: Effect.Effect<string, never, any> } = {
  "a sleep": Effect.as(Effect.sleep("1 hour"), "slept"),
  "a durable clock": Effect.as(DurableClock.sleep({ name: "nap", duration: "1 hour" }), "rang"),
  "a signal": DurableDeferred.await(Go),
  "a child": Nap.execute({ id: "nap" })
}

type Waiting = Effect.Effect<string, never, any>
/** Every place to wait in: after a step, beside a step, before a step. */
const places: { readonly [name: string]: (wait: Waiting, id: string) => Effect.Effect<unknown, StoryFailure, any> } = {
  "in the body": (wait, id) =>
    Effect.gen(function* () {
      yield* a(id)
      yield* see(yield* wait)
      return yield* b(id)
    }),
  "in a job of a fail-fast scope": (wait, id) =>
    coroutineScope(function* (scope) {
      const waiting = yield* scope.async(Effect.andThen(a(id), wait))
      const beside = yield* scope.async(b(id))
      yield* see(`${yield* waiting.await} ${(yield* beside.await).slice(0, 1)}`)
      return yield* c(id)
    }),
  "in a job of a supervisor": (wait, id) =>
    supervisorScope(function* (scope) {
      const waiting = yield* scope.async(Effect.andThen(a(id), wait))
      const beside = yield* scope.async(b(id))
      yield* see(`${(yield* beside.await).slice(0, 1)} ${yield* waiting.await}`)
      return yield* c(id)
    }),
  "in scopes in a job of a scope": (wait, id) =>
    coroutineScope(function* (outer) {
      const job = yield* outer.async(
        supervisorScope(function* (middle) {
          const inner = yield* middle.async(
            coroutineScope(function* (scope) {
              yield* a(id)
              const waiting = yield* scope.async(wait)
              return yield* waiting.await
            })
          )
          yield* b(id)
          return yield* inner.await
        })
      )
      yield* see(yield* job.await)
      return yield* c(id)
    }),
  "in a job whose sibling fails meanwhile, in a supervisor": (wait, id) =>
    supervisorScope(function* (scope) {
      const failing = yield* scope.async(Effect.andThen(a(id), d(id)))
      const waiting = yield* scope.async(Effect.tap(wait, see))
      const failed = yield* Effect.exit(failing.await)
      yield* see(failed._tag)
      yield* waiting.await
      return yield* b(id)
    })
}

const withNaps = (body: (id: string) => Effect.Effect<unknown, StoryFailure, any>) => Layer.merge(story(body), naps)

/** In each process, after a while, somebody gives the signal. */
const signalLater = (life: Life) =>
  Effect.andThen(Effect.sleep("30 minutes"), go()).pipe(Effect.provideContext(life.context))

export const suspensionLaws = (harness: Harness): void => {
  describe("an execution that only waits", () => {
    for (const [name, wait] of Object.entries(waits)) {
      it.effect(`for ${name} leaves memory and comes back, wherever in its scopes it waits and a process is gone`, () =>
        Effect.gen(function* () {
          // Where journals are slow to open, the place that has most to it stands for the others.
          const some = Object.entries(places).filter(
            ([place]) => harness.isQuick || place.includes("in scopes in a job")
          )
          for (const [place, body] of some) {
            const journal = yield* testJournal(harness)
            journal.outside.answer("d", slowly(10, refuses))
            const life = yield* journal.open(withNaps((id) => body(wait, id)))
            life.launch(ask())
            yield* life.pass(60_000)
            assert.strictEqual(yield* life.do(inMemory), 0, place)
            assert.strictEqual((yield* written(journal))!.status, "suspended", place)

            const play = {
              workflows: withNaps((id) => body(wait, id)),
              ask: ask(),
              beside: signalLater,
              script: ({ outside }: typeof journal) => outside.answer("d", slowly(10, refuses))
            }
            for (const { answer, contradictions, crash, journal } of yield* performEverywhere(harness, play)) {
              const what = `${place}, ${crash}`
              assert.deepStrictEqual(contradictions, [], what)
              assert.strictEqual(Exit.isSuccess(answer) && answer.value.status, "completed", what)
              const once = journal.outside.happened.filter((what) => !what.startsWith("undo"))
              assert.strictEqual(new Set(once).size, once.length, what)
            }
          }
        }).pipe(Effect.scoped)
      )
    }

    it.effect("and a sibling that fails: in a fail-fast scope the wait is over, what was done is taken back", () =>
      Effect.gen(function* () {
        for (const [name, wait] of Object.entries(waits)) {
          for (const at of [10, 3_600_000]) {
            const journal = yield* testJournal(harness)
            journal.outside.answer("b", slowly(at, refuses))
            const life = yield* journal.open(
              withNaps((id) =>
                coroutineScope(function* (scope) {
                  const failing = yield* scope.async(b(id))
                  yield* scope.async(Effect.andThen(a(id), wait))
                  return yield* failing.await
                })
              )
            )
            life.launch(Effect.andThen(Effect.sleep(at), go()))
            const began = journal.time.now
            const rest = yield* life.do(ask())
            const what = `${name}, a sibling that fails after ${at} ms`
            assert.strictEqual(rest.status, "refused", what)
            assert.isBelow(journal.time.now - began, at + 60_000, what)
            assert.deepStrictEqual(journal.outside.happened, ["a", "undo a"], what)
          }
        }
      }).pipe(Effect.scoped)
    )

    it.effect(
      "for several things in several jobs comes back for each of them, and sees them in the order of their coming",
      () =>
        Effect.gen(function* () {
          const workflows = withNaps((id) =>
            coroutineScope(function* (scope) {
              const jobs = []
              for (const [name, wait] of Object.entries(waits))
                jobs.push(yield* scope.async(Effect.tap(wait, see), { name }))
              jobs.push(
                yield* scope.async(
                  Effect.andThen(
                    Effect.sleep("10 minutes"),
                    Effect.tap(a(id), () => see("a"))
                  ),
                  { name: "step" }
                )
              )
              return (yield* awaitAll(jobs)).length
            })
          )
          const all = yield* performEverywhere(harness, { workflows, ask: ask(), beside: signalLater })
          assert.deepStrictEqual(all[0]!.seen.slice(0, 2), ["a", "gone"])
          for (const { answer, contradictions, crash } of all) {
            assert.deepStrictEqual(contradictions, [], crash)
            assert.deepStrictEqual(Exit.isSuccess(answer) && answer.value.exit, Exit.succeed("5"), crash)
          }
        })
    )

    it.effect("runs nothing because it leaves: what its body cleans up is cleaned up when it ends", () =>
      Effect.gen(function* () {
        const trail: Array<string> = []
        const cleanUp = (name: string) => Effect.ensuring(Effect.sync(() => void trail.push(name)))
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(
          withNaps((id) =>
            supervisorScope(function* (scope) {
              const job = yield* scope.async(Effect.sleep("1 hour").pipe(cleanUp("job")))
              yield* job.await
              return id
            }).pipe(cleanUp("body"))
          )
        )
        life.launch(ask())
        yield* life.pass(60_000)
        assert.strictEqual(yield* life.do(inMemory), 0)
        assert.deepStrictEqual(trail, [])
        yield* life.do(ask())
        assert.deepStrictEqual(trail, ["job", "body"])
      }).pipe(Effect.scoped)
    )

    it.effect("has its failures handled once, however often it leaves and comes back", () =>
      Effect.gen(function* () {
        const handled: Array<string> = []
        const says = (what: string) => Effect.sync(() => void handled.push(what))
        const journal = yield* testJournal(harness)
        const workflows = withNaps((id) =>
          supervisorScope(function* (scope) {
            yield* scope.launch(Effect.fail(new Sorry({ why: "known", left: 0 })), {
              onFailure: ({ why }) => says(why)
            })
            yield* scope.launch(Effect.die(new Error("unknown")), { name: "tripping" })
            for (const key of ["1", "2", "3"]) {
              yield* Effect.sleep("1 hour")
              yield* a(id, { key })
            }
            return id
          }).pipe(Effect.provideService(UncaughtHandler, ({ job }) => says(job)))
        )
        const first = yield* journal.open(workflows)
        first.launch(ask())
        yield* first.pass(2 * 3_600_000 + 60_000)
        yield* first.leave
        const second = yield* journal.open(workflows)
        assert.strictEqual((yield* second.do(ask())).status, "completed")
        assert.deepStrictEqual(handled.toSorted(), ["Story / supervisor / tripping", "known"])
      }).pipe(Effect.scoped)
    )

    it.effect("is told what comes while it is on its way out of memory", () =>
      Effect.gen(function* () {
        for (let at = 150; at <= 320; at += harness.isQuick ? 5 : 40) {
          for (const what of ["signal", "cancel"] as const) {
            const journal = yield* testJournal(harness)
            const life = yield* journal.open(
              withNaps((id) => Effect.andThen(a(id), DurableDeferred.await(Go))),
              {
                around: (_, commit) => Effect.delay(commit, 20)
              }
            )
            life.launch(ask())
            yield* life.pass(at)
            if (what === "signal") yield* life.do(go())
            else yield* life.do(cancel())
            // Nobody asks for it again: that would wake it.
            yield* life.pass(60_000)
            const { status } = (yield* written(journal))!
            assert.strictEqual(status, what === "signal" ? "completed" : "cancelled", `${what} after ${at} ms`)
          }
        }
      }).pipe(Effect.scoped)
    )

    it.effect("for a promise of its own stays in memory: nobody else could wake it", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        let resolve = (_: string) => {}
        const promise = new Promise<string>((resolved) => (resolve = resolved))
        const life = yield* journal.open(
          withNaps((id) =>
            Effect.andThen(
              a(id),
              Effect.promise(() => promise)
            )
          )
        )
        life.launch(ask())
        yield* life.pass(60_000)
        assert.strictEqual(yield* life.do(inMemory), 1)
        resolve("came")
        assert.deepStrictEqual((yield* life.do(ask())).exit, Exit.succeed("came"))
      }).pipe(Effect.scoped)
    )

    it.effect("is one of ten thousand that were started with discard: all leave memory, and all come back", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const many = harness.isQuick ? 10_000 : 300
        let ended = 0
        const count = Step.make("count", {
          do: (_: string) => Effect.sync(() => void ended++),
          undo: "nothing",
          unknown: "repeat"
        })
        const life = yield* journal.open(story((id) => Effect.andThen(Effect.sleep("1 hour"), count(id))))
        const ids = Array.from({ length: many }, (_, n) => String(n))
        yield* life.do(
          Effect.forEach(ids, (id) => Story.execute({ id }, { discard: true }), {
            concurrency: "unbounded",
            discard: true
          })
        )
        yield* life.pass(10_000)
        assert.strictEqual(yield* life.do(inMemory), 0)
        const counts = Journal.use(({ counts }) => counts)
        assert.deepStrictEqual([...(yield* life.do(counts))], [["suspended", many]])
        yield* life.pass(3_600_000)
        assert.strictEqual(ended, many)
        assert.deepStrictEqual([...(yield* life.do(counts))], [["completed", many]])
      }).pipe(Effect.scoped)
    )
  })
}
