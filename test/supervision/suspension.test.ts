/**
 * Where supervision and durability meet: a suspension passes through scopes, and is not a cancelled job.
 *
 * On Effect's memory engine. What that engine itself gets wrong is pinned at the end, as such.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Deferred, Effect, Exit, Layer, Schema } from "effect"
import { Activity, DurableClock, DurableDeferred, Workflow, WorkflowEngine } from "effect/workflow"
import { TestClock } from "effect/testing"
import { coroutineScope, supervisorScope, UncaughtHandler } from "firebreak/supervision"
import { SuspendableRun } from "../../src/supervision/internal/SuspendableRun.ts"

class Broken extends Schema.TaggedError<Broken>()("Broken", { part: Schema.String }) {}

const Signal = DurableDeferred.make("signal", { success: Schema.String })

type Story = Effect.Effect<unknown, Broken, WorkflowEngine.WorkflowEngine | WorkflowEngine.WorkflowInstance>

/** Runs a story as a workflow; a signal is sent once the run has suspended, and time passes for durable sleeps. */
const runDurably = (story: Story, signal?: string) =>
  Effect.gen(function* () {
    const Durable = Workflow.make("Durable", {
      payload: { id: Schema.String },
      success: Schema.Unknown,
      error: Broken,
      idempotencyKey: ({ id }) => id
    })
    return yield* Effect.gen(function* () {
      const executionId = yield* Durable.execute({ id: "1" }, { discard: true })
      yield* untilSuspended(Durable, executionId)
      const suspended = yield* Durable.poll(executionId)
      if (signal !== undefined) {
        const token = DurableDeferred.tokenFromExecutionId(Signal, { workflow: Durable, executionId })
        yield* DurableDeferred.succeed(Signal, { token, value: signal })
      }
      return { suspended, exit: yield* untilComplete(Durable, executionId) }
    }).pipe(Effect.provide(Durable.toLayer(() => story).pipe(Layer.provideMerge(WorkflowEngine.layerMemory))))
  })

const pump = <A>(look: Effect.Effect<A | undefined, any, any>): Effect.Effect<A, never, any> =>
  Effect.gen(function* () {
    for (let turn = 0; turn < 5_000; turn++) {
      const found = yield* look
      if (found !== undefined) return found
      yield* Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))
      yield* TestClock.adjust(turn < 50 ? 0 : 100)
    }
    return yield* Effect.die("nothing happened for a long virtual time")
  }) as Effect.Effect<A, never, any>

const untilSuspended = (workflow: any, id: string) =>
  pump(
    Effect.map(workflow.poll(id), (result: any) =>
      result._tag === "Some" && result.value._tag === "Suspended" ? true : undefined
    )
  )

const untilComplete = (workflow: any, id: string): Effect.Effect<Exit.Exit<unknown, Broken>, never, any> =>
  pump<Exit.Exit<unknown, Broken>>(
    Effect.map(workflow.poll(id), (result: any) =>
      result._tag === "Some" && result.value._tag === "Complete" ? result.value.exit : undefined
    )
  )

const step = (name: string, trail: Array<string>) =>
  Activity.make({
    name,
    success: Schema.String,
    execute: Effect.sync(() => {
      trail.push(name)
      return name
    })
  })

const durableSleep = DurableClock.sleep({ name: "nap", duration: "2 minutes" })
const signalled = DurableDeferred.await(Signal)

