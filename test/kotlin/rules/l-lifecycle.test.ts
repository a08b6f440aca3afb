/**
 * Kotlin's rules, section L: the life of a job.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { coroutineScope, ScopeBoundary, supervisorScope, UncaughtHandler } from "firebreak/supervision"
import { after, ending, fail1, forever, story } from "./story.ts"

it.effect(
  "differs R84: a job has one status instead of three flags: running, cancelling, succeeded, failed or cancelled",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        supervisorScope(function* (scope) {
          const slow = after(10)
          const job = yield* scope.launch(slow)
          yield* log(yield* job.status)
          yield* job.join
          yield* log(yield* job.status)
          const failing = yield* scope.async(slow.pipe(Effect.andThen(fail1)))
          yield* failing.settled
          yield* log(yield* failing.status)
          const cancelled = yield* scope.launch(forever.pipe(Effect.ensuring(slow)))
          yield* cancelled.cancel
          yield* log(yield* cancelled.status)
          yield* cancelled.join
          yield* log(yield* cancelled.status)
        })
      )
      assert.deepStrictEqual(trail, [
        "[0] running",
        "[10] succeeded",
        "[20] failed",
        "[20] cancelling",
        "[30] cancelled",
        "[30] succeeds"
      ])
    })
)

it.effect(
  "R85 a job whose own effect is done is running while its jobs are, and they still launch; cancel reaches them",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        coroutineScope(function* (scope) {
          const late = scope.launch(
            forever.pipe(
              Effect.ensuring(after(10)),
              Effect.onInterrupt(() => log("late cancelled"))
            )
          )
          const child = scope.launch(after(50).pipe(Effect.andThen(late)))
          const job = yield* scope.launch(child)
          yield* after(25)
          yield* log(`own effect done: ${yield* job.status}`)
          yield* after(50)
          yield* log(`late launched: ${yield* job.status}`)
          yield* job.cancel
          yield* log(yield* job.status)
          yield* job.join
          yield* log(yield* job.status)
        })
      )
      assert.deepStrictEqual(trail, [
        "[25] own effect done: running",
        "[75] late launched: running",
        "[75] cancelling",
        "[85] late cancelled",
        "[85] cancelled",
        "[85] succeeds"
      ])
    })
)

it.effect("differs R86: nobody calls complete: a scope completes by itself, once, when its jobs have ended", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        yield* scope.launch(after(10))
        yield* scope.launch(after(50))
      }).pipe(
        Effect.provideService(ScopeBoundary, ({ exit, kind }) =>
          kind === "job" ? Effect.void : log(`scope ${ending(exit)}`)
        )
      )
    )
    assert.deepStrictEqual(trail, ["[50] scope succeeds", "[50] succeeds"])
  })
)

it.effect("differs R87: what is lazy is an effect that nobody has launched: it runs at each launch, or never", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const lazy = scope.async(log("runs").pipe(Effect.as(42)))
        yield* log("not yet")
        const first = yield* lazy
        const second = yield* lazy
        return [yield* first.await, yield* second.await, first === second]
      })
    )
    assert.deepStrictEqual(trail, ["[0] not yet", "[0] runs", "[0] runs", "[0] succeeds [42,42,false]"])
  })
)

it.effect(
  "R88 onCompletion is called once with the end, at once on an ended job, can be taken away, and harms no other",
  () =>
    Effect.gen(function* () {
      const told: Array<string> = []
      const reported: Array<string> = []
      const trail = yield* story((log) =>
        supervisorScope(function* (scope) {
          const job = yield* scope.launch(forever, { name: "job" })
          const removed = yield* job.onCompletion(() => told.push("removed"))
          const removeItself: Array<() => void> = []
          const throwing = (): void => {
            throw new Error("bug in a handler")
          }
          yield* job.onCompletion(throwing)
          removeItself.push(
            yield* job.onCompletion(() => {
              told.push("removes itself")
              removeItself[0]!()
            })
          )
          yield* job.onCompletion((exit) => told.push(`job ${ending(exit)}`))
          removed()
          yield* job.cancel
          yield* job.cancel
          yield* job.join
          yield* log(`before join: ${told.length}`)
          yield* job.onCompletion(() => told.push("at once"))
          yield* log(`after it: ${told.length}`)
        }).pipe(Effect.provideService(UncaughtHandler, ({ job }) => Effect.sync(() => reported.push(job))))
      )
      assert.deepStrictEqual(trail, ["[0] before join: 2", "[0] after it: 3", "[0] succeeds"])
      assert.deepStrictEqual(told, ["removes itself", "job is cancelled", "at once"])
      assert.deepStrictEqual(reported, ["supervisor / job"])
    })
)

it.effect(
  "differs R89: what is to happen when cancelling begins stands in the job, as onInterrupt; onCompletion comes last",
  () =>
    Effect.gen(function* () {
      const order: Array<string> = []
      const note = (what: string) => Effect.sync(() => order.push(what))
      yield* story(() =>
        coroutineScope(function* (scope) {
          const work = forever.pipe(
            Effect.onInterrupt(() => note("cancelling begins")),
            Effect.ensuring(Effect.andThen(after(10), note("finalizer")))
          )
          const job = yield* scope.launch(work)
          yield* job.onCompletion(() => order.push("completion"))
          yield* job.cancelAndJoin
        })
      )
      assert.deepStrictEqual(order, ["cancelling begins", "finalizer", "completion"])
    })
)

it.effect("R90 a job that has ended leaves the list of children at once", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const child = scope.launch(after(10), { name: "short" })
        const longer = scope.launch(after(20), { name: "longer" })
        const job = yield* scope.launch(Effect.andThen(child, longer), { name: "job" })
        const names = Effect.gen(function* () {
          const under = (yield* job.children).map(({ name }) => name)
          const top = (yield* scope.children).map(({ name }) => name)
          yield* log(`job: [${under.join()}], scope: [${top.join()}]`)
        })
        yield* names
        yield* after(15)
        yield* names
        yield* job.join
        yield* names
      })
    )
    assert.deepStrictEqual(trail, [
      "[0] job: [short,longer], scope: [job]",
      "[15] job: [longer], scope: [job]",
      "[20] job: [], scope: []",
      "[20] succeeds"
    ])
  })
)
