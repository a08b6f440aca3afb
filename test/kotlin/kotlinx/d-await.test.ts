/**
 * Tests of kotlinx.coroutines, section D: jobs with a value.
 */
import { assert, it } from "@effect/vitest"
import { Cause, Deferred, Effect } from "effect"
import { coroutineScope, supervisorScope, UncaughtHandler } from "firebreak/supervision"
import { after, ending, fail1, forever, story, tag } from "../rules/story.ts"
import { assertOrder } from "./order.ts"

it.effect("AsyncTest:testSimple a job starts without being awaited, and gives its value as often as it is asked", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const job = yield* scope.async(Effect.yieldNow.pipe(Effect.andThen(log("job")), Effect.as(42)))
        yield* log(`body, job ${yield* job.status}`)
        yield* log(`${yield* job.await} ${yield* job.status}`)
        return yield* job.await
      })
    )
    assertOrder(trail, "succeeds 42", ["body, job running", "job", "42 succeeded"])
  })
)

// Differs: a failure that nobody awaits is told to the last resort when the scope ends; joining is not awaiting.
it.effect("AsyncTest:testLostException a failure that nobody awaits is reported, not lost", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const job = yield* scope.async(Effect.andThen(log("job"), fail1))
        yield* job.join
        yield* log("joined")
      }).pipe(Effect.provideService(UncaughtHandler, ({ cause }) => log(`handler ${tag(Cause.squash(cause))}`)))
    )
    assert.deepStrictEqual(trail, ["[0] job", "[0] joined", "[0] handler E1", "[0] succeeds"])
  })
)

it.effect(
  "AsyncTest:testParallelDecompositionCaughtException a supervised job's failure is caught where it is awaited",
  () =>
    Effect.gen(function* () {
      const trail = yield* story(() =>
        coroutineScope(function* (scope) {
          const decomposed = supervisorScope(function* (own) {
            const part = yield* own.async(fail1)
            return yield* Effect.catchTag(part.await, "E1", () => Effect.succeed(42))
          })
          return yield* (yield* scope.async(decomposed)).await
        })
      )
      assert.deepStrictEqual(trail, ["[0] succeeds 42"])
    })
)

// Differs: a catch around this await does not compile, and looking at `settled` does not rescue the scope either.
it.effect(
  "AsyncTest:testParallelDecompositionCaughtExceptionWithInheritedParent what is seen of a failure in the body does not contain it",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        coroutineScope(function* (scope) {
          const part = yield* scope.async(Effect.andThen(after(10), fail1))
          // @ts-expect-error: the failure is the scope's
          const caught = Effect.catch(part.await, () => Effect.succeed(42))
          yield* Effect.onInterrupt(part.settled, () => log("the body ends here"))
          yield* log("unreachable")
          return caught
        })
      )
      assert.deepStrictEqual(trail, ["[10] the body ends here", "[10] fails E1"])
    })
)

it.effect("AsyncTest:testCancellationTransparency a failure beats an earlier cancellation", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const job = yield* scope.async(
          Effect.uninterruptible(Effect.yieldNow.pipe(Effect.andThen(log("job fails")), Effect.andThen(fail1)))
        )
        yield* job.cancel
        yield* log(`body, job ${yield* job.status}`)
        yield* Effect.catchTag(job.await, "E1", () => log("caught"))
        yield* log(yield* job.status)
      })
    )
    assertOrder(trail, "succeeds", ["body, job cancelling", "job fails", "caught", "failed"])
  })
)

it.effect("AsyncTest:testDeferWithTwoWaiters two who wait go on in the order in which they came", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const job = yield* scope.async(after(10).pipe(Effect.andThen(log("job")), Effect.as(42)))
        const waiter = (name: string) =>
          Effect.gen(function* () {
            yield* log(`${name} waits`)
            yield* log(`${name} ${yield* job.await}`)
          })
        yield* scope.launch(waiter("first"))
        yield* scope.launch(waiter("second"))
        yield* log("body")
      })
    )
    assertOrder(trail, "succeeds", ["first waits", "second waits", "job", "first 42", "second 42"], ["body", "job"])
  })
)

// Differs: Effect's Deferred is the counterpart; it is nobody's parent.
it.effect("CompletableDeferredTest:testComplete it completes once, and the first time counts", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      Effect.gen(function* () {
        const deferred = yield* Deferred.make<string>()
        yield* log(`done ${yield* Deferred.isDone(deferred)}`)
        yield* log(`${yield* Deferred.succeed(deferred, "OK")}`)
        yield* log(`done ${yield* Deferred.isDone(deferred)}`)
        yield* log(`then ${yield* Deferred.succeed(deferred, "again")}`)
        return yield* Deferred.await(deferred)
      })
    )
    assert.deepStrictEqual(trail, ["[0] done false", "[0] true", "[0] done true", "[0] then false", "[0] succeeds OK"])
  })
)

// Differs: a Deferred has no parent; its failure goes up through the job that awaits it.
it.effect("CompletableDeferredTest:testParentCancelledOnChildException a failure put into a Deferred goes up", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const deferred = yield* Deferred.make<string, unknown>()
        yield* scope.launch(Effect.onInterrupt(forever, () => log("sibling cancelled")))
        yield* scope.async(Deferred.await(deferred))
        yield* after(10)
        yield* Deferred.failCause(deferred, Cause.fail("refused"))
        yield* forever
      }).pipe(
        Effect.onExit((exit) => log(ending(exit))),
        Effect.ignore
      )
    )
    assert.deepStrictEqual(trail, ["[10] sibling cancelled", "[10] fails refused", "[10] succeeds"])
  })
)
