/**
 * Kotlin's pitfalls that nothing has to be known about here, because the design leaves no room for them.
 */
import { assert, it } from "@effect/vitest"
import { Cause, Data, Effect, Option } from "effect"
import {
  awaitAll,
  coroutineScope,
  failuresOf,
  nonCancellable,
  Supervisor,
  supervisorScope,
  UncaughtHandler,
  withTimeout,
  withTimeoutOption
} from "firebreak/supervision"
import { after, ending, fail1, fail2, forever, type Log, story, tag } from "../rules/story.ts"

/** Logs what went to the last resort. */
const lastResort = (log: Log) =>
  Effect.provideService(UncaughtHandler, ({ cause, job }) => log(`uncaught: ${job} ${tag(Cause.squash(cause))}`))

const failingAt = (millis: number) => after(millis).pipe(Effect.andThen(fail1))

it.effect(
  "P2 a sibling's failure is not seen at an await, so no screen shows a cancellation as if it were an error",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        coroutineScope(function* (scope) {
          const products = yield* scope.async(forever)
          yield* scope.async(failingAt(50))
          yield* products.await
          yield* log("unreachable")
        }).pipe(Effect.catch((error) => log(`screen shows ${error._tag}`)))
      )
      assert.deepStrictEqual(trail, ["[50] screen shows E1", "[50] succeeds"])
    })
)

it.effect("P4 a supervisor inside a scope cannot be left open: it completes by itself and holds nobody up", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (outer) {
        for (const n of [0, 1]) {
          yield* supervisorScope(function* (scope) {
            const job = yield* scope.async(n === 0 ? failingAt(100) : after(100))
            yield* job.await.pipe(Effect.catch((error) => log(`caught ${error._tag}`)))
          })
        }
        yield* log(`left: ${(yield* outer.children).length}`)
      })
    )
    assert.deepStrictEqual(trail, ["[100] caught E1", "[200] left: 0", "[200] succeeds"])
  })
)

it.effect("P8 a cancellation is in no handler's hands: nothing is shown, logged or committed after it", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const saving = Effect.forEach([1, 2, 3], (n) => after(50).pipe(Effect.andThen(log(`saved ${n}`)))).pipe(
          Effect.catchCause((cause) => log(`ERROR Save failed ${Cause.pretty(cause)}`)),
          Effect.andThen(log("code after the catch"))
        )
        const job = yield* scope.launch(saving)
        yield* after(75)
        yield* job.cancelAndJoin
        yield* log(yield* job.status)
      })
    )
    assert.deepStrictEqual(trail, ["[50] saved 1", "[75] cancelled", "[75] succeeds"])
  })
)

it.effect("P9 turning a failure into a value does not turn a cancellation into one: a loop of it ends", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const zombie = Effect.forever(
          Effect.gen(function* () {
            const result = yield* Effect.result(after(50).pipe(Effect.andThen(fail1)))
            yield* log(result._tag)
          })
        )
        const job = yield* scope.launch(zombie)
        yield* after(125)
        yield* job.cancelAndJoin
        yield* log(yield* job.status)
      })
    )
    assert.deepStrictEqual(trail, ["[50] Failure", "[100] Failure", "[125] cancelled", "[125] succeeds"])
  })
)

it.effect("P10 awaiting a cancelled job is loud: it dies with the job's name and who cancelled it", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const answer = yield* scope.async(forever, { name: "answer" })
        yield* answer.cancel
        yield* answer.await
        yield* log("unreachable")
      }).pipe(Effect.tapDefect((defect) => log((defect as Error).message)))
    )
    assert.deepStrictEqual(trail, [
      '[0] awaited "scope / answer", which was cancelled by scope: look at job.settled where a job may have been cancelled',
      "[0] dies JobCancelled"
    ])
  })
)

