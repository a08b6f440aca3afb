import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Schema, Scope } from "effect"
import { coroutineScope, ScopeClosed, Supervisor, UncaughtHandler } from "firebreak/supervision"
import { run, Trail } from "../support/virtual.ts"

class SyncFailed extends Schema.TaggedError<SyncFailed>()("SyncFailed", { attempt: Schema.Number }) {}

describe("a long-lived supervisor", () => {
  it.effect("tells onFailure of each failing job, and lives on", () =>
    Effect.gen(function* () {
      const { events, failing, log, work } = new Trail()
      const ran = yield* run(
        Effect.scoped(
          Effect.gen(function* () {
            const sync = yield* Supervisor.make({
              name: "sync",
              onFailure: (error: SyncFailed) => log(`attempt ${error.attempt} failed`)
            })
            const first = yield* sync.launch(failing(10, new SyncFailed({ attempt: 1 })))
            yield* first.join
            const second = yield* sync.launch(work("second", 10))
            return [yield* first.status, yield* second.await]
          })
        )
      )
      assert.deepStrictEqual(ran.exit, Exit.succeed(["failed", "second"]))
      assert.deepStrictEqual([events, ran.left], [["10 attempt 1 failed", "20 second"], 0])
    })
  )

  it.effect("cancels its jobs when its scope ends, waits for them, and refuses what comes later", () =>
    Effect.gen(function* () {
      const { events, log, work } = new Trail()
      const ran = yield* run(
        Effect.gen(function* () {
          const scope = yield* Scope.make()
          const sync = yield* Scope.provide(Supervisor.make({ name: "sync" }), scope)
          const job = yield* sync.launch(work("late", 100).pipe(Effect.ensuring(Effect.sleep(20))))
          yield* Effect.sleep(10)
          yield* Scope.close(scope, Exit.void)
          yield* log(`closed, job ${yield* job.status}`)
          return yield* Effect.flip(sync.launch(log("never")))
        })
      )
      assert.deepStrictEqual(ran.exit, Exit.succeed(new ScopeClosed({ scope: "sync" })))
      assert.deepStrictEqual(events, ["10 late cancelled", "30 closed, job cancelled"])
    })
  )

  it.effect("is closed once however many close it, also from one of its own jobs", () =>
    Effect.gen(function* () {
      const { events, log } = new Trail()
      const ran = yield* run(
        Effect.scoped(
          Effect.gen(function* () {
            const sync = yield* Supervisor.make({ name: "sync" })
            const closing = yield* Effect.forkChild(Effect.andThen(Effect.sleep(5), sync.close))
            yield* sync.launch(Effect.never.pipe(Effect.ensuring(Effect.sleep(20).pipe(Effect.andThen(log("closed"))))))
            yield* sync.launch(Effect.andThen(Effect.sleep(10), sync.close))
            yield* Fiber.join(closing)
          })
        )
      )
      assert.deepStrictEqual([ran.exit, ran.at, events], [Exit.void, 25, ["25 closed"]])
    })
  )

  it.effect("may be launched on from anywhere, also from inside a scope", () =>
    Effect.gen(function* () {
      const { events, work } = new Trail()
      const ran = yield* run(
        Effect.scoped(
          Effect.gen(function* () {
            const sync = yield* Supervisor.make({ name: "sync" })
            const job = yield* coroutineScope(function* (scope) {
              const launching = yield* scope.async(sync.launch(work("outlives the scope", 50)))
              return yield* launching.await
            })
            yield* job.join
            return job.path
          })
        )
      )
      assert.deepStrictEqual([ran.exit, events], [Exit.succeed("sync / launch#1"), ["50 outlives the scope"]])
    })
  )

  it.effect("reports the defect of a job once, and a dying onFailure besides", () =>
    Effect.gen(function* () {
      const reported: Array<string> = []
      yield* run(
        Effect.scoped(
          Effect.gen(function* () {
            const gate = yield* Deferred.make<void>()
            const sync = yield* Supervisor.make({
              name: "sync",
              onFailure: (_: SyncFailed) => Effect.die("handler's bug")
            })
            const bug = yield* sync.launch(Effect.die("bug"), { name: "bug" })
            const failing = yield* sync.launch(Effect.fail(new SyncFailed({ attempt: 1 })), { name: "failing" })
            yield* bug.join
            yield* failing.join
            yield* Deferred.succeed(gate, void 0)
          })
        ).pipe(Effect.provideService(UncaughtHandler, ({ job }) => Effect.sync(() => void reported.push(job))))
      )
      assert.deepStrictEqual(reported, ["sync / bug", "sync / failing / onFailure"])
    })
  )
})
