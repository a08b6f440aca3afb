/**
 * Kotlin's rules, section J: several failures.
 */
import { assert, it } from "@effect/vitest"
import { type Cause, Effect, Exit } from "effect"
import { coroutineScope, failuresOf } from "firebreak/supervision"
import { after, E1, E2, ending, fail1, fail2, fail3, forever, story } from "./story.ts"

/** `E1 + [E2, E3]`, as Kotlin's stack traces show it: the first, and what is kept with it. */
const kept = (cause: Cause.Cause<unknown>): string => {
  const [first, ...others] = failuresOf(cause).map(({ cause }) => ending(Exit.failCause(cause)))
  return `${first} + [${others.join(", ")}]`
}

/** Ends only at `millis`, and then with a failure, whoever asks it to end before. */
const stubborn = <E>(millis: number, failure: Effect.Effect<never, E>) =>
  Effect.uninterruptible(after(millis).pipe(Effect.andThen(failure)))

it.effect("R72 the first failure wins, and the later ones are kept with it, in order", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        yield* scope.launch(stubborn(30, fail3))
        yield* scope.launch(stubborn(20, fail2))
        yield* scope.launch(after(10).pipe(Effect.andThen(fail1)))
      }).pipe(Effect.tapCause((cause) => log(kept(cause))))
    )
    assert.deepStrictEqual(trail, ["[30] fails E1 + [fails E2, fails E3]", "[30] fails E1 + fails E2 + fails E3"])
  })
)

it.effect("R73 when the body fails first, the body's failure is the first and the jobs' are kept with it", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        yield* scope.launch(stubborn(20, fail1))
        yield* after(10)
        return yield* new E2()
      }).pipe(Effect.tapCause((cause) => log(kept(cause))))
    )
    assert.deepStrictEqual(trail, ["[20] fails E2 + [fails E1]", "[20] fails E2 + fails E1"])
  })
)

it.effect("R74 a cancellation is never the first beside a real failure, and never kept with one", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const work = coroutineScope(function* (inner) {
          yield* inner.launch(forever)
          yield* inner.launch(stubborn(20, fail2))
          yield* inner.launch(stubborn(30, fail3))
        })
        const job = yield* scope.launch(work)
        yield* after(10)
        yield* job.cancel
        yield* forever
      }).pipe(Effect.tapCause((cause) => log(kept(cause))))
    )
    assert.deepStrictEqual(trail, ["[30] fails E2 + [fails E3]", "[30] fails E2 + fails E3"])

    const onlyCancelled = yield* story((log) =>
      Effect.gen(function* () {
        const exit = yield* Effect.exit(
          coroutineScope(function* () {
            yield* Effect.interrupt
          })
        )
        yield* log(`the scope ${ending(exit)}`)
      })
    )
    assert.deepStrictEqual(onlyCancelled, ["[0] the scope is cancelled", "[0] succeeds"])
  })
)

it.effect(
  "differs R75: failures of nested scopes are kept in one list, in the order they happened, each with its job's path",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        coroutineScope(function* (scope) {
          const nested = coroutineScope(
            function* (inner) {
              yield* inner.launch(stubborn(20, fail2), { name: "b" })
              yield* inner.launch(stubborn(30, fail3), { name: "c" })
            },
            { name: "inner" }
          )
          yield* scope.launch(nested, { name: "job" })
          yield* scope.launch(after(10).pipe(Effect.andThen(fail1)), { name: "a" })
        }).pipe(Effect.tapCause((cause) => Effect.forEach(failuresOf(cause), ({ job }) => log(job))))
      )
      assert.deepStrictEqual(trail, [
        "[30] scope / a",
        "[30] scope / job / inner / b",
        "[30] scope / job / inner / c",
        "[30] fails E1 + fails E2 + fails E3"
      ])
    })
)

it.effect("R76 within a failing scope no failure is lost, and none is kept twice", () =>
  Effect.gen(function* () {
    const same = new E1()
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        for (let n = 0; n < 4; n++) yield* scope.launch(stubborn(10, Effect.fail({ _tag: `S${n}` })))
        const job = scope.async(stubborn(10, Effect.fail(same)))
        const inner = yield* scope.launch(job)
        yield* inner.join
      }).pipe(Effect.tapCause((cause) => log(kept(cause))))
    )
    assert.deepStrictEqual(trail, [
      "[10] fails S0 + [fails S1, fails S2, fails S3, fails E1]",
      "[10] fails S0 + fails S1 + fails S2 + fails S3 + fails E1"
    ])
  })
)