it.effect(
  "P12 a missed deadline is a failure: it fails the scope unless it is handled, and catching it catches no cancellation",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        coroutineScope(function* (scope) {
          yield* scope.launch(withTimeout(forever, 50))
          yield* after(100)
          yield* log("unreachable")
        }).pipe(Effect.catchTag("DeadlineExceeded", () => log("screen shows: took too long")))
      )
      assert.deepStrictEqual(trail, ["[50] screen shows: took too long", "[50] succeeds"])
    })
)

it.effect("P13 no value is taken for a time limit, and no limit for another", () =>
  Effect.gen(function* () {
    const nothing = Effect.undefined
    assert.deepStrictEqual(yield* withTimeoutOption(nothing, 50), Option.some(undefined))
    const inner = yield* story(() => withTimeoutOption(withTimeout(forever, 50), 500))
    assert.deepStrictEqual(inner, ["[50] fails DeadlineExceeded"])
    const outer = yield* story(() => Effect.map(withTimeoutOption(withTimeout(forever, 500), 50), Option.isNone))
    assert.deepStrictEqual(outer, ["[50] succeeds true"])
  })
)

it.effect("P15 the failure of a supervised job that nobody awaits goes to the last resort, with the job's path", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        yield* scope.async(failingAt(10), { name: "sync" })
      }).pipe(lastResort(log))
    )
    assert.deepStrictEqual(trail, ["[10] uncaught: supervisor / sync E1", "[10] succeeds"])
  })
)

it.effect(
  "P18 a job belongs to the handle it is launched on; a supervisor's handle inside an inner scope is refused",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        supervisorScope(function* (outer) {
          yield* coroutineScope(function* () {
            yield* outer.launch(log("unreachable"))
          })
        }).pipe(Effect.tapDefect((defect) => log((defect as Error).message)))
      )
      assert.deepStrictEqual(trail, [
        '[0] launched on "supervisor" from "supervisor / scope": open the inner work with its own scope\'s handle, or launch before the inner scope opens',
        "[0] dies LaunchRefused"
      ])
    })
)

it.effect("P21 leaving a critical section replaces no failure that is on its way", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const section = nonCancellable(after(50).pipe(Effect.andThen(log("section done"))), { within: "1 second" })
        const job = yield* scope.launch(fail1.pipe(Effect.ensuring(section)))
        yield* after(10)
        yield* job.cancel
        yield* forever
      })
    )
    assert.deepStrictEqual(trail, ["[50] section done", "[50] fails E1"])
  })
)

it.effect("P22 a finalizer runs to its end in a cancelled job, suspensions included", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const cleanUp = after(10).pipe(
          Effect.andThen(log("marked")),
          Effect.andThen(after(10)),
          Effect.andThen(log("logged"))
        )
        const job = yield* scope.launch(forever.pipe(Effect.ensuring(cleanUp)))
        yield* job.cancelAndJoin
      })
    )
    assert.deepStrictEqual(trail, ["[10] marked", "[20] logged", "[20] succeeds"])
  })
)

it.effect("P24 what a cancelled job dies of is heard, in the same way for launch and async", () =>
  Effect.gen(function* () {
    const dying = forever.pipe(Effect.ensuring(Effect.die(new Error("bug"))))
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const launched = yield* scope.launch(dying, { name: "launched" })
        const async = yield* scope.async(dying, { name: "async" })
        yield* launched.cancelAndJoin
        yield* async.cancelAndJoin
        yield* log(`${yield* launched.status} ${yield* async.status}`)
      }).pipe(lastResort(log))
    )
    assert.deepStrictEqual(trail, [
      "[0] uncaught: supervisor / launched bug",
      "[0] failed failed",
      "[0] uncaught: supervisor / async bug",
      "[0] succeeds"
    ])
  })
)

