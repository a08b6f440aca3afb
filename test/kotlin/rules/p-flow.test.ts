/**
 * Kotlin's rules, section P: flows. Effect's `Stream` is the counterpart; `stateIn` is ours.
 */
import { assert, it } from "@effect/vitest"
import { Cause, Effect, Exit, Schedule, Stream } from "effect"
import { coroutineScope, stateIn, UncaughtHandler, withTimeout } from "firebreak/supervision"
import { after, E1, type E2, ending, fail1, fail2, forever, type Log, story, tag } from "./story.ts"

it.effect("R101 catch sees failures from above only, may give a fallback, and lets the collector's own pass", () =>
  Effect.gen(function* () {
    const fallback = yield* story(() =>
      Stream.make(1).pipe(
        Stream.concat(Stream.fail(new E1())),
        Stream.catch(() => Stream.make(41)),
        Stream.runCollect
      )
    )
    assert.deepStrictEqual(fallback, ["[0] succeeds [1,41]"])

    const below = yield* story((log) =>
      Stream.make(1).pipe(
        Stream.catch(() => Stream.fromEffect(log("unreachable"))),
        Stream.mapEffect(() => fail1),
        Stream.runDrain
      )
    )
    assert.deepStrictEqual(below, ["[0] fails E1"])
  })
)

it.effect(
  "differs R102: a finalizer above cannot fail typed; dying while the collector fails, it is kept with a demoted failure",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        Stream.make(1).pipe(
          Stream.ensuring(Effect.die(new E1())),
          Stream.catch(() => Stream.fromEffect(log("unreachable"))),
          Stream.mapEffect(() => fail2),
          Stream.runDrain
        )
      )
      assert.deepStrictEqual(trail, ["[0] dies E2 + dies E1"])
    })
)

it.effect(
  "R103 catch and retry do not see the collector's cancellation; a time limit above them is a failure like any other",
  () =>
    Effect.gen(function* () {
      const cancelled = yield* story((log) =>
        coroutineScope(function* (scope) {
          const collecting = Stream.fromEffect(forever).pipe(
            Stream.retry(Schedule.recurs(3)),
            Stream.catch(() => Stream.fromEffect(log("unreachable"))),
            Stream.runDrain
          )
          const job = yield* scope.launch(collecting)
          yield* after(10)
          yield* job.cancelAndJoin
          yield* log(yield* job.status)
        })
      )
      assert.deepStrictEqual(cancelled, ["[10] cancelled", "[10] succeeds"])

      const limited = yield* story(() =>
        Stream.fromEffect(withTimeout(forever, 1)).pipe(
          Stream.catch((error) => Stream.make(error._tag)),
          Stream.runCollect
        )
      )
      assert.deepStrictEqual(limited, ['[1] succeeds ["DeadlineExceeded"]'])
    })
)

/** An upstream that says when it is subscribed, and fails as often as told, after its elements. */
const failing = (log: Log, times: number, elements: ReadonlyArray<string> = []) => {
  let subscriptions = 0
  return Stream.suspend(() => {
    const nth = ++subscriptions
    return Stream.fromEffect(log(`subscribed #${nth}`)).pipe(
      Stream.drain,
      Stream.concat(Stream.fromIterable(elements)),
      Stream.concat(nth <= times ? Stream.fail(`io#${nth}`) : Stream.empty)
    )
  })
}

it.effect("differs R104: retry subscribes again as its schedule says, and counts anew after each element", () =>
  Effect.gen(function* () {
    const without = yield* story((log) =>
      failing(log, 4).pipe(
        Stream.retry(($) =>
          $(Schedule.recurs(2)).pipe(Schedule.while(({ input }) => Effect.as(log(`asked for ${input}`), true)))
        ),
        Stream.runDrain
      )
    )
    assert.deepStrictEqual(without, [
      "[0] subscribed #1",
      "[0] asked for io#1",
      "[0] subscribed #2",
      "[0] asked for io#2",
      "[0] subscribed #3",
      "[0] fails io#3"
    ])
    const withElements = yield* story((log) =>
      Stream.runDrain(Stream.retry(failing(log, 4, ["o"]), Schedule.recurs(2)))
    )
    assert.deepStrictEqual(withElements, [...[1, 2, 3, 4, 5].map((nth) => `[0] subscribed #${nth}`), "[0] succeeds"])
    const below = yield* story((log) =>
      failing(log, 0, ["o"]).pipe(
        Stream.retry(Schedule.recurs(2)),
        Stream.runForEach(() => fail1)
      )
    )
    assert.deepStrictEqual(below, ["[0] subscribed #1", "[0] fails E1"])
  })
)

it.effect("R105 retry after a catch of everything can never fire", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      failing(log, 1).pipe(
        Stream.catch((error) => Stream.make(`Error(${error})`)),
        Stream.retry(Schedule.recurs(2)),
        Stream.runCollect
      )
    )
    assert.deepStrictEqual(trail, ["[0] subscribed #1", '[0] succeeds ["Error(io#1)"]'])
  })
)