describe("inside a durable workflow", () => {
  it("knows the run by the key that Effect gives it", () => {
    assert.strictEqual(SuspendableRun.key, WorkflowEngine.WorkflowInstance.key)
  })

  const places: Record<
    string,
    (wait: Effect.Effect<unknown, never, any>, trail: Array<string>) => Effect.Effect<unknown, Broken, any>
  > = {
    "an async job of a fail-fast scope": (wait, trail) =>
      coroutineScope(function* (scope) {
        const waiting = yield* scope.async(wait)
        const other = yield* scope.async(step("other", trail))
        return [yield* waiting.await, yield* other.await]
      }),
    "an async job of a supervisor": (wait, trail) =>
      supervisorScope(function* (scope) {
        const waiting = yield* scope.async(wait)
        const other = yield* scope.async(step("other", trail))
        return [yield* waiting.await, yield* other.await]
      }),
    "a job that nobody awaits": (wait, trail) =>
      coroutineScope(function* (scope) {
        let value: unknown
        yield* scope.launch(Effect.map(wait, (got) => void (value = got)))
        const other = yield* scope.async(step("other", trail))
        const seen = yield* other.await
        yield* scope.async(Effect.void)
        return yield* Effect.succeed([undefined, seen, () => value]).pipe(Effect.map(([, seen]) => [undefined, seen]))
      }),
    "the body": (wait, trail) =>
      coroutineScope(function* (scope) {
        const other = yield* scope.async(step("other", trail))
        return [yield* wait, yield* other.await]
      }),
    "a scope in a job of a supervisor": (wait, trail) =>
      supervisorScope(function* (scope) {
        const inner = yield* scope.async(
          coroutineScope(function* (inner) {
            const waiting = yield* inner.async(wait)
            return yield* waiting.await
          })
        )
        const other = yield* scope.async(step("other", trail))
        return [yield* inner.await, yield* other.await]
      })
  }

  for (const [place, story] of Object.entries(places)) {
    it.effect(`a durable sleep in ${place} suspends the run, which goes on after it`, () =>
      Effect.gen(function* () {
        const trail: Array<string> = []
        const { exit, suspended } = yield* runDurably(story(durableSleep, trail) as Story)
        assert.strictEqual(suspended._tag === "Some" && suspended.value._tag, "Suspended")
        assert.deepStrictEqual(exit, Exit.succeed([undefined, "other"]))
        assert.deepStrictEqual(trail, ["other"], "the step ran once, the replay met its result")
      })
    )

    if (place !== "a job that nobody awaits") {
      it.effect(`a signal awaited in ${place} suspends the run, and is its value after the replay`, () =>
        Effect.gen(function* () {
          const trail: Array<string> = []
          const { exit } = yield* runDurably(story(signalled, trail) as Story, "paid")
          assert.deepStrictEqual([exit, trail], [Exit.succeed(["paid", "other"]), ["other"]])
        })
      )
    }
  }

  it.effect("a failing job beats the suspension of another: the scope fails", () =>
    Effect.gen(function* () {
      const story = coroutineScope(function* (scope) {
        yield* scope.launch(signalled)
        yield* scope.launch(Effect.andThen(durableSleep, new Broken({ part: "b" })))
      })
      const { exit } = yield* runDurably(story as Story)
      assert.deepStrictEqual(Exit.isFailure(exit) && exit.cause.reasons.map((reason) => reason._tag), ["Fail"])
    })
  )

  it.effect("waits with suspending until every other job has ended", () =>
    Effect.gen(function* () {
      const trail: Array<string> = []
      const gate = yield* Deferred.make<void>()
      const story = supervisorScope(function* (scope) {
        yield* scope.async(signalled)
        yield* scope.async(
          Effect.gen(function* () {
            yield* Deferred.await(gate)
            trail.push("slow job went on")
            yield* step("slow", trail)
          })
        )
      })
      yield* Effect.forkChild(
        pump(Effect.sync(() => (trail.length === 0 ? true : undefined))).pipe(
          Effect.andThen(Deferred.succeed(gate, void 0))
        )
      )
      const { exit } = yield* runDurably(story as Story, "go")
      assert.deepStrictEqual(exit, Exit.succeed(undefined))
      assert.strictEqual(trail[0], "slow job went on")
      assert.strictEqual(trail.filter((event) => event === "slow").length, 1)
    })
  )

  it.effect("a job cancelled by the story is cancelled, not suspended", () =>
    Effect.gen(function* () {
      const story = supervisorScope(function* (scope) {
        const waiting = yield* scope.async(Effect.never, { name: "waiting" })
        yield* waiting.cancelAndJoin
        const nap = yield* scope.async(durableSleep)
        yield* nap.await
        return yield* waiting.status
      })
      const { exit } = yield* runDurably(story as Story)
      assert.deepStrictEqual(exit, Exit.succeed("cancelled"))
    })
  )

  it.effect("cancelling the workflow ends the scopes in it", () =>
    Effect.gen(function* () {
      const trail: Array<string> = []
      const Cancelled = Workflow.make("Cancelled", { payload: { id: Schema.String }, idempotencyKey: ({ id }) => id })
      const story = supervisorScope(function* (scope) {
        yield* scope.async(signalled.pipe(Effect.ensuring(Effect.sync(() => trail.push("closed")))))
      })
      yield* Effect.gen(function* () {
        const id = yield* Cancelled.execute({ id: "1" }, { discard: true })
        yield* untilSuspended(Cancelled, id)
        yield* Cancelled.interrupt(id)
        const exit = yield* untilComplete(Cancelled, id)
        assert.isTrue(Exit.isFailure(exit) && exit.cause.reasons.every((reason) => reason._tag === "Interrupt"))
        assert.isAtLeast(trail.length, 1)
      }).pipe(Effect.provide(Cancelled.toLayer(() => story).pipe(Layer.provideMerge(WorkflowEngine.layerMemory))))
    })
  )

  it.effect("a failure that nobody awaited is reported once, however often the run is replayed", () =>
    Effect.gen(function* () {
      const reported: Array<string> = []
      const story = coroutineScope(function* (outer) {
        yield* supervisorScope(function* (scope) {
          yield* scope.async(Effect.fail(new Broken({ part: "lost" })), { name: "lost" })
          yield* scope.launch(Effect.die("bug"), { name: "bug" })
          yield* scope.launch(Effect.die("another bug"), { name: "bug" })
        })
        const nap = yield* outer.async(durableSleep)
        yield* nap.await
        yield* signalled
      }).pipe(Effect.provideService(UncaughtHandler, ({ job }) => Effect.sync(() => void reported.push(job))))
      const { exit } = yield* runDurably(story as Story, "go")
      assert.deepStrictEqual(exit, Exit.succeed(undefined))
      assert.deepStrictEqual(reported.sort(), [
        "Durable / supervisor / bug",
        "Durable / supervisor / bug",
        "Durable / supervisor / lost"
      ])
    })
  )

  it.effect("names a job by its workflow: ProcessOrder / supervisor / notify", () =>
    Effect.gen(function* () {
      const story = coroutineScope(function* () {
        return yield* supervisorScope(function* (scope) {
          const job = yield* scope.async(Effect.void, { name: "notify" })
          yield* job.await
          return job.path
        })
      })
      const Named = Workflow.make("ProcessOrder", {
        payload: { id: Schema.String },
        success: Schema.String,
        idempotencyKey: ({ id }) => id
      })
      const path = yield* Named.execute({ id: "1" }).pipe(
        Effect.provide(Named.toLayer(() => story).pipe(Layer.provideMerge(WorkflowEngine.layerMemory)))
      )
      assert.strictEqual(path, "ProcessOrder / supervisor / notify")
    })
  )
})

