/**
 * Kotlin's rules, section D: async and await.
 */
import { assert, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import { coroutineScope, supervisorScope, UncaughtHandler } from "firebreak/supervision"
import { after, E1, ending, fail1, forever, story } from "./story.ts"

it.effect("R30 async runs without await, once, and tells its waiters in the order in which they came", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const job = yield* scope.async(log("runs").pipe(Effect.andThen(after(10)), Effect.as(42)))
        yield* log("nobody awaits yet")
        yield* scope.launch(job.await.pipe(Effect.flatMap((value) => log(`first ${value}`))))
        yield* scope.launch(job.await.pipe(Effect.flatMap((value) => log(`second ${value}`))))
        yield* after(20)
        return [yield* job.await, yield* job.await]
      })
    )
    assert.deepStrictEqual(trail, [
      "[0] runs",
      "[0] nobody awaits yet",
      "[10] first 42",
      "[10] second 42",
      "[20] succeeds [42,42]"
    ])
  })
)

it.effect("R31 a failure reaches the scope when it happens, whether or not anybody awaits", () =>
  Effect.gen(function* () {
    const trail = yield* story(() =>
      coroutineScope(function* (scope) {
        yield* scope.async(after(10).pipe(Effect.andThen(fail1)))
        yield* forever
      })
    )
    assert.deepStrictEqual(trail, ["[10] fails E1"])
  })
)

it.effect(
  "differs R32: in a fail-fast scope await never rethrows: the story ends at the await, and the scope fails",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        coroutineScope(function* (scope) {
          const job = yield* scope.async(after(10).pipe(Effect.andThen(fail1)))
          try {
            yield* job.await
            yield* log("unreachable")
          } catch {
            yield* log("unreachable too")
          }
        })
      )
      assert.deepStrictEqual(trail, ["[10] fails E1"])
    })
)

it.effect("differs R33: a sibling's failure is not seen at an await either, and needs no message of its own", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const products = yield* scope.async(forever)
        yield* scope.async(after(10).pipe(Effect.andThen(fail1)))
        try {
          yield* products.await
          yield* log("unreachable")
        } catch {
          yield* log("unreachable too")
        }
      }).pipe(Effect.catchTag("E1", (error) => log(`the scope's caller sees ${error._tag}`)))
    )
    assert.deepStrictEqual(trail, ["[10] the scope's caller sees E1", "[10] succeeds"])
  })
)

it.effect(
  "differs R34: awaiting a cancelled job is the defect JobCancelled, which names the job and who cancelled it",
  () =>
    Effect.gen(function* () {
      const messages: Array<string> = []
      const trail = yield* story(() =>
        supervisorScope(function* (scope) {
          const job = yield* scope.async(forever, { name: "answer" })
          yield* job.cancel
          return yield* job.await
        }).pipe(Effect.tapDefect((defect) => Effect.sync(() => messages.push((defect as Error).message))))
      )
      assert.deepStrictEqual(trail, ["[0] dies JobCancelled"])
      assert.deepStrictEqual(messages, [
        'awaited "supervisor / answer", which was cancelled by supervisor: look at job.settled where a job may have been cancelled'
      ])
    })
)

it.effect(
  "differs R35: awaiting a cancelled job does not silently cancel the awaiter: it dies, and its scope with it",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        coroutineScope(function* (scope) {
          const answer = yield* scope.async(forever)
          yield* answer.cancelAndJoin
          yield* log("asked")
          yield* answer.await
          yield* log("unreachable")
        })
      )
      assert.deepStrictEqual(trail, ["[0] asked", "[0] dies JobCancelled"])
    })
)

it.effect("R36 a value returned after the cancellation does not override it", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const job = yield* scope.async(Effect.uninterruptible(after(10).pipe(Effect.as("value"))))
        yield* job.cancel
        const exit = yield* job.settled
        yield* log(`the job ${ending(exit)}: ${yield* job.status}`)
      })
    )
    assert.deepStrictEqual(trail, ["[10] the job is cancelled: cancelled", "[10] succeeds"])
  })
)

it.effect("R37 cancelling who awaits does not cancel the awaited", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const awaited = yield* scope.async(after(100).pipe(Effect.andThen(log("completes"))))
        const awaiter = yield* scope.launch(awaited.await)
        yield* after(50)
        yield* awaiter.cancelAndJoin
        yield* log(`awaiter is ${yield* awaiter.status}, awaited is ${yield* awaited.status}`)
      })
    )
    assert.deepStrictEqual(trail, [
      "[50] awaiter is cancelled, awaited is running",
      "[100] completes",
      "[100] succeeds"
    ])
  })
)

it.effect(
  "differs R38: what is completed by hand is a Deferred, which is nobody's parent: the first completion wins",
  () =>
    Effect.gen(function* () {
      const answer = yield* Deferred.make<number, E1>()
      assert.deepStrictEqual(
        [
          yield* Deferred.succeed(answer, 1),
          yield* Deferred.succeed(answer, 2),
          yield* Deferred.fail(answer, new E1())
        ],
        [true, false, false]
      )
      assert.strictEqual(yield* Deferred.await(answer), 1)
    })
)

it.effect(
  "differs R39: a Deferred takes a scope's outcome by name, after all jobs have ended, and nothing is reported",
  () =>
    Effect.gen(function* () {
      const reported: Array<string> = []
      const trail = yield* story((log) =>
        Effect.gen(function* () {
          const outcome = yield* Deferred.make<void, E1>()
          const slow = after(20).pipe(Effect.andThen(log("sibling ended")))
          yield* coroutineScope(function* (scope) {
            yield* scope.launch(forever.pipe(Effect.ensuring(slow)))
            yield* scope.launch(after(10).pipe(Effect.andThen(fail1)))
          }).pipe(
            Effect.exit,
            Effect.flatMap((exit) => Deferred.done(outcome, exit))
          )
          yield* Deferred.await(outcome)
        }).pipe(Effect.provideService(UncaughtHandler, ({ job }) => Effect.sync(() => reported.push(job))))
      )
      assert.deepStrictEqual(trail, ["[30] sibling ended", "[30] fails E1"])
      assert.deepStrictEqual(reported, [])
    })
)
