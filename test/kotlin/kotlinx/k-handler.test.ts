/**
 * Tests of kotlinx.coroutines, section K: handlers.
 */
import { assert, it } from "@effect/vitest"
import { Cause, Effect, Logger } from "effect"
import { coroutineScope, joinAll, Supervisor, supervisorScope, UncaughtHandler } from "firebreak/supervision"
import { E1, E2, fail1, fail2, forever, story, tag } from "../rules/story.ts"
import { assertOrder } from "./order.ts"

// Differs: there is no long-lived parent that one failing job would end for ever.
it.effect(
  "CoroutineExceptionHandlerTest:testJob the handler of a long-lived parent is told before the job has ended",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        Effect.gen(function* () {
          const parent = yield* Supervisor.make({
            name: "parent",
            onFailure: (error: E1) => log(`handler ${error._tag}`)
          })
          const job = yield* parent.launch(Effect.andThen(Effect.yieldNow, fail1))
          yield* log("body")
          yield* job.join
          yield* log("joined")
          yield* (yield* parent.launch(log("the parent takes more"))).join
        }).pipe(Effect.scoped)
      )
      assertOrder(trail, "succeeds", ["body", "handler E1", "joined", "the parent takes more"])
    })
)

it.effect("JobExceptionHandlingTest:testExceptionIsHandledOnce siblings that a failure cancels are not reported", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const parent = coroutineScope(function* (own) {
          const first = yield* own.launch(Effect.ensuring(forever, log("sibling's finalizer")))
          const second = yield* own.launch(Effect.andThen(Effect.yieldNow, fail1))
          yield* joinAll([first, second])
        })
        yield* scope.launch(parent, { onFailure: (error) => log(`handler ${error._tag}`) })
      }).pipe(Effect.provideService(UncaughtHandler, () => log("unreachable")))
    )
    assertOrder(trail, "succeeds", ["sibling's finalizer", "handler E1"])
  })
)

// Differs: an async job takes no handler, and a failure of it that nobody awaits goes to the last resort at the end.
it.effect(
  "ExceptionsGuideTest:testExampleExceptions02 a launch tells its handler, an async job whoever awaits it",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        supervisorScope(function* (scope) {
          const job = yield* scope.launch(fail1, { onFailure: (error) => log(`handler got ${error._tag}`) })
          const deferred = yield* scope.async(fail2)
          yield* joinAll([job, deferred])
          yield* log("joined")
        }).pipe(
          Effect.provideService(UncaughtHandler, ({ cause }) => log(`last resort got ${tag(Cause.squash(cause))}`))
        )
      )
      assert.deepStrictEqual(trail, ["[0] handler got E1", "[0] joined", "[0] last resort got E2", "[0] succeeds"])
    })
)

it.effect("CoroutineExceptionHandlerJvmTest:testThrowingHandler a handler that dies hides nothing", () =>
  Effect.gen(function* () {
    const logged: Array<string> = []
    const logger = Logger.make(({ cause, message }) => {
      logged.push(`${Array.isArray(message) ? message[0] : message} (${tag(Cause.squash(cause))})`)
    })
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const job = yield* scope.launch(Effect.die(new E1()), { name: "sync" })
        yield* job.join
        yield* log("joined")
      }).pipe(
        Effect.provideService(UncaughtHandler, () => Effect.die(new E2())),
        Effect.provide(Logger.layer([logger]))
      )
    )
    assert.deepStrictEqual(trail, ["[0] joined", "[0] succeeds"])
    assert.deepStrictEqual(logged, [
      'uncaught failure of job "supervisor / sync" (E1)',
      'uncaught failure of job "supervisor / sync / UncaughtHandler" (E2)'
    ])
  })
)
