/**
 * Tests of kotlinx.coroutines, section F: cancellation.
 */
import { it } from "@effect/vitest"
import { Effect } from "effect"
import { coroutineScope, supervisorScope } from "firebreak/supervision"
import { after, forever, story } from "../rules/story.ts"
import { assertOrder } from "./order.ts"

it.effect("CoroutinesTest:testCancelChildExplicit a cancelled job does not go on from where it yielded", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const job = yield* scope.launch(
          log("job").pipe(Effect.andThen(Effect.yieldNow), Effect.andThen(log("unreachable")))
        )
        yield* log("body")
        yield* job.cancel
        yield* Effect.yieldNow
        yield* log("body again")
      })
    )
    assertOrder(trail, "succeeds", ["job", "body", "body again"])
  })
)

it.effect("CoroutinesTest:testJoinWithFinally cancel returns at once, and join waits for the finalizer", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const job = yield* scope.launch(
          Effect.andThen(log("job"), forever).pipe(Effect.ensuring(Effect.andThen(after(10), log("finalizer"))))
        )
        yield* Effect.yieldNow
        yield* log(yield* job.status)
        yield* job.cancel
        yield* log(yield* job.status)
        yield* job.join
        yield* log(yield* job.status)
      })
    )
    assertOrder(trail, "succeeds", ["job", "running", "cancelling", "finalizer", "cancelled"])
  })
)

it.effect("CoroutinesTest:testCancelAndJoin the finalizer comes before cancelAndJoin returns", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const job = yield* scope.launch(
          Effect.andThen(log("job"), forever).pipe(Effect.ensuring(Effect.andThen(Effect.yieldNow, log("finalizer"))))
        )
        yield* log("body")
        yield* job.cancelAndJoin
        yield* log("joined")
      })
    )
    assertOrder(trail, "succeeds", ["job", "finalizer", "joined"], ["body", "finalizer"])
  })
)

it.effect("JobTest:testCancelAndJoinParentWaitChildren a cancelled parent waits for its child's finalizer", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const finalizer = log("finalizer begins").pipe(Effect.andThen(after(10)), Effect.andThen(log("finalizer ends")))
        const child = scope.launch(Effect.andThen(log("child"), forever).pipe(Effect.ensuring(finalizer)))
        const parent = yield* scope.launch(child)
        yield* log(`parent ${yield* parent.status}, ${(yield* parent.children).length} child`)
        yield* parent.cancelAndJoin
        yield* log("joined")
      })
    )
    assertOrder(trail, "succeeds", ["child", "parent running, 1 child", "finalizer begins", "finalizer ends", "joined"])
  })
)

it.effect(
  "AtomicCancellationCommonTest:testDeferredAwaitCancellable who is cancelled before the value reaches it does not get it",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        supervisorScope(function* (scope) {
          const job = yield* scope.async(after(10).pipe(Effect.andThen(log("job")), Effect.as("OK")))
          const waiter = yield* scope.launch(
            log("waits").pipe(
              Effect.andThen(job.await),
              Effect.andThen(log("unreachable")),
              Effect.onInterrupt(() => log("waiter cancelled"))
            )
          )
          // Handlers come before those who wait: this is the moment between the value and the waiter.
          yield* job.onCompletion(() => void Effect.runFork(waiter.cancel))
          yield* job.join
          yield* waiter.join
          yield* log(yield* waiter.status)
        })
      )
      assertOrder(trail, "succeeds", ["waits", "job", "waiter cancelled", "cancelled"])
    })
)
