/**
 * Tests of kotlinx.coroutines, section C: supervision.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { coroutineScope, joinAll, Supervisor, supervisorScope } from "firebreak/supervision"
import { after, type E1, type E2, ending, fail1, fail2, forever, story } from "../rules/story.ts"
import { assertOrder } from "./order.ts"

it.effect(
  "SupervisorTest:testSupervisorJob two jobs fail, both are reported, and the supervisor is none the worse",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        Effect.gen(function* () {
          const supervisor = yield* Supervisor.make({
            name: "supervisor",
            onFailure: (error: E1 | E2) => log(`told ${error._tag}`)
          })
          const first = yield* supervisor.launch(
            Effect.gen(function* () {
              yield* log("first")
              yield* after(10)
              yield* log("first again")
              return yield* fail1
            })
          )
          const second = yield* supervisor.launch(Effect.andThen(log("second"), fail2))
          yield* joinAll([first, second])
          yield* log(`${yield* first.status} ${yield* second.status}`)
          yield* supervisor.launch(log("the supervisor goes on"))
        }).pipe(Effect.scoped)
      )
      assertOrder(
        trail,
        "succeeds",
        ["first", "first again", "told E1", "failed failed", "the supervisor goes on"],
        ["first", "second", "told E2", "told E1"]
      )
    })
)

it.effect("SupervisorTest:testSupervisorScope two jobs fail, and the body's value is the scope's", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        yield* scope.launch(fail1, { onFailure: (error) => log(`told ${error._tag}`) })
        yield* scope.launch(fail2, { onFailure: (error) => log(`told ${error._tag}`) })
        return "OK"
      })
    )
    assert.deepStrictEqual(trail, ["[0] told E1", "[0] told E2", "[0] succeeds OK"])
  })
)

it.effect("SupervisorTest:testSupervisorScopeIsolation a sibling stays alive when a job fails", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const sibling = yield* scope.launch(
          Effect.andThen(log("sibling"), forever).pipe(Effect.ensuring(log("sibling's finalizer")))
        )
        const failing = yield* scope.async(Effect.andThen(log("failing"), fail2))
        yield* failing.join
        yield* log(`${yield* failing.status}, sibling ${yield* sibling.status}`)
        yield* sibling.cancelAndJoin
        yield* log(yield* sibling.status)
        yield* failing.settled
      })
    )
    assertOrder(
      trail,
      "succeeds",
      ["sibling", "failed, sibling running", "sibling's finalizer", "cancelled"],
      ["failing", "failed, sibling running"]
    )
  })
)

it.effect("SupervisorTest:testSupervisorScopeExternalCancellation a cancellation from outside reaches the jobs", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (outer) {
        const supervised = supervisorScope(function* (scope) {
          yield* scope.launch(Effect.andThen(log("job"), forever).pipe(Effect.ensuring(log("job's finalizer"))))
          yield* log("body")
          yield* forever
        })
        const job = yield* outer.launch(Effect.ensuring(supervised, log("supervisor has ended")))
        yield* after(10)
        yield* job.cancelAndJoin
        yield* log("joined")
      })
    )
    assertOrder(
      trail,
      "succeeds",
      ["job", "job's finalizer", "supervisor has ended", "joined"],
      ["body", "job's finalizer"]
    )
  })
)

// Differs: a supervisor cannot be failed from outside, only closed, and who awaits a job of it then meets a loud defect.
it.effect(
  "SupervisorTest:testAsyncCancellation ending the supervisor ends its jobs, and awaiting one of them says so",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        Effect.gen(function* () {
          const supervisor = yield* Supervisor.make({ name: "supervisor" })
          const job = yield* supervisor.launch(Effect.andThen(log("job"), forever))
          yield* supervisor.close
          yield* log(`${yield* job.status}: ${ending(yield* Effect.exit(job.await))}`)
        }).pipe(Effect.scoped)
      )
      assert.deepStrictEqual(trail, ["[0] job", "[0] cancelled: dies JobCancelled", "[0] succeeds"])
    })
)

it.effect("SupervisorTest:testSupervisorWithParentCancelNormally cancelling a supervisor does not go up", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (outer) {
        const supervised = supervisorScope(function* (scope) {
          yield* scope.launch(forever)
        })
        const job = yield* outer.launch(supervised)
        yield* job.cancelAndJoin
        yield* log(yield* job.status)
        yield* after(10)
        yield* log("parent goes on")
      })
    )
    assert.deepStrictEqual(trail, ["[0] cancelled", "[10] parent goes on", "[10] succeeds"])
  })
)

it.effect("SupervisorTest:testSupervisorJobCancellationException a cancelled job never reaches the handler", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const job = yield* scope.launch(
          log("job").pipe(
            Effect.andThen(forever),
            Effect.andThen(fail1),
            Effect.onInterrupt(() => log("job's finalizer"))
          ),
          { onFailure: () => log("unreachable") }
        )
        yield* after(10)
        yield* log("body")
        yield* job.cancelAndJoin
        yield* log("joined")
      })
    )
    assertOrder(trail, "succeeds", ["job", "body", "job's finalizer", "joined"])
  })
)

it.effect(
  "ParentCancellationTest:testSupervisorChild what fails below a supervised job goes to the job's handler",
  () =>
    Effect.gen(function* () {
      const below = (inner: Effect.Effect<never, E1>) =>
        story((log) =>
          supervisorScope(function* (scope) {
            const child = coroutineScope(function* (own) {
              yield* own.launch(inner)
            })
            yield* scope.launch(child, { onFailure: (error) => log(`handler ${error._tag}`) })
            yield* after(10)
            yield* log("supervisor goes on")
          })
        )
      assert.deepStrictEqual(yield* below(fail1), ["[0] handler E1", "[10] supervisor goes on", "[10] succeeds"])
      assert.deepStrictEqual(yield* below(Effect.interrupt), ["[10] supervisor goes on", "[10] succeeds"])
    })
)

it.effect(
  "ExceptionsGuideTest:testExampleSupervision02 a failing body cancels the jobs and is rethrown after them",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        supervisorScope(function* (scope) {
          yield* scope.launch(
            Effect.andThen(log("The child is sleeping"), forever).pipe(Effect.ensuring(log("The child is cancelled")))
          )
          yield* Effect.yieldNow
          yield* log("Throwing an exception from the scope")
          return yield* fail1
        }).pipe(Effect.catchTag("E1", () => log("Caught an assertion error")))
      )
      assertOrder(trail, "succeeds", [
        "The child is sleeping",
        "Throwing an exception from the scope",
        "The child is cancelled",
        "Caught an assertion error"
      ])
    })
)