it.effect(
  "P25 of several failures none is out of sight: all are in the type, and all are in the cause, each with its job",
  () =>
    Effect.gen(function* () {
      const stubborn = Effect.uninterruptible(after(20).pipe(Effect.andThen(fail2)))
      const both = coroutineScope(function* (scope) {
        yield* scope.launch(failingAt(10), { name: "a" })
        yield* scope.launch(stubborn, { name: "b" })
      })
      const handled: Effect.Effect<void> = both.pipe(Effect.catchTags({ E1: () => Effect.void, E2: () => Effect.void }))
      assert.deepStrictEqual(yield* story(() => handled), ["[20] succeeds"])
      const trail = yield* story((log) =>
        both.pipe(
          Effect.tapCause((cause) =>
            log(
              failuresOf(cause)
                .map(({ job }) => job)
                .join(", ")
            )
          )
        )
      )
      assert.deepStrictEqual(trail, ["[20] scope / a, scope / b", "[20] fails E1 + fails E2"])
    })
)

it.effect("P27 launching on what is closed is never silent: a typed failure, or a defect that says what to write", () =>
  Effect.gen(function* () {
    const supervisor = yield* story((log) =>
      Effect.gen(function* () {
        const sync = yield* Effect.scoped(Supervisor.make({ name: "sync" }))
        yield* sync.launch(log("unreachable"))
      })
    )
    assert.deepStrictEqual(supervisor, ["[0] fails ScopeClosed"])

    const scope = yield* story((log) =>
      Effect.gen(function* () {
        const late = yield* supervisorScope(function* (scope) {
          return scope.launch(log("unreachable"))
        })
        yield* late
      }).pipe(Effect.tapDefect((defect) => log((defect as Error).message)))
    )
    assert.deepStrictEqual(scope, [
      '[0] launched on "supervisor" after its end: the scope has completed and waits for nobody: launch earlier, or use Supervisor.make',
      "[0] dies LaunchRefused"
    ])
  })
)

class SyncFailed extends Data.TaggedError("SyncFailed")<{ readonly run: number }> {}

it.effect("P28 a long-lived scope always supervises: one failure does not close it for those who come later", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      Effect.scoped(
        Effect.gen(function* () {
          const onFailure = (error: SyncFailed) => log(`sync #${error.run} failed`)
          const sync = yield* Supervisor.make({ name: "sync", onFailure })
          yield* sync.launch(Effect.fail(new SyncFailed({ run: 1 })))
          const second = yield* sync.launch(log("sync #2 ok"))
          yield* second.join
        })
      )
    )
    assert.deepStrictEqual(trail, ["[0] sync #1 failed", "[0] sync #2 ok", "[0] succeeds"])
  })
)

it.effect(
  "P30 there are no lazy jobs to forget: what was not launched is not there, and several launched run together",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        coroutineScope(function* (scope) {
          const lazy = [1, 2, 3].map((n) => scope.async(after(50).pipe(Effect.as(n))))
          yield* log(`running: ${(yield* scope.children).length}`)
          const jobs = yield* Effect.all(lazy.slice(0, 2))
          return yield* awaitAll(jobs)
        })
      )
      assert.deepStrictEqual(trail, ["[0] running: 0", "[50] succeeds [1,2]"])
    })
)

it.effect("P36 awaiting one job after the other hears of a later job's failure at once", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const jobs = [yield* scope.async(after(100)), yield* scope.async(failingAt(50))]
        for (const job of jobs) yield* job.await
        yield* log("unreachable")
      })
    )
    assert.deepStrictEqual(trail, ["[50] fails E1"])
  })
)

it.effect("P37 who loses a race of effects is cancelled, and has ended when the race has", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      Effect.race(
        after(10).pipe(Effect.as("winner")),
        forever.pipe(Effect.ensuring(after(5).pipe(Effect.andThen(log("loser ended")))))
      )
    )
    assert.deepStrictEqual(trail, ["[15] loser ended", "[15] succeeds winner"])
  })
)

it.effect("P38 join says nothing of how a job ended and hides nothing either; settled says it, and never fails", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const joined = yield* scope.async(failingAt(10), { name: "joined" })
        yield* joined.join
        const settled = yield* scope.async(failingAt(10), { name: "settled" })
        yield* log(`settled ${ending(yield* settled.settled)}`)
      }).pipe(lastResort(log))
    )
    assert.deepStrictEqual(trail, ["[20] settled fails E1", "[20] uncaught: supervisor / joined E1", "[20] succeeds"])
  })
)
