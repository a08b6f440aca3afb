/**
 * The laws of Effect's own workflow words: whatever it offers to workflows holds here as well, and survives a crash.
 *
 * Not here: what a plain activity is recorded as (`activityLaws.ts`), signals as such (`signalLaws.ts`).
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Layer, Option, Schema } from "effect"
import { Activity, DurableClock, DurableDeferred, Workflow, WorkflowEngine } from "effect/workflow"
import { Journal } from "firebreak/journal"
import { supervisorScope } from "firebreak/supervision"
import { performEverywhere } from "./crashes.ts"
import { type Harness, testJournal, type TestJournal } from "./harness.ts"
import { gives, see, slowly, Sorry, well, World } from "./Outside.ts"
import { idOf, inMemory, written } from "./outsiders.ts"
import { a, ask, b, show, Story, story, type StoryFailure } from "./stories.ts"

/** A plain activity that calls the outside. */
const activity = (name: string) =>
  Activity.make({
    name,
    success: Schema.String,
    error: Sorry,
    // sound: what the outside gives is checked by the schemas
    execute: World.use((world) => world.ask(name, "none" as never)) as Effect.Effect<string, Sorry, World>
  })

const Go = DurableDeferred.make("go", { success: Schema.String })
const goToken = (id = "1") => DurableDeferred.tokenFromExecutionId(Go, { workflow: Story, executionId: idOf(id) })
const go = (id = "1") => DurableDeferred.succeed(Go, { token: goToken(id), value: "gone" })

type Body = (id: string) => Effect.Effect<unknown, StoryFailure, any>

/** Performs a story wherever a process may be gone; none of them sees a contradiction, and all are completed. */
const everywhere = (harness: Harness, body: Body, script: (journal: TestJournal) => void = () => {}) =>
  Effect.map(performEverywhere(harness, { workflows: story(body), ask: ask(), script }), (all) => {
    for (const { answer, contradictions, crash } of all) {
      assert.deepStrictEqual(contradictions, [], crash)
      assert.strictEqual(Exit.isSuccess(answer) && answer.value.status, "completed", crash)
    }
    return all
  })

/** Runs it once. */
const once = (harness: Harness, body: Body, script: (journal: TestJournal) => void = () => {}) =>
  Effect.gen(function* () {
    const journal = yield* testJournal(harness)
    script(journal)
    const life = yield* journal.open(story(body))
    const rest = yield* life.do(ask())
    return { journal, life, rest }
  })

