/**
 * Tests of kotlinx.coroutines, section A: when a scope completes, and with what.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { coroutineScope, type Job, type SupervisedJob, supervisorScope } from "firebreak/supervision"
import { after, type E1, ending, fail1, fail2, forever, story } from "../rules/story.ts"
import { assertOrder } from "./order.ts"

it.effect("CoroutineScopeTest:testScope a scope waits for two children and a grandchild", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      Effect.gen(function* () {
        yield* log("before")
        const value = yield* coroutineScope(function* (scope) {
          yield* log("body begins")
          yield* scope.launch(Effect.andThen(Effect.yieldNow, log("first child")))
          yield* scope.launch(
            Effect.gen(function* () {
              yield* Effect.yieldNow
              yield* log("second child begins")
              yield* scope.launch(Effect.andThen(Effect.yieldNow, log("grandchild")))
              yield* log("second child ends")
            })
          )
          yield* log("body ends")
          return 42
        })
        yield* log("after")
        return value
      })
    )
    assertOrder(trail, "succeeds 42", [
      "before",
      "body begins",
      "body ends",
      "first child",
      "second child begins",
      "second child ends",
      "grandchild",
      "after"
    ])
  })
)

it.effect("CoroutineScopeTest:testExceptionFromWithin what the body fails with is the caller's to catch", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      Effect.gen(function* () {
        yield* log("before")
        const failing = coroutineScope(function* () {
          yield* log("body")
          return yield* fail1
        })
        yield* Effect.andThen(failing, log("unreachable"))
      }).pipe(Effect.catchTag("E1", () => log("caught")))
    )
    assert.deepStrictEqual(trail, ["[0] before", "[0] body", "[0] caught", "[0] succeeds"])
  })
)

it.effect("CoroutineScopeTest:testScopeCancelledFromWithin a failing job cancels its sleeping sibling", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        yield* scope.launch(forever.pipe(Effect.onInterrupt(() => log("sibling cancelled"))))
        yield* scope.launch(fail2)
      }).pipe(Effect.catchTag("E2", () => log("caught")))
    )
    assert.deepStrictEqual(trail, ["[0] sibling cancelled", "[0] caught", "[0] succeeds"])
  })
)

// Differs: a catch around the scope does not run any more when its own job was cancelled; without one the failure counts.
it.effect("CoroutineScopeTest:testCoroutineScopeCancellationVsException a failure beats an earlier cancellation", () =>
  Effect.gen(function* () {
    const cancelledThenFailing = (around: (scope: Effect.Effect<never, E1>) => Effect.Effect<void, unknown>) =>
      story((log) =>
        supervisorScope(function* (scope) {
          const failing = coroutineScope(function* () {
            yield* log("waits")
            yield* Effect.yieldNow
            const cancelThenFail = Effect.andThen(
              Effect.suspend(() => job.cancel),
              Effect.andThen(log("cancelled"), fail1)
            )
            return yield* Effect.uninterruptible(cancelThenFail)
          })
          const job: SupervisedJob<void, unknown> = yield* scope.async(around(failing))
          const exit = yield* job.settled
          yield* log(`job ${yield* job.status}: ${ending(exit)}`)
        })
      )
    assertOrder(yield* cancelledThenFailing((scope) => scope), "succeeds", [
      "waits",
      "cancelled",
      "job failed: fails E1"
    ])
    const caught = yield* cancelledThenFailing(Effect.catchTag("E1", () => Effect.die("unreachable")))
    assertOrder(caught, "succeeds", ["waits", "cancelled", "job cancelled: is cancelled"])
  })
)

it.effect(
  "WithContextTest:testWithContextScopeFailure a job that fails after the body has returned fails the scope",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        coroutineScope(function* (scope) {
          yield* scope.launch(after(10).pipe(Effect.andThen(log("job")), Effect.andThen(fail1)))
          yield* log("body returns")
          return "OK"
        }).pipe(Effect.catchTag("E1", () => Effect.as(log("caught"), "not OK")))
      )
      assert.deepStrictEqual(trail, ["[0] body returns", "[10] job", "[10] caught", "[10] succeeds not OK"])
    })
)

// Differs: nothing runs between the end of a scope and its caller, so the cancellation comes in the scope's last step.
it.effect(
  "WithContextTest:testSequentialCancellation who is cancelled while a scope returns to it does not go on",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        coroutineScope(function* (scope) {
          const work = coroutineScope(function* () {
            yield* after(10)
            yield* log("returns")
            yield* Effect.suspend(() => job.cancel)
          })
          const job: Job<void> = yield* scope.launch(Effect.andThen(work, log("unreachable")))
          yield* job.join
          yield* log(yield* job.status)
        })
      )
      assert.deepStrictEqual(trail, ["[10] returns", "[10] cancelled", "[10] succeeds"])
    })
)
