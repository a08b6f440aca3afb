/**
 * Kotlin's rules, section B: how a failure spreads.
 */
import { assert, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Exit } from "effect"
import { coroutineScope, failuresOf, UncaughtHandler } from "firebreak/supervision"
import { after, E1, ending, fail1, forever, story } from "./story.ts"

it.effect("R10 a failing job cancels its scope at once: the body and all siblings", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const one = yield* scope.async(forever.pipe(Effect.ensuring(log("sibling cancelled"))))
        yield* scope.async(after(10).pipe(Effect.andThen(fail1)))
        try {
          yield* one.await
          yield* log("unreachable")
        } finally {
          yield* log("unreachable too: the body is left where it waits")
        }
      })
    )
    assert.deepStrictEqual(trail, ["[10] sibling cancelled", "[10] fails E1"])
  })
)

it.effect("R11 a failure goes up through every job to the scope, once and unwrapped", () =>
  Effect.gen(function* () {
    const statuses: Array<string> = []
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const innermost = scope.launch(after(10).pipe(Effect.andThen(fail1)), { name: "c" })
        const middle = scope.launch(Effect.andThen(innermost, forever), { name: "b" })
        const outer = yield* scope.launch(Effect.andThen(middle, forever), { name: "a" })
        const told = (exit: Exit.Exit<unknown, unknown>) => statuses.push(`a ${ending(exit)}`)
        yield* outer.onCompletion(told)
        yield* forever
      }).pipe(
        Effect.tapCause((cause) =>
          log(
            failuresOf(cause)
              .map(({ job }) => job)
              .join(" and ")
          )
        )
      )
    )
    assert.deepStrictEqual(statuses, ["a fails E1"])
    assert.deepStrictEqual(trail, ["[10] scope / a / b / c", "[10] fails E1"])
  })
)

it.effect("R12 launch and async spread a failure alike, wherever the launch is written", () =>
  Effect.gen(function* () {
    const failing = after(10).pipe(Effect.andThen(fail1))
    for (const kind of ["launch", "async"] as const) {
      const plain = yield* story(() =>
        coroutineScope(function* (scope) {
          yield* scope[kind](failing)
          yield* forever
        })
      )
      const mapped = yield* story(() =>
        coroutineScope(function* (scope) {
          yield* Effect.forEach(["x", "y"], () => scope[kind](failing))
          yield* forever
        })
      )
      assert.deepStrictEqual([kind, plain, mapped], [kind, ["[10] fails E1"], ["[10] fails E1"]])
    }
  })
)

it.effect("differs R13: the scope fails with the original; a victim's interruption carries no cause", () =>
  Effect.gen(function* () {
    const victims: Array<string> = []
    const trail = yield* story(() =>
      coroutineScope(function* (scope) {
        const victim = yield* scope.launch(forever)
        const told = (exit: Exit.Exit<unknown, unknown>) =>
          victims.push(Exit.isFailure(exit) ? exit.cause.reasons.map((reason) => reason._tag).join() : "succeeds")
        yield* victim.onCompletion(told)
        const failing = yield* scope.launch(after(10).pipe(Effect.andThen(fail1)))
        yield* failing.join.pipe(
          Effect.onExit((exit) =>
            Effect.sync(() => {
              victims.push(
                Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause) ? "join: Interrupt" : "join: else"
              )
            })
          )
        )
      })
    )
    assert.deepStrictEqual([...victims].toSorted(), ["Interrupt", "join: Interrupt"])
    assert.deepStrictEqual(trail, ["[10] fails E1"])
  })
)

it.effect("R14 a job that ends itself as cancelled has not failed: only it is cancelled", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const child = scope.launch(forever.pipe(Effect.ensuring(log("its own job is cancelled with it"))))
        const a = yield* scope.launch(Effect.andThen(child, Effect.interrupt))
        yield* scope.launch(after(50).pipe(Effect.andThen(log("b"))))
        yield* a.join
        yield* log(`a is ${yield* a.status}`)
        return "OK"
      })
    )
    assert.deepStrictEqual(trail, [
      "[0] its own job is cancelled with it",
      "[0] a is cancelled",
      "[50] b",
      "[50] succeeds OK"
    ])
  })
)

it.effect("R15 a real failure beats a cancellation that came before", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const critical = Effect.uninterruptible(after(50).pipe(Effect.andThen(fail1)))
        const job = yield* scope.launch(critical)
        yield* job.cancel
        yield* log(yield* job.status)
        yield* job.join
        yield* log("unreachable: the scope has failed")
      })
    )
    assert.deepStrictEqual(trail, ["[0] cancelling", "[50] fails E1"])
  })
)

it.effect("R16 a failure seen in the body does not rescue the scope", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const job = yield* scope.async(after(10).pipe(Effect.andThen(fail1)))
        // Only an uninterruptible body lives long enough to see it.
        yield* Effect.uninterruptible(job.settled.pipe(Effect.flatMap((exit) => log(`the job ${ending(exit)}`))))
        return 42
      })
    )
    assert.deepStrictEqual(trail, ["[10] the job fails E1", "[10] fails E1"])
  })
)

it.effect("R17 a failure handled inside its job is invisible outside", () =>
  Effect.gen(function* () {
    const reported: Array<string> = []
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        yield* scope.launch(fail1.pipe(Effect.catchTag("E1", () => log("handled"))))
        yield* scope.launch(after(50).pipe(Effect.andThen(log("sibling"))))
      }).pipe(Effect.provideService(UncaughtHandler, ({ job }) => Effect.sync(() => reported.push(job))))
    )
    assert.deepStrictEqual(trail, ["[0] handled", "[50] sibling", "[50] succeeds"])
    assert.deepStrictEqual(reported, [])
  })
)

it.effect("differs R18: between a job and its scope nothing but jobs can stand, and they only relay", () =>
  Effect.gen(function* () {
    const reported: Array<string> = []
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const failing = scope.launch(after(10).pipe(Effect.andThen(fail1)))
        yield* scope.launch(scope.launch(failing))
      }).pipe(
        Effect.tapCause((cause) => log(`handled ${failuresOf(cause).length} time`)),
        Effect.provideService(UncaughtHandler, ({ job }) => Effect.sync(() => reported.push(job)))
      )
    )
    assert.deepStrictEqual(trail, ["[10] handled 1 time", "[10] fails E1"])
    assert.deepStrictEqual(reported, [])
  })
)

it.effect("differs R19: nobody completes a job from outside; a Deferred that fails is a failure of who awaits it", () =>
  Effect.gen(function* () {
    const reported: Array<string> = []
    const trail = yield* story((log) =>
      Effect.gen(function* () {
        const answer = yield* Deferred.make<string, E1>()
        yield* coroutineScope(function* (scope) {
          const job = yield* scope.launch(Deferred.await(answer))
          yield* scope.launch(forever.pipe(Effect.ensuring(log("sibling cancelled"))))
          yield* log(`${"complete" in job} ${"completeExceptionally" in job}`)
          yield* Deferred.fail(answer, new E1())
          yield* forever
        })
      }).pipe(Effect.provideService(UncaughtHandler, ({ job }) => Effect.sync(() => reported.push(job))))
    )
    assert.deepStrictEqual(trail, ["[0] false false", "[0] sibling cancelled", "[0] fails E1"])
    assert.deepStrictEqual(reported, [])
  })
)
