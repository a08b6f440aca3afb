/**
 * Corners: what happens at the very edge of an end, deep down, or in the first stretch of a fiber.
 *
 * Each of these was once wrong. Like the laws, they hold for every way of running a body.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Exit, Fiber, Logger } from "effect"
import { awaitAll, failuresOf, joinAll, ScopeBoundary, Supervisor, UncaughtHandler } from "firebreak/supervision"
import { run, Trail } from "../support/virtual.ts"
import { Broken, type Scopes } from "./laws.ts"

const failsWith = (defect: string) => Effect.onInterrupt(Effect.never, () => Effect.die(defect))

/** Runs a program that is interrupted after 5 ms, and gives what it ended with. */
const interrupted = <A, E, R>(program: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(program, { startImmediately: true })
    yield* Effect.sleep(5)
    yield* Fiber.interrupt(fiber)
    return yield* Fiber.await(fiber)
  })

export const cornersOf = (runner: string, { coroutineScope, supervisorScope }: Scopes): void => {
  const heard = () => {
    const jobs: Array<string> = []
    return {
      jobs,
      hearing: Effect.provideService(UncaughtHandler, ({ job }) => Effect.sync(() => void jobs.push(job)))
    }
  }

  describe(`at the edge of an end, ${runner}`, () => {
    it.effect("a failure is heard of although the end of its job is the end of the scope", () =>
      Effect.gen(function* () {
        const joined = heard()
        yield* run(
          supervisorScope(function* (scope) {
            const job = yield* scope.async(Effect.andThen(Effect.yieldNow, new Broken({ part: "a" })), { name: "a" })
            yield* job.join
          }).pipe(joined.hearing)
        )
        assert.deepStrictEqual(joined.jobs, ["supervisor / a"])
        const cancelled = heard()
        yield* run(
          interrupted(
            supervisorScope(function* (scope) {
              yield* scope.async(failsWith("1"), { name: "1" })
              yield* scope.async(failsWith("2"), { name: "2" })
              yield* Effect.never
            })
          ).pipe(cancelled.hearing)
        )
        assert.deepStrictEqual(cancelled.jobs, ["supervisor / 1", "supervisor / 2"])
      })
    )

    it.effect("what is launched under a job that is being cancelled is born cancelled", () =>
      Effect.gen(function* () {
        const ran = yield* run(
          coroutineScope(function* (scope) {
            const gate = yield* Deferred.make<void>()
            const job = yield* scope.launch(
              Effect.uninterruptible(Effect.andThen(Deferred.await(gate), scope.launch(Effect.never)))
            )
            yield* job.cancel
            yield* Deferred.succeed(gate, void 0)
            yield* job.join
            return yield* job.status
          })
        )
        assert.deepStrictEqual([ran.exit, ran.left], [Exit.succeed("cancelled"), 0])
      })
    )

    it.effect("an interruption waits for the hook, and does not change what the hook was told", () =>
      Effect.gen(function* () {
        const { events, log } = new Trail()
        const slowHook = Effect.provideService(ScopeBoundary, ({ exit, path }) =>
          Effect.andThen(log(`${path}: ${exit._tag}`), Effect.sleep(20))
        )
        const scope = coroutineScope(function* () {
          return 1
        })
        const ran = yield* run(interrupted(scope.pipe(slowHook, Effect.ensuring(log("after the scope")))))
        assert.deepStrictEqual([ran.at, events], [20, ["0 scope: Success", "20 after the scope"]])
        const { events: told, log: tell } = new Trail()
        yield* run(
          coroutineScope(function* (scope) {
            const job = yield* scope.async(Effect.succeed(1), { name: "job" })
            yield* job.cancel
            yield* tell(`seen: ${(yield* job.settled)._tag}`)
          }).pipe(
            Effect.provideService(ScopeBoundary, ({ exit, path }) =>
              Effect.andThen(tell(`${path}: ${exit._tag}`), Effect.sleep(20))
            )
          )
        )
        assert.deepStrictEqual(
          told.map((event) => event.replace(/^\d+ /, "")),
          ["scope / job: Success", "seen: Success", "scope: Success"]
        )
      })
    )

    it.effect("a job that was asked to end and then fails has failed, with onFailure as without", () =>
      Effect.gen(function* () {
        const { events, log } = new Trail()
        const ran = yield* run(
          supervisorScope(function* (scope) {
            const gate = yield* Deferred.make<void>()
            const failing = Effect.uninterruptible(Effect.andThen(Deferred.await(gate), new Broken({ part: "b" })))
            const a = yield* scope.async(failing)
            const b = yield* scope.launch(failing, { onFailure: (error) => log(`told of ${error.part}`) })
            yield* scope.cancelChildren
            yield* Deferred.succeed(gate, void 0)
            yield* joinAll([a, b])
            return [yield* a.status, yield* b.status]
          })
        )
        assert.deepStrictEqual([ran.exit, events], [Exit.succeed(["failed", "failed"]), ["0 told of b"]])
      })
    )

    it.effect(
      "onFailure takes the typed failure only: a defect beside it, or its own, is reported before the end",
      () =>
        Effect.gen(function* () {
          const { events, log } = new Trail()
          const both = Effect.failCause(Cause.combine(Cause.fail(new Broken({ part: "b" })), Cause.die("beside")))
          yield* run(
            supervisorScope(function* (scope) {
              yield* scope.launch(both, { name: "both", onFailure: (error) => log(`told of ${error.part}`) })
              yield* scope.launch(new Broken({ part: "c" }), { name: "c", onFailure: () => Effect.die("handler") })
              yield* scope.launch(new Broken({ part: "d" }), { name: "d", onFailure: () => Effect.interrupt })
            }).pipe(
              Effect.andThen(log("completed")),
              Effect.provideService(UncaughtHandler, ({ cause, job }) =>
                Effect.andThen(Effect.yieldNow, log(`${job}: ${String(Cause.squash(cause))}`))
              )
            )
          )
          assert.sameMembers(events.slice(0, 3), [
            "0 told of b",
            "0 supervisor / both: beside",
            "0 supervisor / c / onFailure: handler"
          ])
          assert.deepStrictEqual(events.slice(3), ["0 completed"])
        })
    )

    it.effect(
      "no failure is lost from the list: after an interruption, or from a finalizer around an inner scope",
      () =>
        Effect.gen(function* () {
          const ended = yield* run(
            interrupted(
              coroutineScope(function* (scope) {
                yield* scope.launch(failsWith("closing"), { name: "job" })
                yield* Effect.never
              })
            )
          )
          const exit = Exit.isSuccess(ended.exit) ? ended.exit.value : ended.exit
          assert.deepStrictEqual(Exit.isFailure(exit) && failuresOf(exit.cause).map(({ job }) => job), ["scope / job"])
          const nested = yield* run(
            coroutineScope(function* (scope) {
              const inner = coroutineScope(function* (inner) {
                yield* inner.launch(failsWith("D1"), { name: "d1" })
                yield* Effect.never
              })
              yield* scope.launch(Effect.ensuring(inner, Effect.die("D2")), { name: "inner" })
              yield* Effect.yieldNow
              yield* scope.launch(new Broken({ part: "e" }), { name: "e" })
            })
          )
          const failures = Exit.isFailure(nested.exit) ? failuresOf(nested.exit.cause) : []
          assert.deepStrictEqual(
            failures.map(
              ({ cause, job }) =>
                `${job}: ${cause.reasons.map((reason) => (Cause.isDieReason(reason) ? reason.defect : reason._tag)).join()}`
            ),
            ["scope / e: Fail", "scope / inner / scope / d1: D1", "scope / inner: D2"]
          )
        })
    )

    it.effect("a body or job is stopped in its first stretch, when something it set off makes the scope fail", () =>
      Effect.gen(function* () {
        const { events, log } = new Trail()
        yield* run(
          coroutineScope(function* (scope) {
            const gate = yield* Deferred.make<void>()
            yield* scope.launch(Effect.andThen(Deferred.await(gate), new Broken({ part: "a" })))
            yield* scope.launch(
              Effect.andThen(Deferred.succeed(gate, void 0), log("a job went on in a scope that has failed"))
            )
          })
        )
        const ran = yield* run(
          coroutineScope(function* (scope) {
            const gate = yield* Deferred.make<void>()
            yield* scope.launch(Effect.andThen(Deferred.await(gate), new Broken({ part: "b" })))
            yield* Deferred.succeed(gate, void 0)
            yield* log("charged, in a scope that has failed")
          })
        )
        assert.deepStrictEqual([Exit.isFailure(ran.exit), events], [true, []])
      })
    )

    it.effect("awaitAll hears at once of a job that was cancelled, whatever it stands behind", () =>
      Effect.gen(function* () {
        const ran = yield* run(
          coroutineScope(function* (scope) {
            const a = yield* scope.async(Effect.never)
            const b = yield* scope.async(Effect.never, { name: "b" })
            yield* b.cancel
            yield* awaitAll([a, b])
          })
        )
        const defect = Exit.isFailure(ran.exit) ? Cause.squash(ran.exit.cause) : undefined
        assert.deepInclude(defect, { _tag: "JobCancelled", job: "scope / b" })
      })
    )

    it.effect("the hook runs although the report before it met a logger that throws", () =>
      Effect.gen(function* () {
        const throwing = Logger.make(() => {
          throw new Error("the disk of the log is full")
        })
        const hooked: Array<string> = []
        const ran = yield* run(
          supervisorScope(function* (scope) {
            yield* scope.launch(Effect.die("bug"), { name: "bug" })
            yield* scope.async(Effect.fail("lost"), { name: "lost" })
          }).pipe(
            Effect.provideService(ScopeBoundary, ({ path }) => Effect.sync(() => void hooked.push(path))),
            Effect.provide(Logger.layer([throwing]))
          )
        )
        assert.deepStrictEqual([ran.exit, ran.left], [Exit.void, 0])
        assert.sameMembers(hooked, ["supervisor / bug", "supervisor / lost", "supervisor"])
      })
    )

    it.effect("a completion handler may take away another one that has not been called yet", () =>
      Effect.gen(function* () {
        const called: Array<string> = []
        yield* run(
          coroutineScope(function* (scope) {
            const job = yield* scope.launch(Effect.sleep(5))
            let removeSecond = () => {}
            yield* job.onCompletion(() => {
              called.push("first")
              removeSecond()
            })
            removeSecond = yield* job.onCompletion(() => called.push("second"))
            yield* job.join
          })
        )
        assert.deepStrictEqual(called, ["first"])
      })
    )
  })

  describe(`deep down, ${runner}`, () => {
    const deep = (depth: number, leaf: Effect.Effect<void>): Effect.Effect<void> =>
      coroutineScope(function* (scope) {
        if (depth === 0) yield* leaf
        else yield* scope.launch(deep(depth - 1, leaf))
      })
    const deepInBodies = (depth: number, leaf: Effect.Effect<void>): Effect.Effect<void> =>
      coroutineScope(function* () {
        yield* depth === 0 ? leaf : deepInBodies(depth - 1, leaf)
      })

    it.effect("scopes nested by the thousand are cancelled, each with its finalizers", () =>
      Effect.gen(function* () {
        for (const nested of [deep, deepInBodies]) {
          const { events, log } = new Trail()
          const ran = yield* run(
            Effect.gen(function* () {
              const begun = yield* Deferred.make<void>()
              const leaf = Effect.andThen(Deferred.succeed(begun, void 0), Effect.never)
              const fiber = yield* Effect.forkChild(
                nested(
                  3_000,
                  Effect.onInterrupt(leaf, () => log("leaf closed"))
                )
              )
              yield* Deferred.await(begun)
              yield* Fiber.interrupt(fiber)
            })
          )
          assert.deepStrictEqual([events.length, ran.left], [1, 0])
        }
      })
    )

    it.effect("a failure three thousand jobs down brings all of them down, and has a path", () =>
      Effect.gen(function* () {
        const ran = yield* run(
          coroutineScope(function* (scope) {
            const down = (depth: number): Effect.Effect<unknown, Broken, any> =>
              depth === 0
                ? Effect.andThen(Effect.yieldNow, new Broken({ part: "leaf" }))
                : Effect.andThen(scope.launch(down(depth - 1)), Effect.never)
            yield* scope.launch(down(3_000) as Effect.Effect<unknown, Broken>)
          })
        )
        const [failure] = Exit.isFailure(ran.exit) ? failuresOf(ran.exit.cause) : []
        assert.deepStrictEqual([failure?.job.split(" / ").length, ran.left], [3_002, 0])
      })
    )
  })

  describe(`a long-lived supervisor, ${runner}`, () => {
    it.effect("may be closed from its own onFailure, which then sees its own job's path", () =>
      Effect.gen(function* () {
        const ran = yield* run(
          Effect.scoped(
            Effect.gen(function* () {
              const closing = yield* Deferred.make<Effect.Effect<void>>()
              const supervisor = yield* Supervisor.make({
                name: "S",
                onFailure: (_: Broken) => Effect.flatten(Deferred.await(closing))
              })
              yield* Deferred.succeed(closing, supervisor.close)
              yield* supervisor.launch(Effect.andThen(Effect.yieldNow, new Broken({ part: "x" })))
              yield* Effect.sleep(5)
              return (yield* Effect.flip(supervisor.launch(Effect.void)))._tag
            })
          )
        )
        assert.deepStrictEqual([ran.exit, ran.left], [Exit.succeed("ScopeClosed"), 0])
      })
    )

    it.effect("dies with the defect of the boundary's hook, and says at once when it was a job's", () =>
      Effect.gen(function* () {
        const { hearing, jobs } = heard()
        const ran = yield* run(
          Effect.scoped(
            Effect.gen(function* () {
              const supervisor = yield* Supervisor.make({ name: "S" })
              const job = yield* supervisor.launch(Effect.void, { name: "job" })
              yield* job.join
              assert.deepStrictEqual(jobs, ["S / job"])
            })
          ).pipe(
            Effect.provideService(ScopeBoundary, ({ path }) => Effect.die(`hook of ${path}`)),
            hearing
          )
        )
        assert.deepStrictEqual(Exit.isFailure(ran.exit) && Cause.squash(ran.exit.cause), "hook of S")
      })
    )
  })
}
