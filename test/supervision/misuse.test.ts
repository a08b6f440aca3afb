/**
 * Launching where the types would lie, or where nobody would wait, is a defect that says what to write instead.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit } from "effect"
import { coroutineScope, type CoroutineScope, supervisorScope, type SupervisorScope } from "firebreak/supervision"

const defectOf = (exit: Exit.Exit<unknown, unknown>): string =>
  Exit.isFailure(exit) && Cause.hasDies(exit.cause)
    ? String(Cause.squash(exit.cause)).replace(/^LaunchRefused: /, "")
    : exit._tag

/** What a launch comes to when it is run where no scope takes its mark away; the programs here are wrong on purpose. */
const misplaced = (launch: Effect.Effect<unknown, never, any>) => launch as Effect.Effect<unknown>

describe("launching", () => {
  it.effect("on an outer scope's handle from inside an inner scope, in the story or in a job of it", () =>
    Effect.gen(function* () {
      const fromStory = coroutineScope(
        function* (outer) {
          yield* coroutineScope(
            function* () {
              yield* outer.launch(Effect.void)
            },
            { name: "inner" }
          )
        },
        { name: "outer" }
      )
      const fromJob = coroutineScope(
        function* (outer) {
          yield* supervisorScope(
            function* (inner) {
              const job = yield* inner.async(outer.async(Effect.void), { name: "job" })
              yield* job.await
            },
            { name: "inner" }
          )
        },
        { name: "outer" }
      )
      const advice = "open the inner work with its own scope's handle, or launch before the inner scope opens"
      assert.deepStrictEqual(
        [defectOf(yield* Effect.exit(fromStory)), defectOf(yield* Effect.exit(fromJob))],
        [
          `launched on "outer" from "outer / inner": ${advice}`,
          `launched on "outer" from "outer / inner / job": ${advice}`
        ]
      )
    })
  )

  it.effect("on a supervisor's handle from inside one of its jobs", () =>
    Effect.gen(function* () {
      const program = supervisorScope(function* (scope) {
        const job = yield* scope.async(scope.launch(Effect.void), { name: "job" })
        yield* job.await
      })
      assert.strictEqual(
        defectOf(yield* Effect.exit(program)),
        'launched on "supervisor" from "supervisor / job": a supervised job is not supervised inside: open a scope of its own in the job'
      )
    })
  )

  it.effect("after the scope has completed", () =>
    Effect.gen(function* () {
      const leaked: Array<CoroutineScope | SupervisorScope> = []
      yield* coroutineScope(function* (scope) {
        leaked.push(scope)
      })
      yield* supervisorScope(function* (scope) {
        leaked.push(scope)
      })
      const defects = []
      for (const scope of leaked) defects.push(defectOf(yield* Effect.exit(misplaced(scope.async(Effect.void)))))
      assert.deepStrictEqual(defects, [
        'launched on "scope" after its end: the scope has completed and waits for nobody: launch earlier, or use Supervisor.make',
        'launched on "supervisor" after its end: the scope has completed and waits for nobody: launch earlier, or use Supervisor.make'
      ])
    })
  )

  it.effect("from outside of the scope while it is open", () =>
    Effect.gen(function* () {
      const exit = yield* coroutineScope(function* (scope) {
        const elsewhere = Effect.runPromiseExit(misplaced(scope.launch(Effect.void)))
        return yield* Effect.promise(() => elsewhere)
      })
      assert.strictEqual(
        defectOf(exit),
        'launched on "scope" from outside of all scopes: launch inside the generator that received the handle, or use Supervisor.make for work that outlives it'
      )
    })
  )

  it.effect("works in a callback, in a helper, and from a fiber that the body forked", () =>
    Effect.gen(function* () {
      const helper = (scope: CoroutineScope, n: number) => scope.async(Effect.succeed(n))
      const sum = coroutineScope(function* ({ async }) {
        const scope = { async } as CoroutineScope // a handle may be taken apart
        const jobs = yield* Effect.forEach([1, 2, 3], (n) => helper(scope, n), { concurrency: 2 })
        let total = 0
        for (const job of jobs) total += yield* job.await
        return total
      })
      assert.strictEqual(yield* sum, 6)
    })
  )
})
