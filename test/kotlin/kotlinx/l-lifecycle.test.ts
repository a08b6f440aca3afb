/**
 * Tests of kotlinx.coroutines, section L: a job's life.
 */
import { assert, it } from "@effect/vitest"
import { Cause, Effect } from "effect"
import { coroutineScope, Supervisor, UncaughtHandler } from "firebreak/supervision"
import { after, ending, forever, story, tag } from "../rules/story.ts"
import { assertOrder } from "./order.ts"

// Differs: there is no job that has not begun, and one that only waits for its children is as running as any.
it.effect(
  "JobStatesTest:testNormalCompletion a job is running until its children have ended, then it has succeeded",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        coroutineScope(function* (scope) {
          const job = yield* scope.launch(Effect.andThen(scope.launch(after(10)), log("its own effect has ended")))
          yield* log(`${yield* job.status}, ${(yield* job.children).length} child`)
          yield* job.join
          yield* log(`${yield* job.status}, ${(yield* job.children).length} children`)
        })
      )
      assert.deepStrictEqual(trail, [
        "[0] its own effect has ended",
        "[0] running, 1 child",
        "[10] succeeded, 0 children",
        "[10] succeeds"
      ])
    })
)

it.effect("JobStatesTest:testCancelling a job that only waits for its children can be cancelled", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const child = scope.launch(Effect.ensuring(forever, after(10)))
        const job = yield* scope.launch(Effect.andThen(child, log("its own effect has ended")))
        yield* log(yield* job.status)
        yield* job.cancel
        yield* log(yield* job.status)
        yield* job.join
        yield* log(yield* job.status)
      })
    )
    assert.deepStrictEqual(trail, [
      "[0] its own effect has ended",
      "[0] running",
      "[0] cancelling",
      "[10] cancelled",
      "[10] succeeds"
    ])
  })
)

// Differs: what can be completed from outside is a long-lived supervisor, and closing it cancels what runs.
it.effect("CompletableJobTest:testComplete completing twice is completing once", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      Effect.gen(function* () {
        const parent = yield* Supervisor.make({ name: "parent" })
        yield* parent.launch(Effect.ensuring(forever, Effect.andThen(after(10), log("finalizer"))))
        yield* parent.close
        yield* log("closed")
        yield* parent.close
        yield* log("closed again")
      }).pipe(Effect.scoped)
    )
    assert.deepStrictEqual(trail, ["[10] finalizer", "[10] closed", "[10] closed again", "[10] succeeds"])
  })
)

it.effect("JobTest:testExceptionsInHandler a handler that throws does not stop the others, and is told of", () =>
  Effect.gen(function* () {
    const handlers = 3
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const job = yield* scope.launch(forever)
        for (let n = 1; n <= handlers; n++) {
          yield* job.onCompletion(() => {
            Effect.runSync(log(`handler ${n}`))
            throw new Error(`${n} threw`)
          })
        }
        yield* job.cancelAndJoin
      }).pipe(Effect.provideService(UncaughtHandler, ({ cause }) => log(tag(Cause.squash(cause)))))
    )
    const numbers = Array.from({ length: handlers }, (_, n) => n + 1)
    assertOrder(
      trail,
      "succeeds",
      numbers.map((n) => `handler ${n}`),
      ...numbers.map((n) => [`handler ${n}`, `${n} threw`])
    )
  })
)

// Differs: there is no handler for the beginning of a cancellation; the job's status tells it, and handlers come at the end.
it.effect(
  "JobTest:testOnCancellingHandler a job is cancelling from the moment it is asked, and its handlers come at its end",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        coroutineScope(function* (scope) {
          const finalizer = log("finalizer begins").pipe(
            Effect.andThen(after(10)),
            Effect.andThen(log("finalizer ends"))
          )
          const job = yield* scope.launch(Effect.ensuring(forever, finalizer))
          yield* job.onCompletion((exit) => Effect.runSync(log(`handler: job ${ending(exit)}`)))
          yield* job.cancel
          yield* log(yield* job.status)
          yield* job.join
          yield* log("joined")
        })
      )
      assertOrder(
        trail,
        "succeeds",
        ["finalizer begins", "finalizer ends", "handler: job is cancelled", "joined"],
        ["cancelling", "finalizer ends"]
      )
    })
)
