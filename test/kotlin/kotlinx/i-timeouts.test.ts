/**
 * Tests of kotlinx.coroutines, section I: time limits.
 */
import { assert, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { coroutineScope, withTimeout, withTimeoutOption } from "firebreak/supervision"
import { after, fail1, forever, story } from "../rules/story.ts"
import { assertOrder } from "./order.ts"

it.effect("WithTimeoutTest:testWithTimeoutChildWait the limit is around the whole scope, jobs included", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      Effect.gen(function* () {
        yield* log("before")
        const scope = coroutineScope(function* (scope) {
          yield* log("body")
          yield* scope.launch(Effect.andThen(Effect.yieldNow, log("job")))
          yield* log("body ends")
        })
        yield* withTimeout(scope, 100)
        yield* log("after")
      })
    )
    assertOrder(trail, "succeeds", ["before", "body", "body ends", "job", "after"])
  })
)

it.effect("WithTimeoutTest:testExceptionOnTimeout a limit that passes is a failure with a message", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      withTimeout(log("begins").pipe(Effect.andThen(after(1000)), Effect.andThen(log("unreachable"))), 100).pipe(
        Effect.catchTag("DeadlineExceeded", (error) => log(error.message))
      )
    )
    assert.deepStrictEqual(trail, ["[0] begins", "[100] not done within 100ms: it was cancelled", "[100] succeeds"])
  })
)

// Differs: a cancellation cannot be turned into a failure by whoever is cancelled; this one fails because it goes on.
it.effect("WithTimeoutTest:testSuppressExceptionWithAnotherException a real failure beats the limit", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      withTimeout(
        Effect.uninterruptible(
          log("begins").pipe(Effect.andThen(after(1000)), Effect.andThen(log("fails")), Effect.andThen(fail1))
        ),
        100
      )
    )
    assert.deepStrictEqual(trail, ["[0] begins", "[1000] fails", "[1000] fails E1"])
  })
)

it.effect("WithTimeoutTest:testNegativeTimeout no time at all, and nothing is begun", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      withTimeout(log("unreachable"), -1).pipe(Effect.catchTag("DeadlineExceeded", (error) => log(error._tag)))
    )
    assert.deepStrictEqual(trail, ["[0] DeadlineExceeded", "[0] succeeds"])
  })
)

it.effect("WithTimeoutOrNullTest:testNullOnTimeout a limit that passes is None", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      Effect.gen(function* () {
        const work = log("begins").pipe(
          Effect.andThen(after(1000)),
          Effect.andThen(log("unreachable")),
          Effect.as("OK")
        )
        return Option.getOrElse(yield* withTimeoutOption(work, 100), () => "none")
      })
    )
    assert.deepStrictEqual(trail, ["[0] begins", "[100] succeeds none"])
  })
)

it.effect("WithTimeoutOrNullTest:testNestedTimeout an inner limit that passes is not the outer one's None", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      withTimeoutOption(withTimeout(forever, 10).pipe(Effect.andThen(log("unreachable"))), "1000 days")
    )
    assert.deepStrictEqual(trail, ["[10] fails DeadlineExceeded"])
  })
)