it.effect("R106 onExit sees how the stream ended, and consumes nothing", () =>
  Effect.gen(function* () {
    const above = yield* story((log) =>
      Stream.fail(new E1()).pipe(
        Stream.onExit((exit) => log(ending(exit))),
        Stream.catch((error) => Stream.fromEffect(log(`caught ${error._tag}`))),
        Stream.runDrain
      )
    )
    assert.deepStrictEqual(above, ["[0] fails E1", "[0] caught E1", "[0] succeeds"])

    const below = yield* story((log) =>
      Stream.make(1).pipe(
        Stream.onExit((exit) => log(`upstream ${ending(exit)}`)),
        Stream.runForEach(() => fail2)
      )
    )
    assert.deepStrictEqual(below, ["[0] upstream fails E2", "[0] fails E2"])

    const completed = yield* story((log) =>
      Stream.make(1).pipe(
        Stream.onExit((exit) => log(Exit.isSuccess(exit) ? "completed" : "failed")),
        Stream.runDrain
      )
    )
    assert.deepStrictEqual(completed, ["[0] completed", "[0] succeeds"])
  })
)

it.effect("R107 a failure or an early end below cancels the stream above, and its finalizers come first", () =>
  Effect.gen(function* () {
    const upstream = (log: Log) =>
      Stream.make(1).pipe(
        Stream.concat(Stream.fromEffect(forever)),
        Stream.ensuring(Effect.andThen(after(10), log("upstream cancelled"))),
        Stream.buffer({ capacity: 1 })
      )
    const failed = yield* story((log) => Stream.runForEach(upstream(log), () => fail1))
    assert.deepStrictEqual(failed, ["[10] upstream cancelled", "[10] fails E1"])
    const enough = yield* story((log) => upstream(log).pipe(Stream.take(1), Stream.runCollect))
    assert.deepStrictEqual(enough, ["[10] upstream cancelled", "[10] succeeds [1]"])
  })
)

/** Emits 1, 2, 3 … every ten milliseconds, and says when it starts and when it is cancelled. */
const ticking = (log: Log) =>
  Stream.fromEffect(log("upstream starts")).pipe(
    Stream.drain,
    Stream.concat(
      Stream.tick(10).pipe(
        Stream.mapAccum(
          () => 0,
          (count) => [count + 1, [count + 1]] as const
        )
      )
    ),
    Stream.ensuring(log("upstream ends"))
  )

it.effect(
  "R108 a state's upstream starts with the first subscriber and ends some time after the last; who comes back in time restarts nothing",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        Effect.scoped(
          Effect.gen(function* () {
            const state = yield* stateIn(ticking(log), { initial: 0, whileSubscribed: 100 })
            yield* after(5)
            yield* log("nobody yet")
            const look = Effect.andThen(
              state.changes.pipe(Stream.interruptWhen(after(20)), Stream.runDrain),
              Effect.suspend(() => log("left"))
            )
            yield* look
            yield* after(50)
            yield* look
            yield* after(200)
            yield* look
          })
        )
      )
      assert.deepStrictEqual(trail, [
        "[5] nobody yet",
        "[5] upstream starts",
        "[25] left",
        "[95] left",
        "[195] upstream ends",
        "[295] upstream starts",
        "[315] left",
        "[315] upstream ends",
        "[315] succeeds"
      ])
    })
)

it.effect(
  "R109 a state always has a value: the initial one, then the last one, also when the upstream has ended; equal ones count once",
  () =>
    Effect.gen(function* () {
      const upstream = Stream.make(1, 1, 2).pipe(Stream.mapEffect((value) => Effect.as(after(10), value)))
      const trail = yield* story((log) =>
        Effect.scoped(
          Effect.gen(function* () {
            const state = yield* stateIn(upstream, { initial: 42, whileSubscribed: 100 })
            yield* log(`value ${yield* state.value}`)
            yield* state.changes.pipe(
              Stream.tap((value) => log(`sees ${value}`)),
              Stream.interruptWhen(after(50)),
              Stream.runDrain
            )
            yield* log(`value ${yield* state.value}`)
          })
        )
      )
      assert.deepStrictEqual(trail, [
        "[0] value 42",
        "[0] sees 42",
        "[10] sees 1",
        "[30] sees 2",
        "[50] value 2",
        "[50] succeeds"
      ])
    })
)

it.effect(
  "differs R110: a state is kept of a stream that cannot fail; what its upstream dies of goes to the last resort",
  () =>
    Effect.gen(function* () {
      const mayFail: Stream.Stream<string, E2> = Stream.make("a")
      // @ts-expect-error: make the failure a value first
      void stateIn(mayFail, { initial: "", whileSubscribed: 0 })

      const trail = yield* story((log) =>
        Effect.scoped(
          Effect.gen(function* () {
            const upstream = Stream.make("a").pipe(Stream.concat(Stream.die(new E1())))
            const state = yield* stateIn(upstream, { initial: "initial", whileSubscribed: 100, name: "orders" })
            const seen = yield* state.changes.pipe(Stream.interruptWhen(after(50)), Stream.runCollect)
            yield* log(`collector went on to 50 and saw ${seen.join(" ")}; value ${yield* state.value}`)
          })
        ).pipe(
          Effect.provideService(UncaughtHandler, ({ cause, job }) => log(`handler: ${job} ${tag(Cause.squash(cause))}`))
        )
      )
      assert.deepStrictEqual(trail, [
        "[0] handler: orders E1",
        "[50] collector went on to 50 and saw initial a; value a",
        "[50] succeeds"
      ])
    })
)
