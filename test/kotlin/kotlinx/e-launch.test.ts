/**
 * Tests of kotlinx.coroutines, section E: how a job starts.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { coroutineScope, Supervisor } from "firebreak/supervision"
import { after, forever, story } from "../rules/story.ts"
import { assertOrder } from "./order.ts"

it.effect("CoroutinesTest:testLaunchAndYieldJoin a launched job is running until it is joined", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        yield* log("body")
        const job = yield* scope.launch(
          Effect.gen(function* () {
            yield* Effect.yieldNow
            yield* log("job")
            yield* Effect.yieldNow
            yield* log("job again")
          })
        )
        yield* log(yield* job.status)
        yield* job.join
        yield* log(yield* job.status)
      })
    )
    assertOrder(trail, "succeeds", ["body", "running", "job", "job again", "succeeded"])
  })
)

// Differs: a job starts before its launcher goes on, so what is cancelled right away has come as far as its first wait.
it.effect(
  "AtomicCancellationCommonTest:testCancellableLaunch a job that is cancelled right away goes no further than its first wait",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        coroutineScope(function* (scope) {
          const job = yield* scope.launch(
            log("first step").pipe(Effect.andThen(Effect.yieldNow), Effect.andThen(log("unreachable")))
          )
          yield* log("body")
          yield* job.cancel
          yield* job.join
          yield* log(yield* job.status)
        })
      )
      assert.deepStrictEqual(trail, ["[0] first step", "[0] body", "[0] cancelled", "[0] succeeds"])
    })
)

// Differs: there are no start modes; what is launched into a scope that is being cancelled does not even begin.
it.effect("AtomicCancellationCommonTest:testUndispatchedLaunch in a cancelled scope no job begins", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (outer) {
        const cancelled = coroutineScope(function* (scope) {
          const late = Effect.gen(function* () {
            const job = yield* scope.launch(log("unreachable"))
            yield* log(`launched: ${yield* job.status}`)
          })
          yield* Effect.onInterrupt(forever, () => late)
        })
        const job = yield* outer.launch(cancelled)
        yield* after(10)
        yield* job.cancelAndJoin
        yield* log("joined")
      })
    )
    assert.deepStrictEqual(trail, ["[10] launched: cancelled", "[10] joined", "[10] succeeds"])
  })
)

// Differs: launching on what has ended is a typed failure, not silence.
it.effect("JobExceptionHandlingTest:testCancelledParent what is launched on a parent that has ended never runs", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      Effect.gen(function* () {
        const parent = yield* Supervisor.make({ name: "parent" })
        yield* parent.close
        yield* parent.launch(log("unreachable")).pipe(Effect.catchTag("ScopeClosed", (closed) => log(closed._tag)))
      }).pipe(Effect.scoped)
    )
    assert.deepStrictEqual(trail, ["[0] ScopeClosed", "[0] succeeds"])
  })
)

// Differs: a lazy job is an effect that has not been launched, and holds up nobody; launching it twice is two jobs.
it.effect("LaunchLazyTest:testStart nothing runs before it is launched, and a launched job goes its way", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const lazy = scope.launch(
          Effect.gen(function* () {
            yield* Effect.yieldNow
            yield* log("job")
          })
        )
        yield* log(`not launched, ${(yield* scope.children).length} jobs`)
        const job = yield* lazy
        yield* log(yield* job.status)
        yield* job.join
        yield* log(yield* job.status)
      })
    )
    assertOrder(trail, "succeeds", ["not launched, 0 jobs", "running", "job", "succeeded"])
  })
)

// Differs: work that must outlive the request is launched on a long-lived supervisor, by name.
it.effect(
  "DispatcherGuideTest:testExampleContext06 what belongs to somebody else survives the request's cancellation",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        Effect.gen(function* () {
          const application = yield* Supervisor.make({ name: "application" })
          yield* coroutineScope(function* (scope) {
            const request = coroutineScope(function* (own) {
              yield* application.launch(
                log("job1: I run in my own Job and execute independently!").pipe(
                  Effect.andThen(after(1000)),
                  Effect.andThen(log("job1: I am not affected by cancellation of the request"))
                )
              )
              yield* own.launch(
                after(100).pipe(
                  Effect.andThen(log("job2: I am a child of the request coroutine")),
                  Effect.andThen(after(1000)),
                  Effect.andThen(log("unreachable"))
                )
              )
            })
            const job = yield* scope.launch(request)
            yield* after(500)
            yield* job.cancel
            yield* log("main: Who has survived request cancellation?")
            yield* after(1000)
          })
        }).pipe(
          Effect.scoped,
          Effect.catchTag("ScopeClosed", (closed) => log(closed.message))
        )
      )
      assert.deepStrictEqual(trail, [
        "[0] job1: I run in my own Job and execute independently!",
        "[100] job2: I am a child of the request coroutine",
        "[500] main: Who has survived request cancellation?",
        "[1000] job1: I am not affected by cancellation of the request",
        "[1500] succeeds"
      ])
    })
)
