/**
 * Tests of kotlinx.coroutines, section J: several failures, of which none is lost.
 */
import { assert, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Exit } from "effect"
import { coroutineScope, failuresOf, type Job, supervisorScope } from "firebreak/supervision"
import { after, E1, E2, ending, fail1, fail2, fail3, forever, story } from "../rules/story.ts"

/** `E1 + [E2, E3]`: the first, and what is kept with it. */
const kept = (cause: Cause.Cause<unknown>): string => {
  const [first, ...others] = failuresOf(cause).map(({ cause }) => ending(Exit.failCause(cause)))
  return `${first} + [${others.join(", ")}]`
}

it.effect(
  "JobExceptionHandlingTest:testMultipleChildrenThrowAtomically three fail in one turn: the first is the scope's, the others are with it",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        coroutineScope(function* (scope) {
          const gate = yield* Deferred.make<void>()
          const at = <E>(failure: Effect.Effect<never, E>) =>
            Effect.uninterruptible(Effect.andThen(Deferred.await(gate), failure))
          yield* scope.launch(at(fail1))
          yield* scope.launch(at(fail2))
          yield* scope.launch(at(fail3))
          yield* Deferred.succeed(gate, undefined)
          yield* forever
        }).pipe(
          Effect.tapCause((cause) => log(kept(cause))),
          Effect.catchTag("E1", () => log("caught E1"))
        )
      )
      assert.deepStrictEqual(trail, ["[0] fails E1 + [fails E2, fails E3]", "[0] caught E1", "[0] succeeds"])
    })
)

it.effect(
  "JobNestedExceptionsTest:testExceptionUnwrapping a failure four levels down arrives as the very same error",
  () =>
    Effect.gen(function* () {
      const error = new E1()
      const nested = coroutineScope(function* (first) {
        yield* first.launch(
          coroutineScope(function* (second) {
            yield* second.launch(
              coroutineScope(function* (third) {
                yield* third.launch(third.launch(Effect.andThen(after(10), error)))
              })
            )
          })
        )
      })
      const trail = yield* story((log) =>
        Effect.gen(function* () {
          const cause = yield* Effect.flip(Effect.sandbox(nested))
          assert.deepStrictEqual(
            cause.reasons.map((reason) => Cause.isFailReason(reason) && reason.error === error),
            [true]
          )
          yield* log(
            failuresOf(cause)
              .map(({ job }) => job)
              .join(", ")
          )
        })
      )
      assert.deepStrictEqual(trail, [
        "[10] scope / launch#1 / scope / launch#1 / scope / launch#1 / launch#1",
        "[10] succeeds"
      ])
    })
)

it.effect(
  "WithContextExceptionHandlingTest:testCancellationWithException beside a real failure no cancellation is kept",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        supervisorScope(function* (scope) {
          const work = coroutineScope(function* (own) {
            const job: Job<void> = yield* own.launch(
              Effect.uninterruptible(
                Effect.yieldNow.pipe(Effect.andThen(Effect.suspend(() => job.cancel)), Effect.andThen(fail1))
              )
            )
            yield* own.launch(forever)
          })
          const exit = yield* (yield* scope.async(work)).settled
          yield* log(Exit.isFailure(exit) ? kept(exit.cause) : "unreachable")
          yield* log(ending(exit))
        })
      )
      assert.deepStrictEqual(trail, ["[0] fails E1 + []", "[0] fails E1", "[0] succeeds"])
    })
)

it.effect(
  "ExceptionsGuideTest:testExampleExceptions05 what a sibling's finalizer dies of is kept with the failure that cancelled it",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        supervisorScope(function* (scope) {
          const root = coroutineScope(function* (own) {
            yield* own.launch(Effect.ensuring(forever, Effect.die(new E2())))
            yield* own.launch(Effect.andThen(after(100), fail1))
            yield* forever
          })
          const job = yield* scope.launch(root.pipe(Effect.tapCause((cause) => log(kept(cause)))), {
            onFailure: (error) => log(`handler got ${error._tag}`)
          })
          yield* job.join
        })
      )
      assert.deepStrictEqual(trail, ["[100] fails E1 + [dies E2]", "[100] handler got E1", "[100] succeeds"])
    })
)
