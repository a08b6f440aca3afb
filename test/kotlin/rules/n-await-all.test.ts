/**
 * Kotlin's rules, section N: waiting for several jobs.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { awaitAll, coroutineScope, joinAll, supervisorScope } from "firebreak/supervision"
import { after, fail1, fail2, forever, story } from "./story.ts"

it.effect("R94 awaitAll gives the values in the order of the jobs; empty, ended and repeated jobs are fine", () =>
  Effect.gen(function* () {
    const failFast = yield* story(() =>
      coroutineScope(function* (scope) {
        const slow = yield* scope.async(after(20).pipe(Effect.as("slow")))
        const fast = yield* scope.async(after(10).pipe(Effect.as("fast")))
        const ended = yield* scope.async(Effect.succeed("ended"))
        const empty = yield* awaitAll([])
        return [...(yield* awaitAll([slow, fast, ended, slow])), empty.length]
      })
    )
    assert.deepStrictEqual(failFast, ['[20] succeeds ["slow","fast","ended","slow",0]'])

    const supervised = yield* story(() =>
      supervisorScope(function* (scope) {
        const slow = yield* scope.async(after(20).pipe(Effect.as("slow")))
        const fast = yield* scope.async(after(10).pipe(Effect.as("fast")))
        return yield* awaitAll([slow, fast, slow])
      })
    )
    assert.deepStrictEqual(supervised, ['[20] succeeds ["slow","fast","slow"]'])
  })
)

it.effect("R95 awaitAll fails as soon as any job fails, cancels none of the others, and ignores later failures", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const b = yield* scope.async(after(100).pipe(Effect.andThen(log("b done"))))
        const a = yield* scope.async(after(50).pipe(Effect.andThen(fail1)))
        const c = yield* scope.async(after(60).pipe(Effect.andThen(fail2)))
        yield* awaitAll([b, a, c]).pipe(
          Effect.catchTag("E1", () => Effect.flatMap(b.status, (status) => log(`b is ${status}`)))
        )
      })
    )
    assert.deepStrictEqual(trail, ["[50] b is running", "[100] b done", "[100] succeeds"])
  })
)

it.effect(
  "differs R96: awaitAll of a cancelled job is the defect JobCancelled; cancelling who waits cancels only the wait",
  () =>
    Effect.gen(function* () {
      const cancelled = yield* story(() =>
        supervisorScope(function* (scope) {
          const job = yield* scope.async(forever)
          const other = yield* scope.async(forever)
          yield* job.cancel
          yield* awaitAll([other, job])
        })
      )
      assert.deepStrictEqual(cancelled, ["[0] dies JobCancelled"])

      const waiter = yield* story((log) =>
        supervisorScope(function* (scope) {
          const job = yield* scope.async(after(50).pipe(Effect.andThen(log("the job goes on"))))
          const waiting = yield* scope.launch(awaitAll([job]))
          yield* waiting.cancelAndJoin
          yield* log(`waiter is ${yield* waiting.status}`)
        })
      )
      assert.deepStrictEqual(waiter, ["[0] waiter is cancelled", "[50] the job goes on", "[50] succeeds"])
    })
)

it.effect("R97 joinAll waits for all and throws none of their failures; empty, ended and repeated jobs are fine", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const ok = yield* scope.async(after(20))
        const failing = yield* scope.async(after(10).pipe(Effect.andThen(fail1)))
        const ended = yield* scope.async(Effect.void)
        yield* joinAll([])
        yield* joinAll([failing, ok, ended, failing])
        yield* log(`${yield* ok.status} ${yield* failing.status}`)
        yield* failing.settled
      })
    )
    assert.deepStrictEqual(trail, ["[20] succeeded failed", "[20] succeeds"])
  })
)
