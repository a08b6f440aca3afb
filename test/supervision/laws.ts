/**
 * The laws of scopes. Every way of running a body obeys all of them.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Exit, Fiber, Option, Schema } from "effect"
import {
  type coroutineScope as CoroutineScopeFn,
  type AwaitJob,
  failuresOf,
  type Job,
  ScopeBoundary,
  type SupervisedJob,
  type supervisorScope as SupervisorScopeFn,
  UncaughtHandler
} from "firebreak/supervision"
import { run, Trail } from "../support/virtual.ts"

export interface Scopes {
  readonly coroutineScope: typeof CoroutineScopeFn
  readonly supervisorScope: typeof SupervisorScopeFn
}

export class Broken extends Schema.TaggedError<Broken>()("Broken", { part: Schema.String }) {}
export class Bent extends Schema.TaggedError<Bent>()("Bent", { part: Schema.String }) {}

const tagOf = (exit: Exit.Exit<unknown, any>): string =>
  Exit.isSuccess(exit)
    ? "succeeded"
    : Option.match(Cause.findErrorOption(exit.cause), {
        onSome: (error) => error._tag,
        onNone: () => (Cause.hasInterruptsOnly(exit.cause) ? "interrupted" : "died")
      })

const failedJobs = (exit: Exit.Exit<unknown, unknown>) =>
  Exit.isFailure(exit) ? failuresOf(exit.cause).map((failure) => failure.job) : []

export const lawsOf = (runner: string, { coroutineScope, supervisorScope }: Scopes): void => {
  describe(`a fail-fast scope, ${runner}`, () => {
    it.effect("gives the values of its jobs and completes when the last of them has ended", () =>
      Effect.gen(function* () {
        const { events, work } = new Trail()
        const ran = yield* run(
          coroutineScope(function* (scope) {
            const a = yield* scope.async(work("a", 20))
            yield* scope.launch(work("late", 50))
            return yield* a.await
          })
        )
        assert.deepStrictEqual(ran, { exit: Exit.succeed("a"), at: 50, left: 0 })
        assert.deepStrictEqual(events, ["20 a", "50 late"])
      })
    )

    it.effect("fails with the first failure, after the others and their finalizers have ended", () =>
      Effect.gen(function* () {
        const { events, failing, log, work } = new Trail()
        const ran = yield* run(
          coroutineScope(function* (scope) {
            yield* scope.launch(
              work("a", 100).pipe(Effect.ensuring(Effect.sleep(30).pipe(Effect.andThen(log("a closed")))))
            )
            yield* scope.launch(failing(20, new Broken({ part: "b" })), { name: "b" })
            return "unreached"
          })
        )
        assert.strictEqual(tagOf(ran.exit), "Broken")
        assert.deepStrictEqual([ran.at, ran.left], [50, 0])
        assert.deepStrictEqual(events, ["20 a cancelled", "50 a closed"])
        assert.deepStrictEqual(failedJobs(ran.exit), ["scope / b"])
      })
    )

    it.effect("stops its body where it stands when a job fails, whatever the body is doing", () =>
      Effect.gen(function* () {
        const { events, failing, work } = new Trail()
        const failsWhile = (doing: (a: Job<string>) => Generator<AwaitJob | Effect.Effect<unknown>, void>) =>
          coroutineScope(function* (scope) {
            const a = yield* scope.async(work("a", 100))
            yield* scope.launch(failing(10, new Broken({ part: "b" })))
            yield* doing(a)
            events.push("unreached")
          })
        const whiles = [
          function* (a: Job<string>) {
            yield* a.await
          },
          function* () {
            yield* Effect.sleep(50)
          },
          function* (a: Job<string>) {
            yield* Effect.sleep(1)
            yield* a.await
          },
          function* (a: Job<string>) {
            yield* a.settled
          },
          function* () {
            yield* Effect.onInterrupt(Effect.never, () => Effect.sleep(5))
          }
        ]
        for (const doing of whiles) assert.strictEqual(tagOf((yield* run(failsWhile(doing))).exit), "Broken")
        assert.deepStrictEqual(
          events.map((event) => event.replace(/^\d+ /, "")),
          whiles.map(() => "a cancelled")
        )
      })
    )

    it.effect("stops whoever launched a job that failed at once, wherever he stands", () =>
      Effect.gen(function* () {
        const { events, log } = new Trail()
        const failsAtOnce = Effect.fail(new Broken({ part: "b" }))
        const stories = [
          coroutineScope(function* (scope) {
            yield* scope.launch(failsAtOnce)
            yield* log("ran on")
          }),
          coroutineScope(function* (scope) {
            yield* log("before")
            yield* scope.launch(failsAtOnce)
            yield* log("ran on")
          }),
          coroutineScope(function* (scope) {
            yield* Effect.sleep(1)
            yield* Effect.forEach([1, 2], () => scope.launch(failsAtOnce))
            yield* log("ran on")
          }),
          coroutineScope(function* (scope) {
            yield* scope.launch(Effect.andThen(scope.launch(failsAtOnce), log("job ran on")))
          }),
          coroutineScope(function* (scope) {
            yield* Effect.uninterruptible(Effect.andThen(scope.launch(failsAtOnce), log("could not be stopped")))
            yield* log("ran on")
          })
        ]
        for (const story of stories) assert.strictEqual(tagOf((yield* run(story)).exit), "Broken")
        assert.deepStrictEqual(
          events.map((event) => event.replace(/^\d+ /, "")),
          ["before", "could not be stopped"]
        )
      })
    )

    it.effect("cancels its jobs and waits for them when its body fails", () =>
      Effect.gen(function* () {
        const { events, log } = new Trail()
        const ran = yield* run(
          coroutineScope(function* (scope) {
            yield* scope.launch(
              Effect.never.pipe(Effect.ensuring(Effect.sleep(10).pipe(Effect.andThen(log("closed")))))
            )
            yield* Effect.sleep(5)
            return yield* new Broken({ part: "body" })
          })
        )
        assert.deepStrictEqual([tagOf(ran.exit), ran.at, ran.left], ["Broken", 15, 0])
        assert.deepStrictEqual(failedJobs(ran.exit), ["scope"])
        assert.deepStrictEqual(events, ["15 closed"])
      })
    )

    it.effect("cancels its jobs and waits for them when its body throws", () =>
      Effect.gen(function* () {
        const { events, work } = new Trail()
        const ran = yield* run(
          coroutineScope(function* (scope) {
            yield* scope.launch(work("a", 10))
            throw new Error("bug")
          })
        )
        assert.deepStrictEqual([tagOf(ran.exit), ran.left, events], ["died", 0, ["0 a cancelled"]])
      })
    )

    it.effect("dies with a defect of a job", () =>
      Effect.gen(function* () {
        const ran = yield* run(
          coroutineScope(function* (scope) {
            yield* scope.launch(Effect.die("bug"))
            yield* Effect.never
          })
        )
        assert.deepStrictEqual(ran.exit._tag === "Failure" && Cause.squash(ran.exit.cause), "bug")
      })
    )

    it.effect("cancels everything and waits for it when interrupted from outside", () =>
      Effect.gen(function* () {
        const { events, log, work } = new Trail()
        const closing = (name: string) => Effect.ensuring(Effect.sleep(20).pipe(Effect.andThen(log(`${name} closed`))))
        for (const body of [Effect.never, Effect.sleep(1).pipe(Effect.andThen(Effect.never)), Effect.void]) {
          events.length = 0
          const outside = Effect.gen(function* () {
            const fiber = yield* Effect.forkChild(
              coroutineScope(function* (scope) {
                yield* scope.launch(
                  coroutineScope(function* (inner) {
                    yield* inner.launch(work("grandchild", 100).pipe(closing("grandchild")))
                  })
                )
                const job = yield* scope.launch(work("child", 100).pipe(closing("child")))
                yield* body
                yield* job.await
              }),
              { startImmediately: true }
            )
            yield* Effect.sleep(10)
            yield* Fiber.interrupt(fiber)
            yield* log("outside")
            return (yield* Fiber.await(fiber))._tag
          })
          const ran = yield* run(outside)
          assert.deepStrictEqual([ran.exit, ran.left], [Exit.succeed("Failure"), 0])
          assert.deepStrictEqual(
            events.map((event) => event.replace(/^\d+ /, "")),
            ["grandchild cancelled", "child cancelled", "grandchild closed", "child closed", "outside"]
          )
        }
      })
    )

    it.effect("counts jobs launched by jobs: their failure is the scope's, and it waits for them", () =>
      Effect.gen(function* () {
        const { events, failing, log, work } = new Trail()
        const ran = yield* run(
          coroutineScope(function* (scope) {
            yield* scope.launch(
              Effect.gen(function* () {
                yield* scope.launch(work("grandchild", 30), { name: "g" })
                yield* log("child's own part done")
              }),
              { name: "child" }
            )
          })
        )
        assert.deepStrictEqual([ran.at, events], [30, ["0 child's own part done", "30 grandchild"]])
        const failed = yield* run(
          coroutineScope(function* (scope) {
            yield* scope.launch(scope.launch(failing(10, new Broken({ part: "g" })), { name: "g" }), { name: "child" })
            yield* scope.launch(work("sibling", 100))
          })
        )
        assert.deepStrictEqual([tagOf(failed.exit), failedJobs(failed.exit)], ["Broken", ["scope / child / g"]])
      })
    )

    it.effect("keeps all failures in the order they happened, the first one catchable", () =>
      Effect.gen(function* () {
        const failsWhenCancelled = (name: string) =>
          Effect.never.pipe(Effect.onInterrupt(() => Effect.die(`${name} closing failed`)))
        const program = coroutineScope(function* (scope) {
          yield* scope.launch(failsWhenCancelled("x"), { name: "x" })
          yield* scope.launch(Effect.uninterruptible(Effect.sleep(30).pipe(Effect.andThen(new Bent({ part: "y" })))), {
            name: "y"
          })
          yield* scope.launch(Effect.sleep(10).pipe(Effect.andThen(new Broken({ part: "z" }))), { name: "z" })
        })
        const ran = yield* run(program)
        assert.deepStrictEqual(failedJobs(ran.exit), ["scope / z", "scope / x", "scope / y"])
        const caught = yield* run(Effect.catchTag(program, "Broken", (error) => Effect.succeed(error.part)))
        assert.deepStrictEqual(caught.exit, Exit.succeed("z"))
      })
    )

    it.effect("does not fail because a job was cancelled, and awaiting that job says who cancelled it", () =>
      Effect.gen(function* () {
        const { events, work } = new Trail()
        const ran = yield* run(
          coroutineScope(function* (scope) {
            const a = yield* scope.async(work("a", 50), { name: "a" })
            const b = yield* scope.async(work("b", 20))
            yield* a.cancelAndJoin
            return [yield* b.await, (yield* a.settled)._tag, yield* a.status]
          })
        )
        assert.deepStrictEqual(ran.exit, Exit.succeed(["b", "Failure", "cancelled"]))
        assert.deepStrictEqual(events, ["0 a cancelled", "20 b"])
        const awaited = yield* run(
          coroutineScope(function* (scope) {
            const a = yield* scope.async(Effect.never, { name: "a" })
            yield* a.cancel
            return yield* a.await
          })
        )
        const defect = Exit.isFailure(awaited.exit) ? Cause.squash(awaited.exit.cause) : undefined
        assert.deepInclude(defect, { _tag: "JobCancelled", job: "scope / a", by: "by scope" })
      })
    )

    it.effect("takes a job that interrupts itself for cancelled, not failed", () =>
      Effect.gen(function* () {
        const ran = yield* run(
          coroutineScope(function* (scope) {
            const a = yield* scope.launch(Effect.interrupt)
            yield* scope.launch(Effect.sleep(10))
            yield* a.join
            return yield* a.status
          })
        )
        assert.deepStrictEqual([ran.exit, ran.at], [Exit.succeed("cancelled"), 10])
      })
    )

    it.effect("cancels the jobs below a cancelled job", () =>
      Effect.gen(function* () {
        const { events, work } = new Trail()
        const ran = yield* run(
          coroutineScope(function* (scope) {
            const parent = yield* scope.launch(
              Effect.gen(function* () {
                yield* scope.launch(work("below", 50))
                return yield* Effect.never
              })
            )
            yield* Effect.sleep(5)
            const children = yield* parent.children
            yield* parent.cancelAndJoin
            return [children.map((job) => job.path), yield* parent.children, yield* scope.children]
          })
        )
        assert.deepStrictEqual(ran.exit, Exit.succeed([["scope / launch#1 / launch#1"], [], []]))
        assert.deepStrictEqual(events, ["5 below cancelled"])
      })
    )

    it.effect("launches nothing any more once it is failing", () =>
      Effect.gen(function* () {
        const { events, failing, log } = new Trail()
        const ran = yield* run(
          coroutineScope(function* (scope) {
            yield* scope.launch(failing(10, new Broken({ part: "b" })))
            yield* Effect.uninterruptible(
              Effect.gen(function* () {
                yield* Effect.sleep(20)
                const late = yield* scope.launch(log("late"))
                yield* log(`late job ${yield* late.status}`)
              })
            )
          })
        )
        assert.deepStrictEqual([tagOf(ran.exit), events], ["Broken", ["20 late job cancelled"]])
      })
    )

    it.effect("can be opened thousands deep, and a thousand jobs can end or fail at once", () =>
      Effect.gen(function* () {
        const nested = (depth: number): Effect.Effect<number> =>
          coroutineScope(function* (scope) {
            if (depth === 0) return 0
            const inner = yield* scope.async(nested(depth - 1))
            return 1 + (yield* inner.await)
          })
        assert.strictEqual(yield* nested(2_000), 2_000)
        const gate = yield* Deferred.make<void, Broken>()
        const crowd = coroutineScope(function* (scope) {
          for (let i = 0; i < 1_000; i++) yield* scope.launch(Effect.uninterruptible(Deferred.await(gate)))
          yield* Deferred.fail(gate, new Broken({ part: "gate" }))
        })
        const ran = yield* run(crowd)
        assert.deepStrictEqual([tagOf(ran.exit), failedJobs(ran.exit).length, ran.left], ["Broken", 1_000, 0])
      })
    )

    it.effect("hears every failure once, and reports none that it fails with", () =>
      Effect.gen(function* () {
        const reported: Array<string> = []
        const ran = yield* run(
          coroutineScope(function* (scope) {
            yield* scope.launch(Effect.die("one"))
            yield* scope.launch(Effect.die("two"))
          }).pipe(Effect.provideService(UncaughtHandler, ({ job }) => Effect.sync(() => void reported.push(job))))
        )
        assert.deepStrictEqual([failedJobs(ran.exit), reported], [["scope / launch#1"], []])
      })
    )

    it.effect("runs the boundary's hook for each job and scope when it has settled, before it completes", () =>
      Effect.gen(function* () {
        const { events, failing, log, work } = new Trail()
        const program = coroutineScope(function* (scope) {
          yield* scope.launch(work("a", 100), { name: "a" })
          yield* scope.launch(failing(10, new Broken({ part: "b" })), { name: "b" })
        }).pipe(
          Effect.catchTag("Broken", () => log("caught")),
          Effect.provideService(ScopeBoundary, ({ exit, path }) =>
            Effect.sleep(5).pipe(Effect.andThen(log(`${path}: ${exit._tag}`)))
          )
        )
        const ran = yield* run(program)
        assert.strictEqual(ran.at, 20)
        assert.deepStrictEqual(events, [
          "10 a cancelled",
          "15 scope / a: Failure",
          "15 scope / b: Failure",
          "20 scope: Failure",
          "20 caught"
        ])
      })
    )
  })

  describe(`the boundary's hook, ${runner}`, () => {
    const dyingAt =
      (place: string) =>
      ({ path }: { readonly path: string }) =>
        path === place ? Effect.die(`hook of ${place}`) : Effect.void

    it.effect("makes a failure of a job, and so of its fail-fast scope, when it dies there", () =>
      Effect.gen(function* () {
        const { events, work } = new Trail()
        const ran = yield* run(
          coroutineScope(function* (scope) {
            yield* scope.launch(work("a", 10), { name: "a" })
            yield* scope.launch(work("b", 50), { name: "b" })
          }).pipe(Effect.provideService(ScopeBoundary, dyingAt("scope / a")))
        )
        assert.deepStrictEqual([tagOf(ran.exit), failedJobs(ran.exit), ran.at], ["died", ["scope / a"], 10])
        assert.deepStrictEqual(events, ["10 a", "10 b cancelled"])
      })
    )

    it.effect("makes the scope fail when it dies there, and is told that a cancelled scope was cancelled", () =>
      Effect.gen(function* () {
        const ran = yield* run(
          coroutineScope(function* (scope) {
            yield* scope.launch(Effect.sleep(10))
          }).pipe(Effect.provideService(ScopeBoundary, dyingAt("scope")))
        )
        assert.deepStrictEqual([tagOf(ran.exit), failedJobs(ran.exit)], ["died", ["scope"]])
        const told: Array<string> = []
        yield* run(
          Effect.gen(function* () {
            const fiber = yield* Effect.forkChild(
              coroutineScope(function* (scope) {
                yield* scope.launch(Effect.never)
              }),
              { startImmediately: true }
            )
            yield* Effect.sleep(5)
            yield* Fiber.interrupt(fiber)
          }).pipe(
            Effect.provideService(ScopeBoundary, ({ exit, path }) =>
              Effect.sync(() => void told.push(`${path} ${tagOf(exit)}`))
            )
          )
        )
        assert.deepStrictEqual(told, ["scope / launch#1 interrupted", "scope interrupted"])
      })
    )
  })

  describe(`a supervisor, ${runner}`, () => {
    it.effect("goes on when a job fails, and hands the failure to whoever awaits it", () =>
      Effect.gen(function* () {
        const { events, failing, work } = new Trail()
        const ran = yield* run(
          supervisorScope(function* (scope) {
            const a = yield* scope.async(failing(10, new Broken({ part: "a" })))
            const b = yield* scope.async(work("b", 50))
            const first = yield* a.await.pipe(Effect.catchTag("Broken", (error) => Effect.succeed(`no ${error.part}`)))
            return [first, yield* b.await]
          })
        )
        assert.deepStrictEqual(ran, { exit: Exit.succeed(["no a", "b"]), at: 50, left: 0 })
        assert.deepStrictEqual(events, ["50 b"])
      })
    )

    it.effect("cancels its jobs when an await is not handled: the failure is then the body's", () =>
      Effect.gen(function* () {
        const { events, failing, work } = new Trail()
        const bodies = [
          (a: SupervisedJob<never, Broken>) => a.await,
          (a: SupervisedJob<never, Broken>) => Effect.andThen(Effect.sleep(1), a.await)
        ]
        for (const body of bodies) {
          events.length = 0
          const ran = yield* run(
            supervisorScope(function* (scope) {
              const a = yield* scope.async(failing(10, new Broken({ part: "a" })))
              yield* scope.async(work("b", 50))
              yield* body(a)
            })
          )
          assert.deepStrictEqual([tagOf(ran.exit), events.length], ["Broken", 1])
        }
      })
    )

    it.effect("tells onFailure once, in the job, before the job has ended", () =>
      Effect.gen(function* () {
        const { events, failing, log } = new Trail()
        yield* run(
          supervisorScope(function* (scope) {
            const a = yield* scope.launch(failing(10, new Broken({ part: "a" })), {
              onFailure: (error) => Effect.sleep(5).pipe(Effect.andThen(log(`told of ${error._tag}`)))
            })
            yield* a.join
            yield* log(`a ${yield* a.status}`)
          })
        )
        assert.deepStrictEqual(events, ["15 told of Broken", "15 a failed"])
      })
    )

    it.effect(
      "reports the defect of a launch, and the failure that nobody awaited, once each; never a cancellation",
      () =>
        Effect.gen(function* () {
          const { events, failing, log } = new Trail()
          const ran = yield* run(
            supervisorScope(function* (scope) {
              yield* scope.launch(Effect.sleep(10).pipe(Effect.andThen(Effect.die("bug"))), { name: "bug" })
              yield* scope.async(failing(10, new Broken({ part: "a" })), { name: "lost" })
              const seen = yield* scope.async(failing(10, new Broken({ part: "b" })), { name: "seen" })
              const gone = yield* scope.async(Effect.never, { name: "gone" })
              yield* gone.cancel
              yield* seen.settled
              yield* log("body done")
            }).pipe(Effect.provideService(UncaughtHandler, ({ job }) => log(`uncaught ${job}`)))
          )
          assert.strictEqual(ran.left, 0)
          assert.deepStrictEqual(events, [
            "10 uncaught supervisor / bug",
            "10 body done",
            "10 uncaught supervisor / lost"
          ])
        })
    )

    it.effect("is cancelled from outside like any other, also while it looks at a job that is slow to close", () =>
      Effect.gen(function* () {
        const { events, log } = new Trail()
        const outside = Effect.gen(function* () {
          const fiber = yield* Effect.forkChild(
            supervisorScope(function* (scope) {
              const slow = yield* scope.async(
                Effect.never.pipe(Effect.ensuring(Effect.sleep(20).pipe(Effect.andThen(log("closed")))))
              )
              yield* Effect.sleep(1)
              yield* slow.settled
            }),
            { startImmediately: true }
          )
          yield* Effect.sleep(10)
          yield* Fiber.interrupt(fiber)
        })
        const ran = yield* run(outside)
        assert.deepStrictEqual([ran.at, ran.left, events], [30, 0, ["30 closed"]])
      })
    )

    it.effect("supervises one level deep: a scope inside a job fails as a whole", () =>
      Effect.gen(function* () {
        const { events, failing, work } = new Trail()
        const ran = yield* run(
          supervisorScope(function* (scope) {
            const inner = yield* scope.async(
              coroutineScope(function* (inner) {
                yield* inner.launch(failing(10, new Broken({ part: "x" })))
                yield* inner.launch(work("cousin", 50))
              })
            )
            yield* scope.launch(work("sibling", 30))
            return tagOf(yield* inner.settled)
          })
        )
        assert.deepStrictEqual(ran.exit, Exit.succeed("Broken"))
        assert.deepStrictEqual(events, ["10 cousin cancelled", "30 sibling"])
      })
    )
  })
}
