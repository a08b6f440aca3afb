/**
 * Kotlin's rules, section C: supervision.
 */
import { assert, it } from "@effect/vitest"
import { Cause, Effect } from "effect"
import { coroutineScope, supervisorScope, UncaughtHandler } from "firebreak/supervision"
import { after, E1, E2, fail1, forever, type Log, story, tag } from "./story.ts"

/** Logs what nobody handled. */
const telling = (log: Log) =>
  Effect.provideService(UncaughtHandler, ({ cause, job }) => log(`handler: ${job} ${tag(Cause.squash(cause))}`))

it.effect("R20 a failing job cancels neither its siblings nor the supervisor", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const a = yield* scope.launch(after(50).pipe(Effect.andThen(log("a"))))
        const b = yield* scope.async(after(10).pipe(Effect.andThen(fail1)))
        yield* b.settled
        yield* log(`a is ${yield* a.status}, b is ${yield* b.status}`)
      })
    )
    assert.deepStrictEqual(trail, ["[10] a is running, b is failed", "[50] a", "[50] succeeds"])
  })
)

it.effect("R21 a failing body of a supervisor cancels the jobs, waits, and is rethrown", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const slow = after(20).pipe(Effect.andThen(log("job cancelled")))
        yield* scope.launch(forever.pipe(Effect.ensuring(slow)))
        yield* after(10)
        return yield* new E1()
      })
    )
    assert.deepStrictEqual(trail, ["[30] job cancelled", "[30] fails E1"])
  })
)

it.effect("R22 an unhandled await in the body of a supervisor couples the jobs again", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const a = yield* scope.async(after(10).pipe(Effect.andThen(fail1)))
        yield* scope.async(forever.pipe(Effect.ensuring(log("b cancelled"))))
        yield* a.await
      })
    )
    assert.deepStrictEqual(trail, ["[10] b cancelled", "[10] fails E1"])
  })
)

it.effect("R23 cancellation from outside goes down through a supervisor to every job", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (outer) {
        const supervisor = supervisorScope(function* (scope) {
          yield* scope.launch(forever.pipe(Effect.ensuring(log("a cancelled"))))
          yield* scope.launch(forever.pipe(Effect.ensuring(log("b cancelled"))))
        })
        const job = yield* outer.launch(supervisor)
        yield* after(10)
        yield* job.cancelAndJoin
        yield* log(yield* job.status)
      })
    )
    assert.deepStrictEqual(trail, ["[10] a cancelled", "[10] b cancelled", "[10] cancelled", "[10] succeeds"])
  })
)

it.effect("R24 supervision is one level deep: inside a job the ordinary rules hold", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const cousins = coroutineScope(function* (inner) {
          yield* inner.launch(forever.pipe(Effect.ensuring(log("cousin cancelled"))))
          yield* inner.launch(after(10).pipe(Effect.andThen(fail1)))
        })
        yield* scope.launch(cousins, { onFailure: (error) => log(`handler ${error._tag}`) })
        yield* scope.launch(after(50).pipe(Effect.andThen(log("sibling"))))
      })
    )
    assert.deepStrictEqual(trail, ["[10] cousin cancelled", "[10] handler E1", "[50] sibling", "[50] succeeds"])
  })
)

it.effect("R25 a scope nested in the body of a supervisor is not supervised by it", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        yield* scope.launch(forever.pipe(Effect.ensuring(log("job cancelled"))))
        yield* coroutineScope(function* (inner) {
          yield* inner.launch(after(10).pipe(Effect.andThen(fail1)))
        })
      })
    )
    assert.deepStrictEqual(trail, ["[10] job cancelled", "[10] fails E1"])
  })
)

it.effect(
  "R26 a failing launch of a supervisor goes to its own handler, else to the last resort, also while the supervisor fails",
  () =>
    Effect.gen(function* () {
      const own = yield* story((log) =>
        Effect.gen(function* () {
          yield* supervisorScope(function* (scope) {
            const failing = after(10).pipe(Effect.andThen(fail1))
            yield* scope.launch(failing, { onFailure: (error) => log(`handler ${error._tag}`) })
            yield* log("completing")
          })
          yield* log("completed")
        })
      )
      assert.deepStrictEqual(own, ["[0] completing", "[10] handler E1", "[10] completed", "[10] succeeds"])

      const whileFailing = yield* story((log) =>
        supervisorScope(function* (scope) {
          const lastWords = Effect.die(new Error("bug in a finalizer"))
          yield* scope.launch(forever.pipe(Effect.ensuring(lastWords)), { name: "job" })
          yield* after(10)
          return yield* new E2()
        }).pipe(telling(log))
      )
      assert.deepStrictEqual(whileFailing, ["[10] handler: supervisor / job bug in a finalizer", "[10] fails E2"])
    })
)

it.effect("differs R27: the failure of a supervised async that nobody awaits goes to the UncaughtHandler", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        yield* scope.async(after(10).pipe(Effect.andThen(fail1)), { name: "lost" })
        return "OK"
      }).pipe(telling(log))
    )
    assert.deepStrictEqual(trail, ["[10] handler: supervisor / lost E1", "[10] succeeds OK"])
  })
)

it.effect("R28 a supervisor waits for all jobs, failed or not", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        yield* scope.launch(after(10).pipe(Effect.andThen(fail1)), { onFailure: (error) => log(error._tag) })
        yield* scope.launch(after(50))
        return "OK"
      })
    )
    assert.deepStrictEqual(trail, ["[10] E1", "[50] succeeds OK"])
  })
)

it.effect("differs R29: a supervisor inside a scope completes by itself, and its cancellation stays below it", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (outer) {
        const left = supervisorScope(function* (scope) {
          yield* scope.launch(after(10))
        })
        const cancelled = yield* outer.launch(forever.pipe(Effect.ensuring(log("cancelled"))))
        yield* left
        yield* log("completed by itself")
        yield* cancelled.cancelAndJoin
        yield* log("outer goes on")
      })
    )
    assert.deepStrictEqual(trail, ["[10] completed by itself", "[10] cancelled", "[10] outer goes on", "[10] succeeds"])
  })
)
