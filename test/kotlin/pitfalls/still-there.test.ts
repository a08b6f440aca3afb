/**
 * Kotlin's pitfalls that are still there: what happens, pinned. How to see them stands in `docs/coming-from-kotlin.md`.
 */
// @effect-diagnostics missingEffectError:off -- they are missing on purpose
import { assert, it } from "@effect/vitest"
import { Effect, Schedule, Stream } from "effect"
import { coroutineScope, joinAll, type SupervisedJob, supervisorScope, withTimeout } from "firebreak/supervision"
import { after, fail1, forever, story } from "../rules/story.ts"

it.effect("still there P11: a job that interrupts itself is gone without a failure; its status says cancelled", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const job = yield* scope.launch(Effect.andThen(Effect.interrupt, log("unreachable")))
        yield* log(yield* job.status)
      })
    )
    assert.deepStrictEqual(trail, ["[0] cancelled", "[0] succeeds"])

    const awaited = yield* story((log) =>
      coroutineScope(function* (scope) {
        const job = yield* scope.async(Effect.interrupt, { name: "gone" })
        yield* job.await
      }).pipe(Effect.tapDefect((defect) => log((defect as Error).message)))
    )
    assert.deepStrictEqual(awaited, [
      '[0] awaited "scope / gone", which was cancelled by itself: look at job.settled where a job may have been cancelled',
      "[0] dies JobCancelled"
    ])
  })
)

it.effect(
  "still there P14: a resource given as a plain value is lost when the limit passes meanwhile; acquireRelease gives it back",
  () =>
    Effect.gen(function* () {
      const open = new Set<string>()
      const opening = Effect.uninterruptible(after(100).pipe(Effect.andThen(Effect.sync(() => open.add("socket")))))
      const closing = Effect.sync(() => open.delete("socket"))

      const plain = yield* story(() => withTimeout(opening, 50))
      assert.deepStrictEqual([plain, [...open]], [["[100] fails DeadlineExceeded"], ["socket"]])

      open.clear()
      const scoped = Effect.scoped(
        withTimeout(
          Effect.acquireRelease(opening, () => closing),
          50
        )
      )
      const owned = yield* story(() => Effect.asVoid(scoped))
      assert.deepStrictEqual([owned, [...open]], [["[100] fails DeadlineExceeded"], []])
    })
)

it.effect(
  "still there P16: an await that is not handled in a supervisor's body cancels the other jobs; the scope's type has its failure",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) => {
        const coupled = supervisorScope(function* (scope) {
          const inventory = yield* scope.async(after(50).pipe(Effect.andThen(fail1)))
          yield* scope.launch(forever.pipe(Effect.ensuring(log("notification cancelled"))))
          yield* inventory.await
        })
        // @ts-expect-error: it can fail with E1
        const harmless: Effect.Effect<void> = coupled
        return harmless
      })
      assert.deepStrictEqual(trail, ["[50] notification cancelled", "[50] fails E1"])
    })
)

it.effect("still there P17: the wrong kind of scope compiles; that a failure is not contained stands in its type", () =>
  Effect.gen(function* () {
    const job = after(50).pipe(Effect.andThen(fail1))
    const trail = yield* story((log) => {
      const together = coroutineScope(function* (scope) {
        yield* scope.launch(job)
        yield* scope.launch(forever.pipe(Effect.ensuring(log("independent job cancelled"))))
      })
      // @ts-expect-error: it can fail with E1
      const harmless: Effect.Effect<void> = together
      return harmless
    })
    assert.deepStrictEqual(trail, ["[50] independent job cancelled", "[50] fails E1"])
  })
)

it.effect(
  "still there P23: a finalizer cannot fail typed; one that dies demotes the failure of its own fiber to a defect, and both are kept",
  () =>
    Effect.gen(function* () {
      // @ts-expect-error: a finalizer that can fail is refused
      void Effect.ensuring(Effect.void, fail1)

      const trail = yield* story((log) =>
        fail1.pipe(
          Effect.ensuring(Effect.die(new Error("finalizer"))),
          Effect.catchTag("E1", () => log("not reached"))
        )
      )
      assert.deepStrictEqual(trail, ["[0] dies E1 + dies finalizer"])
    })
)

it.effect(
  "still there P26: a job that fails after the value was computed costs the value; the scope's type has its failure",
  () =>
    Effect.gen(function* () {
      const trail = yield* story(() => {
        const value = coroutineScope(function* (scope) {
          yield* scope.launch(after(50).pipe(Effect.andThen(fail1)))
          return 10
        })
        // @ts-expect-error: it can fail with E1
        const always: Effect.Effect<number> = value
        return always
      })
      assert.deepStrictEqual(trail, ["[50] fails E1"])
    })
)

it.effect("still there P31: cancel does not wait; the status says cancelling until the finalizers have run", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const job = yield* scope.launch(forever.pipe(Effect.ensuring(after(50))))
        yield* job.cancel
        yield* log(yield* job.status)
        yield* job.cancelAndJoin
        yield* log(yield* job.status)
      })
    )
    assert.deepStrictEqual(trail, ["[0] cancelling", "[50] cancelled", "[50] succeeds"])
  })
)

it.effect("still there P32: plain JavaScript cannot be cancelled in the middle; in steps it can", () =>
  Effect.gen(function* () {
    const done = { atOnce: 0, inSteps: 0 }
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const cancelHalfWay = (n: number, job: SupervisedJob<void>) => {
          if (n === 500) Effect.runSync(job.cancel)
        }
        const atOnce: SupervisedJob<void> = yield* scope.launch(
          Effect.gen(function* () {
            yield* after(10)
            for (let n = 1; n <= 1000; n++) cancelHalfWay((done.atOnce = n), atOnce)
            yield* log("unreachable")
          })
        )
        const inSteps: SupervisedJob<void> = yield* scope.launch(
          Effect.gen(function* () {
            yield* after(20)
            for (let n = 1; n <= 1000; n++) {
              cancelHalfWay((done.inSteps = n), inSteps)
              yield* Effect.yieldNow
            }
          })
        )
        yield* joinAll([atOnce, inSteps])
        yield* log(`${yield* atOnce.status} ${yield* inSteps.status}`)
      })
    )
    assert.deepStrictEqual(trail, ["[20] cancelled cancelled", "[20] succeeds"])
    assert.deepStrictEqual(done, { atOnce: 1000, inSteps: 500 })
  })
)

it.effect(
  "still there P33: retry after a catch of everything compiles and never fires; the stream's type has no failure left",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) => {
        const caught: Stream.Stream<string> = Stream.fromEffect(log("subscribed")).pipe(
          Stream.flatMap(() => Stream.fail("io")),
          Stream.catch((error) => Stream.make(`Error(${error})`))
        )
        return caught.pipe(Stream.retry(Schedule.recurs(2)), Stream.runCollect)
      })
      assert.deepStrictEqual(trail, ["[0] subscribed", '[0] succeeds ["Error(io)"]'])
    })
)
