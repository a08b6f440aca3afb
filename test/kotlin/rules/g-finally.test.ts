/**
 * Kotlin's rules, section G: cancellation and finalizers.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { coroutineScope, failuresOf, supervisorScope, UncaughtHandler } from "firebreak/supervision"
import { after, E1, fail1, forever, story } from "./story.ts"

it.effect("R56 finalizers run before the job has ended, innermost first, and the jobs' before the body's", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const first = yield* scope.launch(forever.pipe(Effect.ensuring(log("inner")), Effect.ensuring(log("outer"))))
        yield* scope.launch(forever.pipe(Effect.ensuring(log("second"))))
        yield* scope.launch(after(10).pipe(Effect.andThen(fail1)))
        yield* first.join.pipe(Effect.ensuring(log("body")))
      })
    )
    assert.deepStrictEqual(trail, ["[10] inner", "[10] outer", "[10] second", "[10] body", "[10] fails E1"])
  })
)

it.effect(
  "differs R57: a finalizer runs to its end, suspensions included, in a cancelled job as in a failing one",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        coroutineScope(function* (scope) {
          const finalizer = log("a").pipe(Effect.andThen(after(10)), Effect.andThen(log("b")))
          const cancelled = yield* scope.launch(forever.pipe(Effect.ensuring(finalizer)))
          yield* cancelled.cancelAndJoin
          yield* scope.launch(fail1.pipe(Effect.ensuring(finalizer)))
        })
      )
      assert.deepStrictEqual(trail, ["[0] a", "[10] b", "[10] a", "[20] b", "[20] fails E1"])
    })
)

it.effect("R58 what a finalizer dies of while its job is cancelled is a real failure, and spreads like any other", () =>
  Effect.gen(function* () {
    const dying = forever.pipe(Effect.ensuring(Effect.die(new E1())))
    const failFast = yield* story((log) =>
      coroutineScope(function* (scope) {
        yield* scope.launch(forever.pipe(Effect.ensuring(log("sibling cancelled"))))
        const job = yield* scope.launch(dying)
        yield* job.cancel
        yield* forever
      })
    )
    assert.deepStrictEqual(failFast, ["[0] sibling cancelled", "[0] dies E1"])

    const supervised = yield* story((log) =>
      supervisorScope(function* (scope) {
        yield* scope.launch(after(10).pipe(Effect.andThen(log("sibling"))))
        const job = yield* scope.launch(dying, { name: "dying" })
        yield* job.cancelAndJoin
        yield* log(yield* job.status)
      }).pipe(Effect.provideService(UncaughtHandler, ({ job }) => log(`handler: ${job}`)))
    )
    assert.deepStrictEqual(supervised, [
      "[0] handler: supervisor / dying",
      "[0] failed",
      "[10] sibling",
      "[10] succeeds"
    ])
  })
)

it.effect(
  "differs R59: a dying finalizer replaces nothing: both are kept, though inside one fiber the first is a defect then",
  () =>
    Effect.gen(function* () {
      const inOneFiber = yield* story(() =>
        coroutineScope(function* (scope) {
          yield* scope.launch(fail1.pipe(Effect.ensuring(Effect.die(new Error("finalizer")))))
        }).pipe(Effect.catchTag("E1", () => Effect.succeed("caught")))
      )
      assert.deepStrictEqual(inOneFiber, ["[0] dies E1 + dies finalizer"])

      const inTwoJobs = yield* story((log) =>
        coroutineScope(function* (scope) {
          yield* scope.launch(forever.pipe(Effect.ensuring(Effect.die(new Error("finalizer")))), { name: "dying" })
          yield* scope.launch(after(10).pipe(Effect.andThen(fail1)), { name: "failing" })
        }).pipe(
          Effect.tapCause((cause) =>
            log(
              failuresOf(cause)
                .map(({ job }) => job)
                .join(", ")
            )
          ),
          Effect.catchTag("E1", () => Effect.succeed("caught"))
        )
      )
      assert.deepStrictEqual(inTwoJobs, ["[10] scope / failing, scope / dying", "[10] succeeds caught"])
    })
)

it.effect(
  "a typed failure of a cancelled job is dropped with it where a handler stands around; its defects are not",
  () =>
    Effect.gen(function* () {
      const stubborn = <E>(failure: Effect.Effect<never, E>) =>
        Effect.uninterruptible(after(20).pipe(Effect.andThen(failure)))
      const cancelling = <E>(work: Effect.Effect<unknown, E>) =>
        story((log) =>
          coroutineScope(function* (scope) {
            const job = yield* scope.launch(work)
            yield* after(10)
            yield* job.cancelAndJoin
            yield* log(yield* job.status)
          })
        )
      assert.deepStrictEqual(yield* cancelling(stubborn(fail1)), ["[20] fails E1"])
      const handled = stubborn(fail1).pipe(Effect.catchTag("E1", () => Effect.die("unreachable")))
      assert.deepStrictEqual(yield* cancelling(handled), ["[20] cancelled", "[20] succeeds"])
      const dying = stubborn(Effect.die(new E1())).pipe(Effect.catchDefect(() => Effect.void))
      assert.deepStrictEqual(yield* cancelling(dying), ["[20] dies E1"])
    })
)