describe("what Effect's memory engine gets wrong, with scopes as without", () => {
  const signalDuringStep = (
    parallel: (
      waiting: Effect.Effect<string, never, any>,
      running: Effect.Effect<void, never, any>
    ) => Effect.Effect<unknown, never, any>
  ) =>
    Effect.gen(function* () {
      let starts = 0
      const gate = yield* Deferred.make<void>()
      const running = Activity.make({
        name: "running",
        execute: Effect.suspend(() => {
          starts++
          return Deferred.await(gate)
        })
      })
      const Racing = Workflow.make("Racing", { payload: { id: Schema.String }, idempotencyKey: ({ id }) => id })
      return yield* Effect.gen(function* () {
        const executionId = yield* Racing.execute({ id: "1" }, { discard: true })
        yield* pump(Effect.sync(() => (starts === 1 ? true : undefined)))
        const token = DurableDeferred.tokenFromExecutionId(Signal, { workflow: Racing, executionId })
        yield* DurableDeferred.succeed(Signal, { token, value: "go" })
        yield* pump(Effect.sync(() => (starts === 2 ? true : undefined)))
        yield* Deferred.succeed(gate, void 0)
        yield* untilComplete(Racing, executionId)
        return { starts, at: yield* Clock.currentTimeMillis }
      }).pipe(
        Effect.provide(
          Racing.toLayer(() => Effect.asVoid(parallel(signalled, running))).pipe(
            Layer.provideMerge(WorkflowEngine.layerMemory)
          )
        )
      )
    })

  it.effect("a running step is started again when a signal comes", () =>
    Effect.gen(function* () {
      const inScope = yield* signalDuringStep((waiting, running) =>
        supervisorScope(function* (scope) {
          const a = yield* scope.async(waiting)
          const b = yield* scope.async(running)
          yield* a.await
          yield* b.await
        })
      )
      const inAll = yield* signalDuringStep((waiting, running) =>
        Effect.all([running, waiting], { concurrency: "unbounded" })
      )
      assert.deepStrictEqual([inScope.starts, inAll.starts], [2, 2])
    })
  )
})
