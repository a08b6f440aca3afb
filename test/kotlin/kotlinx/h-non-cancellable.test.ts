/**
 * Tests of kotlinx.coroutines, section H: what must not be cancelled.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { coroutineScope, nonCancellable, supervisorScope } from "firebreak/supervision"
import { after, ending, forever, story } from "../rules/story.ts"
import { assertOrder } from "./order.ts"

// Differs: the cancellation takes effect at the end of the section, not at the next wait after it.
it.effect("NonCancellableTest:testNonCancellable a critical section runs to its end, and there the job ends", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const section = log("section begins").pipe(Effect.andThen(after(10)), Effect.andThen(log("section ends")))
        const job = yield* scope.async(
          Effect.andThen(nonCancellable(section, { within: "1 second" }), log("unreachable"))
        )
        yield* Effect.yieldNow
        yield* job.cancel
        yield* log(yield* job.status)
        yield* log(ending(yield* Effect.exit(job.await)))
      })
    )
    assertOrder(trail, "succeeds", ["section begins", "cancelling", "section ends", "dies JobCancelled"])
  })
)

it.effect("NonCancellableTest:testNonCancellableFinally a cancelled job's finalizer waits and goes on", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const finalizer = log("finalizer begins").pipe(
          Effect.andThen(Effect.yieldNow),
          Effect.andThen(log("finalizer ends"))
        )
        const job = yield* scope.launch(
          Effect.andThen(log("job"), forever).pipe(
            Effect.ensuring(nonCancellable(finalizer, { within: "1 second" })),
            Effect.andThen(log("unreachable"))
          )
        )
        yield* log("body")
        yield* job.cancelAndJoin
        yield* log("joined")
      })
    )
    assertOrder(trail, "succeeds", ["job", "body", "finalizer begins", "finalizer ends", "joined"])
  })
)

it.effect("CancellationGuideTest:testExampleCancel06 a finalizer may take a second", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const sleeping = Effect.gen(function* () {
          for (let i = 0; i < 1000; i++) {
            yield* log(`job: I'm sleeping ${i} ...`)
            yield* after(500)
          }
        })
        const finalizer = log("job: I'm running finally").pipe(
          Effect.andThen(after(1000)),
          Effect.andThen(log("job: And I've just delayed for 1 sec because I'm non-cancellable"))
        )
        const job = yield* scope.launch(Effect.ensuring(sleeping, nonCancellable(finalizer, { within: "2 seconds" })))
        yield* after(1300)
        yield* log("main: I'm tired of waiting!")
        yield* job.cancelAndJoin
        yield* log("main: Now I can quit.")
      })
    )
    assert.deepStrictEqual(trail, [
      "[0] job: I'm sleeping 0 ...",
      "[500] job: I'm sleeping 1 ...",
      "[1000] job: I'm sleeping 2 ...",
      "[1300] main: I'm tired of waiting!",
      "[1300] job: I'm running finally",
      "[2300] job: And I've just delayed for 1 sec because I'm non-cancellable",
      "[2300] main: Now I can quit.",
      "[2300] succeeds"
    ])
  })
)
