/**
 * Kotlin's rules, section I: time limits.
 */
import { assert, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { coroutineScope, withTimeout, withTimeoutOption } from "firebreak/supervision"
import { after, fail1, forever, story } from "./story.ts"

it.effect("R64 withTimeout gives the value in time, and waits for the jobs of the scope in it", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      Effect.gen(function* () {
        const value = yield* withTimeout(
          coroutineScope(function* (scope) {
            yield* scope.launch(after(50).pipe(Effect.andThen(log("c"))))
            yield* log("b")
            return 42
          }),
          100
        )
        yield* log(`after ${value}`)
      })
    )
    assert.deepStrictEqual(trail, ["[0] b", "[50] c", "[50] after 42", "[50] succeeds"])
  })
)

it.effect(
  "R65 on expiry all under the limit is cancelled, and the failure comes when its finalizers have ended; other failures pass",
  () =>
    Effect.gen(function* () {
      const finalizer = yield* story((log) =>
        Effect.gen(function* () {
          const slow = forever.pipe(Effect.ensuring(after(100).pipe(Effect.andThen(log("finalizer")))))
          yield* withTimeout(slow, 50).pipe(Effect.catchTag("DeadlineExceeded", (error) => log(error._tag)))
          yield* log("the caller lives")
        })
      )
      assert.deepStrictEqual(finalizer, [
        "[150] finalizer",
        "[150] DeadlineExceeded",
        "[150] the caller lives",
        "[150] succeeds"
      ])

      const failing = yield* story(() => withTimeout(after(10).pipe(Effect.andThen(fail1)), 50))
      assert.deepStrictEqual(failing, ["[10] fails E1"])
    })
)

it.effect("differs R66: an expired limit is a typed failure: unhandled in a job, it fails the scope", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        yield* scope.launch(withTimeout(forever, 50))
        yield* scope.launch(forever.pipe(Effect.ensuring(log("sibling cancelled"))))
        return "OK"
      })
    )
    assert.deepStrictEqual(trail, ["[50] sibling cancelled", "[50] fails DeadlineExceeded"])
  })
)

it.effect("R67 withTimeoutOption gives None for its own limit only", () =>
  Effect.gen(function* () {
    const trail = yield* story(() => withTimeoutOption(withTimeout(forever, 50), 500))
    assert.deepStrictEqual(trail, ["[50] fails DeadlineExceeded"])
  })
)

it.effect("R68 when the outer limit passes during an inner one, the outer one wins", () =>
  Effect.gen(function* () {
    const trail = yield* story(() => Effect.map(withTimeoutOption(withTimeout(forever, 500), 50), Option.isNone))
    assert.deepStrictEqual(trail, ["[50] succeeds true"])
  })
)

it.effect("R69 a limit of zero or less expires at once, and its effect does not run", () =>
  Effect.gen(function* () {
    for (const limit of [0, -1]) {
      const trail = yield* story((log) =>
        Effect.gen(function* () {
          const option = yield* withTimeoutOption(log("unreachable"), limit)
          yield* log(option._tag)
          yield* withTimeout(log("unreachable"), limit)
        })
      )
      assert.deepStrictEqual(trail, ["[0] None", "[0] fails DeadlineExceeded"])
    }
  })
)

it.effect("R70 a value that comes after the limit is dropped; a failure that comes after it is not", () =>
  Effect.gen(function* () {
    const value = yield* story(() => withTimeoutOption(Effect.uninterruptible(after(1000).pipe(Effect.as("OK"))), 100))
    assert.deepStrictEqual(value, ['[1000] succeeds {"_id":"Option","_tag":"None"}'])

    const failure = yield* story(() =>
      withTimeoutOption(Effect.uninterruptible(after(1000).pipe(Effect.andThen(fail1))), 100)
    )
    assert.deepStrictEqual(failure, ["[1000] fails E1"])
  })
)

it.live("R71 what never suspends may overrun its limit and still give its value", () =>
  Effect.gen(function* () {
    const busy = Effect.sync(() => {
      const end = performance.now() + 10
      while (performance.now() < end);
      return 42
    })
    assert.strictEqual(yield* withTimeout(busy, 1), 42)
  })
)
