import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Schema } from "effect"
import { awaitAll, coroutineScope, joinAll, supervisorScope } from "firebreak/supervision"
import { run, Trail } from "../support/virtual.ts"

class Broken extends Schema.TaggedError<Broken>()("Broken", { part: Schema.String }) {}

describe("awaitAll", () => {
  it.effect("gives the values in the order of the jobs, in both kinds of scope", () =>
    Effect.gen(function* () {
      const { work } = new Trail()
      const failFast = yield* run(
        coroutineScope(function* (scope) {
          const slow = yield* scope.async(work("slow", 50))
          const fast = yield* scope.async(Effect.succeed(1))
          const values: [string, number, string] = yield* awaitAll([slow, fast, slow])
          return values
        })
      )
      const supervised = yield* run(
        supervisorScope(function* (scope) {
          const slow = yield* scope.async(work("slow", 50))
          const fast = yield* scope.async(Effect.succeed(1))
          const values: [string, number, string] = yield* awaitAll([slow, fast, slow])
          return values
        })
      )
      assert.deepStrictEqual(
        [failFast.exit, supervised.exit],
        [Exit.succeed(["slow", 1, "slow"]), Exit.succeed(["slow", 1, "slow"])]
      )
      assert.deepStrictEqual(
        yield* supervisorScope(function* () {
          return yield* awaitAll([])
        }),
        []
      )
    })
  )

  it.effect("fails as soon as any supervised job fails, and cancels none of the others", () =>
    Effect.gen(function* () {
      const { events, failing, log, work } = new Trail()
      yield* run(
        supervisorScope(function* (scope) {
          const b = yield* scope.async(work("b", 100))
          const a = yield* scope.async(failing(50, new Broken({ part: "a" })))
          const error = yield* Effect.flip(awaitAll([b, a]))
          yield* log(`${error.part} failed, b ${yield* b.status}`)
        })
      )
      assert.deepStrictEqual(events, ["50 a failed, b running", "100 b"])
    })
  )

  it.effect("counts as looking: nothing it was asked about is reported as lost", () =>
    Effect.gen(function* () {
      const ran = yield* run(
        supervisorScope(function* (scope) {
          const jobs = yield* Effect.forEach(["a", "b"], (part) => scope.async(Effect.fail(new Broken({ part }))))
          return yield* Effect.exit(awaitAll(jobs))
        })
      )
      assert.deepStrictEqual(Exit.isSuccess(ran.exit) && Exit.isFailure(ran.exit.value), true)
    })
  )
})

describe("joinAll", () => {
  it.effect("waits for every end and never fails", () =>
    Effect.gen(function* () {
      const { failing, work } = new Trail()
      const ran = yield* run(
        supervisorScope(function* (scope) {
          const jobs = [yield* scope.async(failing(20, new Broken({ part: "a" }))), yield* scope.async(work("b", 50))]
          yield* joinAll(jobs)
          return yield* Effect.forEach(jobs, (job) => job.status)
        })
      )
      assert.deepStrictEqual([ran.exit, ran.at], [Exit.succeed(["failed", "succeeded"]), 50])
    })
  )
})
