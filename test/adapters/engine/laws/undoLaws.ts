/**
 * The laws of taking back: what is taken back, when, and in which order.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Schema } from "effect"
import { Journal } from "firebreak/journal"
import { coroutineScope, DeadlineExceeded, supervisorScope, withTimeout } from "firebreak/supervision"
import { Found, OutcomeUnknown, Step } from "firebreak/workflows"
import { type Performance, performEverywhere } from "./crashes.ts"
import { type Harness, testJournal } from "./harness.ts"
import { type Answer, gives, happensAnd, refuses, see, slowly, Sorry, unavailable, World } from "./Outside.ts"
import { a, ask, b, c, cancel, d, reversible, story, type StoryFailure } from "./stories.ts"

const sorry = new Sorry({ why: "none", left: 3 })
const failing = Effect.fail(sorry)
const inScope = <A, R>(body: () => Generator<any, A, any>) =>
  coroutineScope(body as never) as Effect.Effect<A, Sorry, R>

const letter = Step.make("letter", {
  do: (input: string, key) => Effect.asVoid(World.use((world) => world.call("letter", key, input))),
  error: Sorry,
  undo: "irreversible",
  unknown: "repeat"
})
const glance = Step.make("glance", {
  do: (input: string, key) => Effect.asVoid(World.use((world) => world.call("glance", key, input))),
  error: Sorry,
  undo: "nothing",
  unknown: "repeat"
})
const call = Step.make("call", {
  do: (input: string, key) => Effect.asVoid(World.use((world) => world.call("call", key, input))),
  error: Sorry,
  undo: (_, key) => World.use((world) => world.call("undo call", key)),
  unknown: "leave"
})
const priced = Step.make("priced", {
  success: Schema.Struct({ price: Schema.Number, at: Schema.DateFromString }),
  error: Sorry,
  do: (order: { readonly sku: string }, key) =>
    Effect.as(
      World.use((world) => world.call("priced", key, order.sku)),
      { price: 12, at: new Date(0) }
    ),
  undo: ({ at, price }, key, { sku }) =>
    World.use((world) => world.call("undo priced", key, `${sku} for ${price} of ${at.getUTCFullYear()}`)),
  unknown: "repeat"
})
const e = reversible("e")

const uncertain = Step.make("uncertain", {
  success: Schema.String,
  error: Sorry,
  do: (input: string, key) => World.use((world) => world.call("uncertain", key, input)),
  undo: (_, key) => World.use((world) => world.call("undo uncertain", key)),
  unknown: (_, key) => World.use((world) => world.ask("look", key)),
  timeout: "1 second"
})
const asking = Step.make("asking", {
  success: Schema.String,
  error: Sorry,
  do: (input: string, key) => World.use((world) => world.call("asking", key, input)),
  undo: (_, key) => World.use((world) => world.call("undo asking", key)),
  unknown: "ask"
})

const lateWays: { readonly [way: string]: Answer } = {
  "an error": happensAnd(Effect.fail({ _tag: "Surprise" })),
  "a defect": happensAnd(Effect.die(new Error("tripped"))),
  "a result that cannot be written down": gives(42),
  "a result that is too large": gives("x".repeat(2000))
}

/** Runs the story once, in one process. */
const run = (
  harness: Harness,
  body: (id: string) => Effect.Effect<unknown, StoryFailure, any>,
  answers: { readonly [what: string]: Answer } = {}
) =>
  Effect.gen(function* () {
    const journal = yield* testJournal(harness)
    for (const [what, answer] of Object.entries(answers)) journal.outside.answer(what, answer)
    const life = yield* journal.open(story(body))
    const rest = yield* life.do(ask())
    return { rest, happened: journal.outside.happened, journal, life, seen: life.seen.map(({ what }) => what) }
  })

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

    it.effect("has happened before whoever catches the failure of a scope goes on", () =>
      Effect.gen(function* () {
        const inner = (id: string) =>
          inScope(function* () {
            yield* a(id)
            yield* b(id)
            yield* failing
          })
        const { happened, rest } = yield* run(harness, (id) => Effect.andThen(Effect.exit(inner(id)), c(id)))
        assert.strictEqual(rest.status, "completed")
        assert.deepStrictEqual(happened, ["a", "b", "undo b", "undo a", "c"])
      }).pipe(Effect.scoped)
    )

    it.effect("of a scope leaves alone what was done outside of it, and what a scope before it handed up", () =>
      Effect.gen(function* () {
        const body = (id: string) =>
          inScope(function* () {
            yield* a(id)
            yield* inScope(function* () {
              yield* b(id)
            })
            yield* Effect.exit(
              inScope(function* () {
                yield* c(id)
                yield* failing
              })
            )
            yield* d(id)
          })
        const { happened, rest } = yield* run(harness, body)
        assert.strictEqual(rest.status, "completed")
        assert.deepStrictEqual(happened, ["a", "b", "c", "undo c", "d"])
      }).pipe(Effect.scoped)
    )

    it.effect("of an outer scope takes back what inner ones handed up, in one order", () =>
      Effect.gen(function* () {
        const body = (id: string) =>
          Effect.exit(
            inScope(function* () {
              yield* a(id)
              yield* inScope(function* () {
                yield* b(id)
                yield* inScope(function* () {
                  yield* c(id)
                })
              })
              yield* d(id)
              yield* failing
            })
          )
        const { happened } = yield* run(harness, body)
        assert.deepStrictEqual(happened, ["a", "b", "c", "d", "undo d", "undo c", "undo b", "undo a"])
      }).pipe(Effect.scoped)
    )

    it.effect("gives a retry of a scope a clean floor, and new keys", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("b", refuses, refuses)
        const scope = (id: string) =>
          inScope(function* () {
            yield* a(id)
            return yield* b(id)
          })
        const life = yield* journal.open(story((id) => Effect.retry(scope(id), { times: 5 })))
        const rest = yield* life.do(ask())
        assert.deepStrictEqual([rest.status, rest.exit], ["completed", Exit.succeed("b 3")])
        assert.deepStrictEqual(journal.outside.happened, ["a", "undo a", "a", "undo a", "a", "b"])
        assert.strictEqual(new Set(journal.outside.keysOf("a")).size, 3)
        assert.strictEqual(new Set(journal.outside.keysOf("undo a")).size, 2)
      }).pipe(Effect.scoped)
    )

    it.effect("is decided by the outermost when several boundaries close at once, newest first across them", () =>
      Effect.gen(function* () {
        const body = (id: string) =>
          coroutineScope(function* (outer) {
            yield* a(id)
            yield* outer.launch(
              coroutineScope(function* (inner) {
                yield* b(id)
                yield* inner.launch(
                  Effect.andThen(
                    e(id),
                    coroutineScope(function* () {
                      yield* Effect.never
                    })
                  )
                )
                yield* Effect.never
              }),
              { name: "left" }
            )
            yield* outer.launch(
              Effect.gen(function* () {
                yield* Effect.sleep(10)
                yield* c(id)
                yield* Effect.sleep(10)
                yield* d(id)
                yield* failing
              }),
              { name: "right" }
            )
          })
        const { happened, rest } = yield* run(harness, body)
        assert.deepStrictEqual(rest.exit, Exit.fail(sorry))
        assert.deepStrictEqual(happened, ["a", "b", "e", "c", "d", "undo d", "undo c", "undo e", "undo b", "undo a"])
      }).pipe(Effect.scoped)
    )

    it.effect("of a job in a supervisor touches none of its siblings", () =>
      Effect.gen(function* () {
        const body = (id: string) =>
          supervisorScope(function* (scope) {
            const bad = yield* scope.async(Effect.andThen(a(id), failing))
            const good = yield* scope.async(Effect.andThen(b(id), c(id)))
            yield* Effect.exit(bad.await)
            yield* see("caught")
            return yield* good.await
          })
        const { happened, rest } = yield* run(harness, body, { b: slowly(50), c: slowly(50) })
        assert.deepStrictEqual([rest.status, rest.exit], ["completed", Exit.succeed("c 1")])
        assert.deepStrictEqual(happened, ["a", "undo a", "b", "c"])
      }).pipe(Effect.scoped)
    )

    it.effect("of a job that is cancelled happens before it has ended", () =>
      Effect.gen(function* () {
        const body = (id: string) =>
          coroutineScope(function* (scope) {
            const job = yield* scope.launch(Effect.andThen(a(id), Effect.never))
            yield* b(id)
            yield* job.cancelAndJoin
            yield* see("joined")
            yield* c(id)
          })
        const { happened, rest } = yield* run(harness, body, { b: slowly(20) })
        assert.strictEqual(rest.status, "completed")
        assert.deepStrictEqual(happened, ["a", "b", "undo a", "c"])
      }).pipe(Effect.scoped)
    )

    it.effect("waits for a step of a cancelled job that is under way, and takes back what it did", () =>
      Effect.gen(function* () {
        const body = (id: string) =>
          coroutineScope(function* (scope) {
            const job = yield* scope.launch(a(id))
            yield* b(id)
            yield* job.cancelAndJoin
            yield* c(id)
          })
        const { happened } = yield* run(harness, body, {
          a: ({ happens }) => Effect.uninterruptible(Effect.andThen(Effect.sleep(100), happens)).pipe(Effect.as("a")),
          b: slowly(20)
        })
        assert.deepStrictEqual(happened, ["b", "a", "undo a", "c"])
      }).pipe(Effect.scoped)
    )

    it.effect("of what is given up by a time limit happens before the limit's failure is seen", () =>
      Effect.gen(function* () {
        const body = (id: string) =>
          Effect.gen(function* () {
            yield* a(id)
            const limited = withTimeout(Effect.all([b(id), c(id), Effect.sleep(1000)]), "100 millis", { name: "quick" })
            const error = yield* Effect.flip(limited)
            assert.instanceOf(error, DeadlineExceeded)
            yield* d(id)
          })
        const { happened, rest } = yield* run(harness, body as never)
        assert.strictEqual(rest.status, "completed", JSON.stringify(rest.why))
        assert.deepStrictEqual(happened, ["a", "b", "c", "undo c", "undo b", "d"])
      }).pipe(Effect.scoped)
    )

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
            yield* failing
          })
        const { happened } = yield* run(harness, body, { call: happensAnd(Effect.die("tripped")) })
        assert.deepStrictEqual(happened, ["a", "call", "undo a"])
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
              yield* failing
            })
          const performances = yield* performEverywhere(harness, { workflows: story(body), ask: ask() })
          assert.isAbove(performances.length, 7)
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
