/**
 * Tests of kotlinx.coroutines, section N: waiting for several jobs.
 */
import { it } from "@effect/vitest"
import { Effect } from "effect"
import { awaitAll, coroutineScope, joinAll, supervisorScope } from "firebreak/supervision"
import { after, fail1, forever, story } from "../rules/story.ts"
import { assertOrder } from "./order.ts"

it.effect("AwaitTest:testAwaitAll the values come in the order of the jobs, whichever ended first", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const slow = yield* scope.async(after(10).pipe(Effect.andThen(log("slow")), Effect.as(1)))
        const fast = yield* scope.async(Effect.yieldNow.pipe(Effect.andThen(log("fast")), Effect.as("OK")))
        yield* log("body")
        const values = yield* awaitAll([slow, fast])
        yield* log(`${yield* slow.status} ${yield* fast.status}`)
        return values
      })
    )
    assertOrder(trail, 'succeeds [1,"OK"]', ["body", "fast", "slow", "succeeded succeeded"])
  })
)

it.effect("AwaitTest:testAwaitAllExceptionally it fails as soon as one of them does, and the others run on", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const done = yield* scope.async(Effect.as(log("first"), "OK"))
        const failing = yield* scope.async(Effect.andThen(Effect.yieldNow, fail1))
        const running = yield* scope.async(Effect.andThen(log("third"), forever))
        yield* log("body")
        yield* awaitAll([done, running, failing]).pipe(Effect.catchTag("E1", () => log("caught")))
        yield* log(`${yield* done.status} ${yield* failing.status} ${yield* running.status}`)
        yield* running.cancel
      })
    )
    assertOrder(
      trail,
      "succeeds",
      ["body", "caught", "succeeded failed running"],
      ["first", "caught"],
      ["third", "caught"]
    )
  })
)

it.effect("AwaitTest:testAwaitAllPartiallyCompletedExceptionally one that has failed already fails it at once", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const failed = yield* scope.async(Effect.andThen(log("first fails"), fail1))
        const running = yield* scope.async(after(10).pipe(Effect.andThen(log("second ends")), Effect.as("OK")))
        yield* awaitAll([running, failed]).pipe(Effect.catchTag("E1", () => log("caught")))
        yield* log(yield* running.status)
        yield* log(yield* running.await)
      })
    )
    assertOrder(trail, "succeeds", ["first fails", "caught", "running", "second ends", "OK"])
  })
)

it.effect("AwaitTest:testJoinAllExceptionally joinAll waits for all of them and fails with none", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const first = yield* scope.launch(Effect.andThen(Effect.yieldNow, log("first")))
        const failing = yield* scope.launch(Effect.andThen(after(5), fail1), { onFailure: () => log("second fails") })
        const last = yield* scope.async(Effect.andThen(after(10), log("third")))
        yield* joinAll([first, failing, last])
        yield* log(`${yield* first.status} ${yield* failing.status} ${yield* last.status}`)
      })
    )
    assertOrder(trail, "succeeds", ["first", "second fails", "third", "succeeded failed succeeded"])
  })
)
