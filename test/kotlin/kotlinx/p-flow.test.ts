/**
 * Tests of kotlinx.coroutines, section P: flows. Effect's `Stream` is the counterpart; `stateIn` is ours.
 */
import { assert, it } from "@effect/vitest"
import { Effect, Fiber, Schedule, Stream } from "effect"
import { stateIn } from "firebreak/supervision"
import { after, E1, ending, fail1, fail2, forever, story } from "../rules/story.ts"

it.effect("CatchTest:testCatchEmit a failure from above is replaced by a fallback", () =>
  Effect.gen(function* () {
    const trail = yield* story(() =>
      Stream.make(1).pipe(
        Stream.concat(Stream.fail(new E1())),
        Stream.catch(() => Stream.make(41)),
        Stream.runSum
      )
    )
    assert.deepStrictEqual(trail, ["[0] succeeds 42"])
  })
)

it.effect("CatchTest:testCatchEmitExceptionFromDownstream a failure from below passes the catch by", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      Stream.make(1).pipe(
        Stream.catch(() => Stream.make(42)),
        Stream.mapEffect(() => Effect.andThen(log("below"), fail1)),
        Stream.runSum
      )
    )
    assert.deepStrictEqual(trail, ["[0] below", "[0] fails E1"])
  })
)

// Differs: what a finalizer above dies of is kept beside the failure from below, and takes its type away.
it.effect("CatchTest:testUpstreamExceptionConcurrentWithDownstream when both fail, both are kept", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      Stream.fromEffect(log("emits")).pipe(
        Stream.ensuring(Effect.andThen(log("finalizer"), Effect.die(new E1()))),
        Stream.catch(() => Stream.fromEffect(log("unreachable"))),
        Stream.tap(() => Effect.andThen(log("below"), fail2)),
        Stream.runDrain
      )
    )
    assert.deepStrictEqual(trail, ["[0] emits", "[0] below", "[0] finalizer", "[0] dies E2 + dies E1"])
  })
)

it.effect("RetryTest:testRetry it subscribes again as often as it may, then the failure comes through", () =>
  Effect.gen(function* () {
    const failingTimes = (times: number) => {
      let subscriptions = 0
      return Stream.suspend(() => (++subscriptions <= times ? Stream.fail(new E1()) : Stream.make(subscriptions)))
    }
    const retried = (times: number) => story(() => Stream.runSum(Stream.retry(failingTimes(times), Schedule.recurs(4))))
    assert.deepStrictEqual(yield* retried(4), ["[0] succeeds 5"])
    assert.deepStrictEqual(yield* retried(5), ["[0] fails E1"])
  })
)

// Differs: what comes before a step in the stream is told how all of it ended, with the failure from below.
it.effect(
  "OnCompletionTest:testOnCompletionWithExceptionDownstream the end is observed with the failure from below, and not consumed",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        Stream.make(1).pipe(
          Stream.onExit((exit) => log(`observed: ${ending(exit)}`)),
          Stream.tap(() => Effect.andThen(log("below"), fail1)),
          Stream.catch((error) => Stream.fromEffect(log(`caught ${error._tag}`))),
          Stream.runDrain
        )
      )
      assert.deepStrictEqual(trail, ["[0] below", "[0] observed: fails E1", "[0] caught E1", "[0] succeeds"])
    })
)

it.effect("SharingStartedTest:testWhileSubscribedWithTimeout who comes back in time finds the upstream running", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      Effect.scoped(
        Effect.gen(function* () {
          const upstream = Stream.fromEffect(log("upstream starts")).pipe(
            Stream.concat(Stream.fromEffect(forever)),
            Stream.ensuring(log("upstream stops"))
          )
          const state = yield* stateIn(upstream, { initial: undefined, whileSubscribed: 100 })
          const subscribed = (millis: number) =>
            Effect.gen(function* () {
              yield* log("subscriber comes")
              const subscriber = yield* Effect.forkChild(Stream.runDrain(state.changes), { startImmediately: true })
              yield* after(millis)
              yield* Fiber.interrupt(subscriber)
              yield* log("subscriber leaves")
            })
          yield* subscribed(10)
          yield* after(50)
          yield* subscribed(10)
          yield* after(150)
          yield* subscribed(10)
          yield* after(150)
        })
      )
    )
    assert.deepStrictEqual(trail, [
      "[0] subscriber comes",
      "[0] upstream starts",
      "[10] subscriber leaves",
      "[60] subscriber comes",
      "[70] subscriber leaves",
      "[170] upstream stops",
      "[220] subscriber comes",
      "[220] upstream starts",
      "[230] subscriber leaves",
      "[330] upstream stops",
      "[380] succeeds"
    ])
  })
)

it.effect("ShareInTest:testShouldStartScalar a subscriber sees the initial value, then the upstream's", () =>
  Effect.gen(function* () {
    const trail = yield* story(() =>
      Effect.scoped(
        Effect.gen(function* () {
          const state = yield* stateIn(Stream.fromEffect(Effect.as(Effect.yieldNow, "OK")), {
            initial: "initial",
            whileSubscribed: 0
          })
          return yield* state.changes.pipe(Stream.take(2), Stream.runCollect)
        })
      )
    )
    assert.deepStrictEqual(trail, ['[0] succeeds ["initial","OK"]'])
  })
)
