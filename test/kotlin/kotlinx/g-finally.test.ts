/**
 * Tests of kotlinx.coroutines, section G: finalizers.
 */
import { it } from "@effect/vitest"
import { Effect } from "effect"
import { coroutineScope } from "firebreak/supervision"
import { fail1, story } from "../rules/story.ts"
import { assertOrder } from "./order.ts"

it.effect("CoroutinesTest:testCancelChildWithFinally a cancelled job's finalizer runs", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const job = yield* scope.launch(
          log("job").pipe(
            Effect.andThen(Effect.never),
            Effect.andThen(log("unreachable")),
            Effect.ensuring(log("finalizer"))
          )
        )
        yield* log("body")
        yield* job.cancel
        yield* Effect.yieldNow
        yield* log("body again")
      })
    )
    assertOrder(trail, "succeeds", ["job", "body", "finalizer", "body again"])
  })
)

it.effect("CoroutinesTest:testYieldInFinally a finalizer may wait, after a failure as after a cancellation", () =>
  Effect.gen(function* () {
    const finalizing = (ends: Effect.Effect<never, unknown>) =>
      story((log) =>
        coroutineScope(function* (scope) {
          const finalizer = log("finalizer begins").pipe(
            Effect.andThen(Effect.yieldNow),
            Effect.andThen(log("finalizer ends"))
          )
          yield* scope.launch(Effect.andThen(log("job"), ends).pipe(Effect.ensuring(finalizer)))
        })
      )
    const chain = ["job", "finalizer begins", "finalizer ends"]
    assertOrder(yield* finalizing(fail1), "fails E1", chain)
    // Differs: in Kotlin the second half of a finalizer is skipped when the job was cancelled.
    assertOrder(yield* finalizing(Effect.interrupt), "succeeds", chain)
  })
)
