/**
 * Tests of kotlinx.coroutines, section B: where a failure goes.
 */
import { assert, it } from "@effect/vitest"
import { Cause, Effect } from "effect"
import {
  type CoroutineScope,
  coroutineScope,
  type InsideCoroutineScope,
  type Job,
  supervisorScope,
  UncaughtHandler
} from "firebreak/supervision"
import { after, type E1, ending, fail1, forever, story, tag } from "../rules/story.ts"
import { assertOrder } from "./order.ts"

// Differs: a job that fails at once ends the body at its launch, so that nothing after it is launched; this one waits.
it.effect(
  "CoroutineScopeTest:testAsyncCancellationFirst the first job's failure cancels the second, whose finalizer runs",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        coroutineScope(function* (scope) {
          const one = yield* scope.async(
            Effect.yieldNow.pipe(Effect.andThen(log("first fails")), Effect.andThen(fail1))
          )
          const two = yield* scope.async(
            Effect.andThen(log("second waits"), forever).pipe(Effect.ensuring(log("second's finalizer")), Effect.as(42))
          )
          yield* log("body awaits")
          yield* one.await
          return yield* two.await
        }).pipe(Effect.catchTag("E1", () => log("caught")))
      )
      assertOrder(
        trail,
        "succeeds",
        ["body awaits", "first fails", "second's finalizer", "caught"],
        ["second waits", "first fails"]
      )
    })
)

it.effect("CoroutinesTest:testCancelParentOnChildException a job's failure ends the body that yields to it", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        yield* log("body")
        yield* scope.launch(Effect.yieldNow.pipe(Effect.andThen(log("job fails")), Effect.andThen(fail1)))
        yield* log("body yields")
        yield* forever
        yield* log("unreachable")
      })
    )
    assertOrder(trail, "fails E1", ["body", "body yields", "job fails"])
  })
)

it.effect("CoroutinesTest:testParentCrashCancelsChildren a parent that crashed waits for a child's finalizer", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const crashing = coroutineScope(function* (own) {
          const finalizer = log("finalizer begins").pipe(
            Effect.andThen(after(10)),
            Effect.andThen(log("finalizer ends"))
          )
          yield* own.launch(Effect.ensuring(forever, finalizer))
          yield* Effect.yieldNow
          yield* log("crashes")
          return yield* fail1
        })
        const parent = yield* scope.launch(crashing, { onFailure: (error) => log(`told ${error._tag}`) })
        yield* parent.join
        yield* log("joined")
      })
    )
    assertOrder(trail, "succeeds", ["crashes", "finalizer begins", "finalizer ends", "told E1", "joined"])
  })
)

/** A parent with one child that ends as `child` does; gives how the parent ended, or that it lives on. */
const parentOf = (
  launchChild: (scope: CoroutineScope) => Effect.Effect<Job<unknown>, never, InsideCoroutineScope<E1>>
) =>
  story((log) =>
    coroutineScope(function* (scope) {
      yield* launchChild(scope)
      yield* after(10)
      yield* log("parent goes on")
    })
  )

it.effect(
  "ParentCancellationTest:testLaunchChild a launched job's failure cancels the parent, its cancellation does not",
  () =>
    Effect.gen(function* () {
      const failing = yield* parentOf((scope) => scope.launch(Effect.andThen(after(5), fail1)))
      assert.deepStrictEqual(failing, ["[5] fails E1"])
      const cancelled = yield* parentOf((scope) => scope.launch(Effect.andThen(after(5), Effect.interrupt)))
      assert.deepStrictEqual(cancelled, ["[10] parent goes on", "[10] succeeds"])
    })
)

it.effect(
  "ParentCancellationTest:testAsyncChild an async job's failure cancels the parent, its cancellation does not",
  () =>
    Effect.gen(function* () {
      const failing = yield* parentOf((scope) => scope.async(Effect.andThen(after(5), fail1)))
      assert.deepStrictEqual(failing, ["[5] fails E1"])
      const cancelled = yield* parentOf((scope) => scope.async(Effect.andThen(after(5), Effect.interrupt)))
      assert.deepStrictEqual(cancelled, ["[10] parent goes on", "[10] succeeds"])
    })
)

it.effect("ParentCancellationTest:testCoroutineScopeChild a scope rethrows, and who opened it stays alive", () =>
  Effect.gen(function* () {
    const around = (inner: Effect.Effect<never, E1>) =>
      story((log) =>
        coroutineScope(function* () {
          const exit = yield* Effect.exit(
            coroutineScope(function* (own) {
              yield* own.launch(inner)
            })
          )
          yield* log(`inner scope ${ending(exit)}`)
          yield* after(10)
          yield* log("parent goes on")
        })
      )
    assert.deepStrictEqual(yield* around(fail1), ["[0] inner scope fails E1", "[10] parent goes on", "[10] succeeds"])
    assert.deepStrictEqual(yield* around(Effect.interrupt), [
      "[0] inner scope succeeds",
      "[10] parent goes on",
      "[10] succeeds"
    ])
  })
)

// Differs: there are no jobs without work to put in between; what lies between is a job, or a scope.
it.effect(
  "JobExceptionHandlingTest:testExceptionIsNotReported what lies between relays a failure, and no handler is told",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        coroutineScope(function* (scope) {
          const grandchild = scope.launch(Effect.andThen(after(10), fail1))
          const between = coroutineScope(function* (own) {
            yield* own.launch(Effect.andThen(after(20), fail1))
          })
          yield* scope.launch(Effect.andThen(grandchild, between))
        }).pipe(Effect.provideService(UncaughtHandler, ({ cause }) => log(`handler ${tag(Cause.squash(cause))}`)))
      )
      assert.deepStrictEqual(trail, ["[10] fails E1"])
    })
)

// Differs: nobody can fail a scope from outside; the nearest is a body that fails while a job runs.
it.effect(
  "JobExceptionHandlingTest:testAsyncCancellationWithCauseAndParentDoesNotTriggerHandling a job cancelled by a failure is reported to nobody",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        supervisorScope(function* (scope) {
          const job = yield* scope.async(forever)
          yield* job.onCompletion((exit) => Effect.runSync(log(`job ${ending(exit)}`)))
          yield* after(10)
          return yield* fail1
        }).pipe(
          Effect.catchTag("E1", () => log("caught")),
          Effect.provideService(UncaughtHandler, ({ cause }) => log(`handler ${tag(Cause.squash(cause))}`))
        )
      )
      assert.deepStrictEqual(
        trail.map((line) => line.replace(/^\[\d+\] /, "")),
        ["job is cancelled", "caught", "succeeds"]
      )
    })
)
