/**
 * Kotlin's rules, section H: what must not be cancelled.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { coroutineScope, nonCancellable } from "firebreak/supervision"
import { after, fail1, forever, type Log, story } from "./story.ts"

const critical = (log: Log, name: string, millis: number) =>
  nonCancellable(after(millis).pipe(Effect.andThen(log(name))), { within: "1 second", name })

it.effect("R60 a critical section runs to its end, suspensions included, although its job is cancelled", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const job = yield* scope.launch(critical(log, "section done", 50))
        yield* after(10)
        yield* job.cancel
        yield* log(yield* job.status)
        yield* job.join
        yield* log(yield* job.status)
      })
    )
    assert.deepStrictEqual(trail, ["[10] cancelling", "[50] section done", "[50] cancelled", "[50] succeeds"])
  })
)

it.effect(
  "differs R61: a cancellation that was put off takes effect where the section ends, not at the next suspension",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        coroutineScope(function* (scope) {
          const job = yield* scope.launch(
            critical(log, "first", 50).pipe(
              Effect.andThen(log("unreachable")),
              Effect.andThen(critical(log, "a second section does not begin", 50))
            )
          )
          yield* after(10)
          yield* job.cancelAndJoin
          yield* log(yield* job.status)
        })
      )
      assert.deepStrictEqual(trail, ["[50] first", "[50] cancelled", "[50] succeeds"])
    })
)

it.effect("differs R62: a section that waits for its own jobs at its exit does not replace the failure in flight", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const section = nonCancellable(
          coroutineScope(function* (own) {
            yield* own.launch(after(50).pipe(Effect.andThen(log("section's job"))))
          }),
          { within: "1 second" }
        )
        const job = yield* scope.launch(fail1.pipe(Effect.ensuring(section)))
        yield* after(10)
        yield* job.cancel
        yield* log("cancelled meanwhile")
        yield* forever
      })
    )
    assert.deepStrictEqual(trail, ["[10] cancelled meanwhile", "[50] section's job", "[50] fails E1"])
  })
)

it.effect("differs R63: a section is a region around an effect, so launching it orphans nothing", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      Effect.gen(function* () {
        yield* coroutineScope(function* (scope) {
          yield* scope.launch(critical(log, "section's job", 100))
        })
        yield* log("after")
      })
    )
    assert.deepStrictEqual(trail, ["[100] section's job", "[100] after", "[100] succeeds"])

    const failing = yield* story(() =>
      coroutineScope(function* (scope) {
        yield* scope.launch(nonCancellable(after(10).pipe(Effect.andThen(fail1)), { within: "1 second" }))
        yield* forever
      })
    )
    assert.deepStrictEqual(failing, ["[10] fails E1"])
  })
)