export const effectLaws = (harness: Harness): void => {
  describe("an activity of Effect", () => {
    it.effect("whose result cannot be written down is a defect that says why", () =>
      Effect.gen(function* () {
        const large = yield* once(
          harness,
          () => activity("one"),
          ({ outside }) => outside.answer("one", gives("x".repeat(2_000_000)))
        )
        assert.strictEqual(large.rest.status, "failed")
        assert.match(
          large.rest.why!.message,
          /the result of the activity "one\/1" has \d+ characters, and the journal takes/
        )
        const wrong = yield* once(
          harness,
          () => activity("one"),
          ({ outside }) => outside.answer("one", gives(7))
        )
        assert.strictEqual(wrong.rest.status, "failed")
      }).pipe(Effect.scoped)
    )

    it.effect("has a scope of its own, the services of its layer, and a key that is the same each time", () =>
      Effect.gen(function* () {
        const trail: Array<string> = []
        const scoped = (name: string) =>
          Activity.make({
            name,
            success: Schema.String,
            execute: Effect.gen(function* () {
              yield* Effect.addFinalizer(() => Effect.sync(() => void trail.push(`${name} closed`)))
              const world = yield* World
              trail.push(`${name} ${world.outside.asked.length}`)
              return yield* Activity.idempotencyKey(name)
            })
          })
        const { rest } = yield* once(harness, () =>
          Effect.gen(function* () {
            const one = yield* scoped("one")
            const two = yield* scoped("two")
            const key = yield* Activity.idempotencyKey("one")
            return `${one !== two} ${key === one}`
          })
        )
        assert.deepStrictEqual(rest.exit, Exit.succeed("true true"))
        assert.deepStrictEqual(trail, ["one 0", "one closed", "two 0", "two closed"])
      }).pipe(Effect.scoped)
    )

    it.effect("is not started again because a signal comes while it runs", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.answer("one", slowly(5000, gives("one")))
        const life = yield* journal.open(
          story(() =>
            supervisorScope(function* (scope) {
              const job = yield* scope.async(activity("one"))
              const signal = yield* scope.async(DurableDeferred.await(Go))
              return `${yield* signal.await} ${yield* job.await}`
            })
          )
        )
        life.launch(ask())
        yield* life.pass(1000)
        yield* life.do(go())
        assert.deepStrictEqual((yield* life.do(ask())).exit, Exit.succeed("gone one"))
        assert.strictEqual(journal.outside.asked.length, 1)
      }).pipe(Effect.scoped)
    )

    it.effect("inside of another one, or a durable clock there, is a defect that says what to do", () =>
      Effect.gen(function* () {
        const nested = (inner: Effect.Effect<unknown, any, any>) =>
          Activity.make({ name: "outer", execute: Effect.asVoid(inner) as Effect.Effect<void> }) // sound: what it needs is there, and it does not end
        const one = yield* once(harness, () => nested(activity("inner")))
        assert.match(one.rest.why!.message, /the activity "inner" runs outside of a story/)
        const two = yield* once(harness, () => nested(DurableClock.sleep({ name: "nap", duration: "2 hours" })))
        assert.match(two.rest.why!.message, /the durable clock "nap" is outside of a story/)
      }).pipe(Effect.scoped)
    )
  })

  describe("a durable deferred", () => {
    it.effect("takes the exit of an effect, and is known by it from then on", () =>
      Effect.gen(function* () {
        const all = yield* everywhere(harness, (id) =>
          Effect.gen(function* () {
            const value = yield* DurableDeferred.into(a(id) as Effect.Effect<string>, Go) // sound: it goes well
            yield* see(`${value} ${yield* DurableDeferred.await(Go)}`)
            return yield* b(id)
          })
        )
        for (const { crash, journal } of all) assert.deepStrictEqual(journal.outside.happened, ["a", "b"], crash)
      })
    )

    it.effect("races effects that wait for different things, and remembers who won", () =>
      Effect.gen(function* () {
        const body: Body = (id) =>
          Effect.gen(function* () {
            const won = yield* DurableDeferred.raceAll({
              name: "race",
              success: Schema.String,
              error: Sorry,
              effects: [Effect.as(Effect.sleep("1 hour"), "slept"), DurableDeferred.await(Go), activity("one")]
            })
            yield* see(won)
            return yield* b(id)
          })
        const script = ({ outside }: TestJournal) => outside.answer("one", slowly(60_000, gives("one")))
        for (const { crash, seen } of yield* everywhere(harness, body, script)) {
          assert.isTrue(
            seen.every((what) => what === "one"),
            crash
          )
        }
        const journal = yield* testJournal(harness)
        script(journal)
        const life = yield* journal.open(story(body))
        life.launch(ask())
        yield* life.pass(1000)
        yield* life.do(go())
        yield* life.do(ask())
        assert.deepStrictEqual(
          life.seen.map(({ what }) => what),
          ["gone"]
        )
      }).pipe(Effect.scoped)
    )

    it.effect("has a token that can be made of the payload, before anything is started, and of the running story", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(
          story(() =>
            Effect.gen(function* () {
              const token = yield* DurableDeferred.token(Go)
              return `${token === goToken()} ${yield* DurableDeferred.await(Go)}`
            })
          )
        )
        const token = yield* DurableDeferred.tokenFromPayload(Go, { workflow: Story, payload: { id: "1" } })
        yield* life.do(DurableDeferred.succeed(Go, { token, value: "early" }))
        assert.deepStrictEqual((yield* life.do(ask())).exit, Exit.succeed("true early"))
      }).pipe(Effect.scoped)
    )

    it.effect("of an attempt is another one for each attempt", () =>
      Effect.gen(function* () {
        const { rest } = yield* once(harness, () => {
          const names = Effect.flatMap(Go.withActivityAttempt, ({ name }) =>
            Effect.fail(new Sorry({ why: name, left: 0 }))
          )
          return Effect.map(Effect.flip(Activity.retry(names, { times: 2 })), ({ why }) => why)
        })
        assert.deepStrictEqual(rest.exit, Exit.succeed("go/3"))
      }).pipe(Effect.scoped)
    )
  })

  describe("a durable clock", () => {
    for (const [name, duration, milliseconds] of [
      ["of less than a minute", "30 seconds", 30_000],
      ["of more than a minute", "2 hours", 7_200_000]
    ] as const) {
      it.effect(`${name} wakes at its time, wherever a process is gone`, () =>
        Effect.gen(function* () {
          const all = yield* everywhere(harness, (id) =>
            Effect.gen(function* () {
              yield* DurableClock.sleep({ name: "nap", duration })
              yield* see("awake")
              yield* a(id)
            })
          )
          for (const { crash, journal } of all) {
            const late = journal.outside.asked[0]!.at - Date.UTC(2030, 0, 1) - milliseconds
            assert.isTrue(late >= 0 && late <= 20, `${crash}: ${late} ms`)
          }
        })
      )
    }

    it.effect("that has rung is not slept again under the same name", () =>
      Effect.gen(function* () {
        const nap = DurableClock.sleep({ name: "nap", duration: "2 hours" })
        const { journal, rest } = yield* once(harness, () => Effect.andThen(nap, nap))
        assert.strictEqual(rest.status, "completed")
        assert.isBelow(journal.time.now - Date.UTC(2030, 0, 1), 2 * 3_600_000 + 1000)
      }).pipe(Effect.scoped)
    )
  })

  describe("a workflow, by Effect's own words", () => {
    const Plain = Workflow.make("Plain", {
      payload: { id: Schema.String },
      success: Schema.Struct({ at: Schema.DateFromString }),
      error: Sorry,
      idempotencyKey: ({ id }) => id
    })

    it.effect("executes once, gives its result as its schema makes it, and is looked up from then on", () =>
      Effect.gen(function* () {
        let bodies = 0
        const journal = yield* testJournal(harness)
        const workflows = Plain.toLayer(() => Effect.sync(() => ({ at: new Date(++bodies) })))
        const first = yield* journal.open(workflows)
        assert.deepStrictEqual(yield* first.do(Plain.execute({ id: "1" })), { at: new Date(1) })
        const second = yield* journal.open(workflows)
        assert.deepStrictEqual(yield* second.do(Plain.execute({ id: "1" })), { at: new Date(1) })
        assert.strictEqual(bodies, 1)
      }).pipe(Effect.scoped)
    )

    it.effect("started with discard gives its id, which is Effect's own, and is polled: nothing, waiting, ended", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const workflows = Plain.toLayer(({ id }) =>
          Effect.gen(function* () {
            yield* Effect.orDie(a(id))
            yield* Effect.sleep("1 hour")
            if (id === "bad") return yield* new Sorry({ why: "bad", left: 1 })
            return { at: new Date(0) }
          })
        )
        let open = () => {}
        const gate = new Promise<void>((resolve) => (open = resolve))
        journal.outside.answer("a", (call) =>
          Effect.andThen(
            Effect.promise(() => gate),
            well(call)
          )
        )
        const life = yield* journal.open(workflows)
        const id = yield* life.do(Plain.executionId({ id: "1" }))
        assert.deepStrictEqual(yield* life.do(Plain.poll(id)), Option.none())
        assert.strictEqual(yield* life.do(Plain.execute({ id: "1" }, { discard: true })), id)
        const bad = yield* life.do(Plain.execute({ id: "bad" }, { discard: true }))
        assert.deepStrictEqual(yield* life.do(Plain.poll(id)), Option.none())
        open()
        yield* life.pass(60_000)
        assert.strictEqual(Option.getOrThrow(yield* life.do(Plain.poll(id)))._tag, "Suspended")
        yield* life.pass(3_600_000)
        const result = Option.getOrThrow(yield* life.do(Plain.poll(id)))
        assert.deepStrictEqual(result._tag === "Complete" && result.exit, Exit.succeed({ at: new Date(0) }))
        const failed = Option.getOrThrow(yield* life.do(Plain.poll(bad)))
        assert.deepStrictEqual(failed._tag === "Complete" && failed.exit, Exit.fail(new Sorry({ why: "bad", left: 1 })))
      }).pipe(Effect.scoped)
    )

    it.effect("that is interrupted is cancelled: who executes it is told so", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(story((id) => Effect.andThen(a(id), Effect.never)))
        const executing = life.launch(Story.execute({ id: "1" }))
        yield* life.settle
        yield* life.do(Story.interrupt(idOf("1")))
        yield* life.settle
        const exit = executing.pollUnsafe()
        assert.isTrue(exit !== undefined && Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause))
        assert.deepStrictEqual(journal.outside.happened, ["a", "undo a"])
        yield* life.do(
          Effect.flatMap(WorkflowEngine.WorkflowEngine, (engine) => engine.interruptUnsafe(Story, idOf("unknown")))
        )
      }).pipe(Effect.scoped)
    )

    it.effect(
      "that is interrupted while it has no layer is cancelled as soon as it has one, also in the next process",
      () =>
        Effect.gen(function* () {
          const journal = yield* testJournal(harness)
          const workflows = story((id) => Effect.andThen(Effect.sleep("1 hour"), a(id)))
          const first = yield* journal.open(workflows)
          first.launch(ask())
          yield* first.pass(100)
          const second = yield* journal.open(Layer.empty)
          yield* second.do(Story.interrupt(idOf("1")))
          const third = yield* journal.open(workflows)
          yield* third.pass(86_400_000)
          assert.strictEqual((yield* written(journal))!.status, "cancelled")
          assert.deepStrictEqual(journal.outside.happened, [])
        }).pipe(Effect.scoped)
    )

    it.effect("that suspends itself leaves memory, goes on when it is resumed, and can be cancelled meanwhile", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        let isReady = false
        const life = yield* journal.open(
          story((id) =>
            Effect.gen(function* () {
              yield* a(id)
              if (!isReady) return yield* Workflow.suspend(yield* WorkflowEngine.WorkflowInstance)
              return yield* b(id)
            })
          )
        )
        const asked = life.launch(ask())
        life.launch(ask("cancelled"))
        life.launch(ask("cancelled later"))
        yield* life.pass(100)
        assert.isUndefined(asked.pollUnsafe())
        yield* life.do(Story.interrupt(idOf("cancelled")))
        assert.strictEqual((yield* life.do(ask("cancelled"))).status, "cancelled")
        yield* life.pass(10_000)
        assert.strictEqual(yield* life.do(inMemory), 0)
        assert.strictEqual((yield* written(journal))!.status, "suspended")
        yield* life.do(Story.interrupt(idOf("cancelled later")))
        assert.strictEqual((yield* life.do(ask("cancelled later"))).status, "cancelled")
        isReady = true
        yield* life.do(Story.resume(idOf("1")))
        assert.strictEqual((yield* life.do(Effect.flatten(Fiber.await(asked)))).status, "completed")
        assert.deepStrictEqual(journal.outside.happened, ["a", "a", "a", "undo a", "undo a", "b"])
      }).pipe(Effect.scoped)
    )

    it.effect(
      "that is resumed although it waits for something else goes on waiting; one nobody knows is left alone",
      () =>
        Effect.gen(function* () {
          const journal = yield* testJournal(harness)
          const life = yield* journal.open(story(() => DurableDeferred.await(Go)))
          life.launch(ask())
          yield* life.pass(10_000)
          yield* life.do(Story.resume(idOf("1")))
          yield* life.do(Story.resume(idOf("nobody")))
          yield* life.pass(10_000)
          yield* life.do(go())
          assert.deepStrictEqual((yield* life.do(ask())).exit, Exit.succeed("gone"))
        }).pipe(Effect.scoped)
    )

    it.effect("that dies ends as a defect with its message, whether or not it captures defects", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const tooFar = Effect.die(new RangeError("too far"))
        const Uncaptured = Workflow.make("Uncaptured", { payload: {}, idempotencyKey: () => "1" }).annotate(
          Workflow.CaptureDefects,
          false
        )
        const life = yield* journal.open(
          Layer.merge(
            story((id) => Effect.andThen(a(id), tooFar)),
            Uncaptured.toLayer(() => tooFar)
          )
        )
        for (const execute of [Effect.asVoid(Story.execute({ id: "1" })), Uncaptured.execute({})]) {
          const exit = Option.getOrThrow(yield* life.attempt(execute))
          assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
          assert.match(String(exit), /RangeError.*too far/)
        }
        assert.deepStrictEqual(journal.outside.happened, ["a", "undo a"])
      }).pipe(Effect.scoped)
    )

    it.effect("that has no layer is a defect that says what to do", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(story((id) => a(id)))
        const asking = [
          Effect.asVoid(Plain.execute({ id: "1" })),
          Effect.asVoid(Plain.execute({ id: "1" }, { discard: true })),
          Effect.asVoid(Journal.use((journal) => journal.run(Plain, { id: "1" })))
        ]
        for (const ask of asking) {
          const exit = Option.getOrThrow(yield* life.attempt<void, unknown>(ask))
          assert.match(String(exit), /"Plain" is not registered: provide its layer beside the journal's/)
        }
      }).pipe(Effect.scoped)
    )

    it.effect("sees its finalizers and resources end with it, by how it ends, and not while it waits", () =>
      Effect.gen(function* () {
        const trail: Array<string> = []
        const says = (what: string) => Effect.sync(() => void trail.push(what))
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(
          story((id) =>
            Effect.gen(function* () {
              yield* Workflow.addFinalizer((exit) => says(Exit.isSuccess(exit) ? "finalizer: well" : "finalizer: bad"))
              yield* Workflow.provideScope(Effect.acquireRelease(Effect.void, () => says("resource")))
              yield* Effect.addFinalizer(() => says("body"))
              yield* Effect.sleep("10 minutes")
              yield* says("awake")
              if (id === "bad") return yield* new Sorry({ why: "bad", left: 0 })
              return "well"
            })
          )
        )
        yield* life.do(ask())
        assert.deepStrictEqual(trail, ["awake", "body", "resource", "finalizer: well"])
        yield* life.do(ask("bad"))
        assert.deepStrictEqual(trail.slice(4), ["awake", "body", "resource", "finalizer: bad"])
      }).pipe(Effect.scoped)
    )

    it.effect("that asks how another one is sees the same each time it is told", () =>
      Effect.gen(function* () {
        const body: Body = (id) => {
          if (id === "other") return Effect.andThen(Effect.sleep("30 seconds"), a(id))
          return Effect.gen(function* () {
            yield* Story.execute({ id: "other" }, { discard: true, detached: true })
            for (let n = 0; n < 3; n++) {
              const polled = yield* Story.poll(idOf("other"))
              yield* see(Option.match(polled, { onNone: () => "nothing", onSome: ({ _tag }) => _tag }))
              yield* Effect.sleep("20 seconds")
            }
            const polled = Option.getOrThrow(yield* Story.poll(idOf("other")))
            yield* see(polled._tag === "Complete" && Exit.isSuccess(polled.exit) ? polled.exit.value : polled._tag)
            return yield* b(id)
          })
        }
        const all = yield* everywhere(harness, body)
        assert.deepStrictEqual(all[0]!.seen, ["nothing", "Suspended", "Complete", "a 1"])
      })
    )

    it.effect("that cancels another one does so, wherever a process is gone", () =>
      Effect.gen(function* () {
        const body: Body = (id) => {
          if (id === "other") return Effect.andThen(a(id), Effect.never)
          return Effect.gen(function* () {
            yield* Story.execute({ id: "other" }, { discard: true, detached: true })
            yield* Effect.sleep("10 seconds")
            yield* Story.interrupt(idOf("other"))
            yield* see("asked")
            return "done"
          })
        }
        const later = Effect.andThen(Effect.sleep("1 minute"), show("other"))
        const all = yield* performEverywhere(harness, { workflows: story(body), ask: Effect.andThen(ask(), later) })
        for (const { answer, contradictions, crash, journal } of all) {
          assert.deepStrictEqual(contradictions, [], crash)
          assert.strictEqual(Exit.isSuccess(answer) && answer.value.status, "cancelled", crash)
          assert.deepStrictEqual(journal.outside.happened, ["a", "undo a"], crash)
        }
      })
    )
  })
}
