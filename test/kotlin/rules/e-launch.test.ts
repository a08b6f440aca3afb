/**
 * Kotlin's rules, section E: launch, and ways to start.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { coroutineScope, type Job, supervisorScope } from "firebreak/supervision"
import { after, fail1, forever, story } from "./story.ts"

it.effect("differs R40: a job starts at once and runs to its first suspension before its launcher goes on", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        yield* scope.launch(log("3").pipe(Effect.andThen(after(1)), Effect.andThen(log("4"))))
        yield* log("2")
      })
    )
    assert.deepStrictEqual(trail, ["[0] 3", "[0] 2", "[1] 4", "[1] succeeds"])

    const failing = yield* story((log) =>
      coroutineScope(function* (scope) {
        yield* scope.launch(forever.pipe(Effect.ensuring(log("sibling cancelled"))))
        yield* after(10)
        yield* scope.launch(fail1)
        yield* log("unreachable: the launch ended the body")
      })
    )
    assert.deepStrictEqual(failing, ["[10] sibling cancelled", "[10] fails E1"])
  })
)

it.effect("differs R41: a job cancelled right after its launch has begun, and ends at its first suspension", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const job = yield* scope.launch(
          log("begun").pipe(Effect.andThen(Effect.yieldNow), Effect.andThen(log("unreachable")))
        )
        yield* job.cancel
        yield* job.join
        yield* log(yield* job.status)
      })
    )
    assert.deepStrictEqual(trail, ["[0] begun", "[0] cancelled", "[0] succeeds"])
  })
)

it.effect("differs R42: there are no start modes: every launch is what Kotlin calls UNDISPATCHED", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const job = yield* scope.launch(
          log("2").pipe(
            Effect.andThen(Effect.yieldNow),
            Effect.andThen(log("unreachable")),
            Effect.ensuring(log("finally"))
          )
        )
        yield* log("3")
        yield* job.cancelAndJoin
      })
    )
    assert.deepStrictEqual(trail, ["[0] 2", "[0] 3", "[0] finally", "[0] succeeds"])
  })
)

it.effect("R43 join never throws the job's failure; it ends early only when the joiner is cancelled", () =>
  Effect.gen(function* () {
    const supervised = yield* story((log) =>
      supervisorScope(function* (scope) {
        const job = yield* scope.async(after(10).pipe(Effect.andThen(fail1)))
        yield* job.join
        yield* log(`join returned, the job has ${yield* job.status}`)
        return yield* job.settled.pipe(Effect.as("OK"))
      })
    )
    assert.deepStrictEqual(supervised, ["[10] join returned, the job has failed", "[10] succeeds OK"])

    const ordinary = yield* story((log) =>
      coroutineScope(function* (scope) {
        const job = yield* scope.launch(after(10).pipe(Effect.andThen(fail1)))
        yield* job.join.pipe(Effect.onInterrupt(() => log("join is cancelled with its scope")))
        yield* log("unreachable")
      })
    )
    assert.deepStrictEqual(ordinary, ["[10] join is cancelled with its scope", "[10] fails E1"])
  })
)

it.effect("differs R44: nothing starts in a scope that is ending, and launching on a completed one is a defect", () =>
  Effect.gen(function* () {
    const ending = yield* story((log) =>
      coroutineScope(function* (scope) {
        const late: Array<Job<void>> = []
        const cleanUp = Effect.gen(function* () {
          late.push(yield* scope.launch(log("unreachable")))
          yield* log(`launched late: ${yield* late[0]!.status}`)
        })
        yield* scope.launch(forever.pipe(Effect.ensuring(cleanUp)))
        yield* scope.launch(after(10).pipe(Effect.andThen(fail1)))
      })
    )
    assert.deepStrictEqual(ending, ["[10] launched late: cancelled", "[10] fails E1"])

    const completed = yield* story((log) =>
      Effect.gen(function* () {
        const lateLaunch = yield* coroutineScope(function* (scope) {
          return scope.launch(log("unreachable"))
        })
        yield* coroutineScope(function* () {
          yield* lateLaunch
        })
      })
    )
    assert.deepStrictEqual(completed, ["[0] dies LaunchRefused"])
  })
)

it.effect(
  "differs R45: no option replaces a job's parent; what is to outlive its scope is forked as detached, by name",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        Effect.gen(function* () {
          yield* coroutineScope(function* (scope) {
            yield* Effect.forkDetach(after(100).pipe(Effect.andThen(log("o"))), { startImmediately: true })
            // @ts-expect-error: there is no such option
            yield* scope.launch(after(10), { parent: undefined })
            yield* log("b")
          })
          yield* log("after")
          yield* after(200)
        })
      )
      assert.deepStrictEqual(trail, ["[0] b", "[10] after", "[100] o", "[210] succeeds"])
    })
)
