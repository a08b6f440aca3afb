/**
 * Kotlin's rules, section A: when a scope completes.
 */
import { assert, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { coroutineScope, supervisorScope } from "firebreak/supervision"
import { after, E1, fail1, forever, story } from "./story.ts"

it.effect("R1 a scope completes only when its body and all its descendants have", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      Effect.gen(function* () {
        yield* coroutineScope(function* (scope) {
          yield* scope.launch(scope.launch(after(50).pipe(Effect.andThen(log("c")))))
          yield* log("b")
        })
        yield* log("after")
      })
    )
    assert.deepStrictEqual(trail, ["[0] b", "[50] c", "[50] after", "[50] succeeds"])
  })
)

it.effect("R2 a job that fails after the body gave its value turns the scope into a failure", () =>
  Effect.gen(function* () {
    const trail = yield* story(() =>
      coroutineScope(function* (scope) {
        yield* scope.launch(after(50).pipe(Effect.andThen(fail1)))
        return 10
      })
    )
    assert.deepStrictEqual(trail, ["[50] fails E1"])
  })
)

it.effect("R3 a failing scope tells its caller only after all jobs and their finalizers have ended", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const slow = after(100).pipe(Effect.andThen(log("finalizer done")))
        yield* scope.launch(forever.pipe(Effect.ensuring(slow)))
        yield* scope.launch(after(25).pipe(Effect.andThen(log("fails")), Effect.andThen(fail1)))
      })
    )
    assert.deepStrictEqual(trail, ["[25] fails", "[125] finalizer done", "[125] fails E1"])
  })
)

it.effect("R4 a failing scope does not cancel its caller, who may catch and go on", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (outer) {
        const sibling = yield* outer.launch(after(50).pipe(Effect.andThen(log("sibling"))))
        const inner = coroutineScope(function* (scope) {
          yield* scope.launch(fail1)
        })
        yield* inner.pipe(Effect.catchTag("E1", () => log("caught")))
        yield* Effect.yieldNow
        yield* log(`caller goes on, sibling is ${yield* sibling.status}`)
      })
    )
    assert.deepStrictEqual(trail, [
      "[0] caught",
      "[0] caller goes on, sibling is running",
      "[50] sibling",
      "[50] succeeds"
    ])
  })
)

it.effect("R5 a failing body cancels the jobs, waits for them and is rethrown", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const slow = after(20).pipe(Effect.andThen(log("job cancelled")))
        yield* scope.launch(forever.pipe(Effect.ensuring(slow)))
        yield* after(10)
        return yield* new E1()
      })
    )
    assert.deepStrictEqual(trail, ["[30] job cancelled", "[30] fails E1"])
  })
)

it.effect("differs R6: a story that ends itself as cancelled ends there, and its caller lives", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      Effect.gen(function* () {
        const exit = yield* coroutineScope(function* (scope) {
          yield* scope.launch(forever.pipe(Effect.ensuring(log("job cancelled"))))
          yield* Effect.interrupt
          yield* log("unreachable")
        }).pipe(Effect.exit)
        yield* log(`caller sees ${exit._tag}`)
      })
    )
    assert.deepStrictEqual(trail, ["[0] job cancelled", "[0] caller sees Failure", "[0] succeeds"])
  })
)

it.effect("differs R7: in a cancelled fiber no scope opens, not even up to its first suspension", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      Effect.gen(function* () {
        for (const open of [coroutineScope, supervisorScope] as const) {
          const fiber = yield* Effect.forkChild(
            Effect.uninterruptible(after(10)).pipe(
              Effect.andThen(
                open(function* () {
                  yield* log("unreachable")
                })
              )
            ),
            { startImmediately: true }
          )
          yield* Fiber.interrupt(fiber)
          yield* log("ended")
        }
      })
    )
    assert.deepStrictEqual(trail, ["[10] ended", "[20] ended", "[20] succeeds"])
  })
)

it.effect(
  "R8 a waiter cancelled before it was resumed with a ready result does not get it, and its finalizer runs",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        supervisorScope(function* (scope) {
          const answer = yield* scope.async(after(10).pipe(Effect.as("answer")))
          const slower: Array<Effect.Effect<void>> = []
          const told = (name: string) => answer.await.pipe(Effect.flatMap((value) => log(`${name} got ${value}`)))
          // The first waiter is told first, and cancels the second before its turn comes.
          const first = told("first").pipe(Effect.andThen(Effect.suspend(() => slower[0]!)))
          yield* scope.launch(first)
          const second = yield* scope.launch(told("second").pipe(Effect.ensuring(log("second's finalizer"))))
          slower.push(second.cancel)
          yield* second.join
          yield* log(`second is ${yield* second.status}`)
        })
      )
      assert.deepStrictEqual(trail, [
        "[10] first got answer",
        "[10] second's finalizer",
        "[10] second is cancelled",
        "[10] succeeds"
      ])
    })
)

it.effect("differs R9: work that was described and never launched does not hold the scope open", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const lazy = { job: scope.launch(forever) }
        yield* log(`described ${Object.keys(lazy).length}, running ${(yield* scope.children).length}`)
      })
    )
    assert.deepStrictEqual(trail, ["[0] described 1, running 0", "[0] succeeds"])
  })
)
