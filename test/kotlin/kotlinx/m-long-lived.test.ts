/**
 * Tests of kotlinx.coroutines, section M: parents and their jobs.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { coroutineScope } from "firebreak/supervision"
import { after, story } from "../rules/story.ts"

it.effect("DispatcherGuideTest:testExampleContext07 a parent waits for jobs that nobody joins", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const request = coroutineScope(function* (own) {
          for (let i = 0; i < 3; i++) {
            yield* own.launch(Effect.andThen(after((i + 1) * 200), log(`Coroutine ${i} is done`)))
          }
          yield* log("request: I'm done and I don't explicitly join my children that are still active")
        })
        const job = yield* scope.launch(request)
        yield* job.join
        yield* log("Now processing of the request is complete")
      })
    )
    assert.deepStrictEqual(trail, [
      "[0] request: I'm done and I don't explicitly join my children that are still active",
      "[200] Coroutine 0 is done",
      "[400] Coroutine 1 is done",
      "[600] Coroutine 2 is done",
      "[600] Now processing of the request is complete",
      "[600] succeeds"
    ])
  })
)
