/**
 * Tests of kotlinx.coroutines, section O: the first of several. There is no `select`: Effect's races over awaits are it.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { supervisorScope } from "firebreak/supervision"
import { after, forever, story } from "../rules/story.ts"

it.effect("SelectDeferredTest:testSelectTwo the first that is ready wins, and the other clause does not run", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const slow = yield* scope.async(Effect.as(after(20), "slow"))
        const fast = yield* scope.async(Effect.as(after(10), "fast"))
        const clause = (name: string) => Effect.tap(Effect.succeed(name), () => log(`clause ${name}`))
        const winner = yield* Effect.raceAllFirst([
          Effect.flatMap(slow.await, clause),
          Effect.flatMap(fast.await, clause)
        ])
        yield* log(`${winner} won, slow ${yield* slow.status}`)
      })
    )
    assert.deepStrictEqual(trail, ["[10] clause fast", "[10] fast won, slow running", "[20] succeeds"])
  })
)

// Differs: awaiting what was cancelled is a defect, which says which job it was, and not a cancellation of the awaiter.
it.effect("SelectDeferredTest:testSelectCancel a cancelled job ends the race loudly", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const cancelled = yield* scope.async(forever)
        yield* cancelled.cancel
        const clause = Effect.andThen(cancelled.await, log("unreachable"))
        yield* Effect.raceAllFirst([clause, Effect.andThen(after(10), log("unreachable too"))])
      })
    )
    assert.deepStrictEqual(trail, ["[0] dies JobCancelled"])
  })
)

it.effect("SelectBiasTest:testBiased of those that are ready the first listed wins, always", () =>
  Effect.gen(function* () {
    const rounds = 1000
    const trail = yield* story(() =>
      supervisorScope(function* (scope) {
        const first = yield* scope.async(Effect.succeed(0))
        const second = yield* scope.async(Effect.succeed(1))
        let seconds = 0
        for (let n = 0; n < rounds; n++) seconds += yield* Effect.raceAllFirst([first.await, second.await])
        return `${rounds - seconds} to ${seconds}`
      })
    )
    assert.deepStrictEqual(trail, ["[0] succeeds 1000 to 0"])
  })
)

it.effect("SelectGuideTest:testExampleSelect04 the losers are still running", () =>
  Effect.gen(function* () {
    const times = [734, 560, 891, 343, 128, 412, 660, 275, 999, 505, 187, 820]
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const list = yield* Effect.forEach(times, (time) =>
          scope.async(Effect.as(after(time), `Waited for ${time} ms`))
        )
        const result = yield* Effect.raceAllFirst(
          list.map((job, index) => Effect.map(job.await, (answer) => `Deferred ${index} produced answer '${answer}'`))
        )
        yield* log(result)
        yield* log(`${(yield* scope.children).length} coroutines are still active`)
        yield* scope.cancelChildren
      })
    )
    assert.deepStrictEqual(trail, [
      "[128] Deferred 4 produced answer 'Waited for 128 ms'",
      "[128] 11 coroutines are still active",
      "[128] succeeds"
    ])
  })
)
