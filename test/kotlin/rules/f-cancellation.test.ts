/**
 * Kotlin's rules, section F: cancellation.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { coroutineScope, supervisorScope } from "firebreak/supervision"
import { after, forever, story } from "./story.ts"

it.effect(
  "differs R46: cancel does not wait, but what the job's finalizer does at once, it has done when cancel returns",
  () =>
    Effect.gen(function* () {
      const trail = yield* story((log) =>
        coroutineScope(function* (scope) {
          const finalizer = log("finalizer begins").pipe(
            Effect.andThen(after(10)),
            Effect.andThen(log("finalizer ends"))
          )
          const job = yield* scope.launch(forever.pipe(Effect.ensuring(finalizer)))
          yield* job.cancel
          yield* log(`cancel returned: ${yield* job.status}`)
          yield* job.join
          yield* log(yield* job.status)
        })
      )
      assert.deepStrictEqual(trail, [
        "[0] finalizer begins",
        "[0] cancel returned: cancelling",
        "[10] finalizer ends",
        "[10] cancelled",
        "[10] succeeds"
      ])
    })
)

it.effect("R47 cancellation goes down to all descendants", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const grandchild = scope.launch(forever.pipe(Effect.ensuring(log("grandchild"))))
        const child = scope.launch(Effect.andThen(grandchild, forever).pipe(Effect.ensuring(log("child"))))
        const inner = coroutineScope(function* (own) {
          yield* own.launch(forever.pipe(Effect.ensuring(log("in an inner scope"))))
        })
        const job = yield* scope.launch(Effect.andThen(child, inner))
        yield* after(10)
        yield* job.cancelAndJoin
        yield* log("all ended")
      })
    )
    assert.deepStrictEqual([...trail.slice(0, 3)].toSorted(), [
      "[10] child",
      "[10] grandchild",
      "[10] in an inner scope"
    ])
    assert.deepStrictEqual(trail.slice(3), ["[10] all ended", "[10] succeeds"])
  })
)

it.effect("R48 cancelling a job affects neither its scope nor its siblings", () =>
  Effect.gen(function* () {
    const failFast = yield* story((log) =>
      coroutineScope(function* (scope) {
        const job = yield* scope.launch(forever)
        yield* scope.launch(after(50).pipe(Effect.andThen(log("sibling"))))
        yield* job.cancelAndJoin
        yield* log("the body goes on")
      })
    )
    const supervised = yield* story((log) =>
      supervisorScope(function* (scope) {
        const job = yield* scope.launch(forever)
        yield* scope.launch(after(50).pipe(Effect.andThen(log("sibling"))))
        yield* job.cancelAndJoin
        yield* log("the body goes on")
      })
    )
    assert.deepStrictEqual(failFast, ["[0] the body goes on", "[50] sibling", "[50] succeeds"])
    assert.deepStrictEqual(supervised, failFast)
  })
)

it.effect(
  "differs R49: cancellation also lands between two steps that do not suspend; only plain JavaScript runs on",
  () =>
    Effect.gen(function* () {
      const steps = { effects: 0, javascript: 0 }
      const trail = yield* story((log) =>
        coroutineScope(function* (scope) {
          const inSteps = yield* scope.launch(
            Effect.gen(function* () {
              for (let step = 0; step < 100_000; step++) yield* Effect.sync(() => steps.effects++)
            })
          )
          const inJavaScript = yield* scope.launch(
            Effect.andThen(
              Effect.yieldNow,
              Effect.sync(() => {
                // Asked to end in the middle: nothing in here can hear of it.
                Effect.runFork(inJavaScript.cancel)
                for (let step = 0; step < 100_000; step++) steps.javascript++
              })
            ).pipe(Effect.andThen(log("unreachable")))
          )
          yield* inSteps.cancelAndJoin
          yield* inJavaScript.join
          yield* log(`${yield* inSteps.status} ${yield* inJavaScript.status}`)
        })
      )
      assert.deepStrictEqual(trail, ["[0] cancelled cancelled", "[0] succeeds"])
      assert.isBelow(steps.effects, 100_000)
      assert.strictEqual(steps.javascript, 100_000)
    })
)

it.effect("differs R50: yieldNow is the check point of long synchronous work; there is no isActive to ask", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const job = yield* scope.launch(
          Effect.gen(function* () {
            for (const step of [1, 2, 3]) {
              yield* log(`step ${step}`)
              yield* Effect.yieldNow
            }
          })
        )
        yield* job.cancelAndJoin
        yield* log(`${yield* job.status} ${"isActive" in job}`)
      })
    )
    assert.deepStrictEqual(trail, ["[0] step 1", "[0] cancelled false", "[0] succeeds"])
  })
)

it.effect("differs R51: nothing that catches can see a cancellation, so no code runs on in a cancelled job", () =>
  Effect.gen(function* () {
    const swallowed: ReadonlyArray<Effect.Effect<unknown>> = [
      forever.pipe(Effect.catchCause(() => Effect.void)),
      forever.pipe(Effect.catchDefect(() => Effect.void)),
      forever.pipe(Effect.ignoreCause),
      Effect.exit(forever),
      Effect.result(forever)
    ]
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        for (const swallowing of swallowed) {
          const job = yield* scope.launch(Effect.andThen(swallowing, log("unreachable")))
          yield* job.cancelAndJoin
          yield* log(yield* job.status)
        }
      })
    )
    assert.deepStrictEqual(trail, [...swallowed.map(() => "[0] cancelled"), "[0] succeeds"])
  })
)

it.effect("R52 cancelAndJoin returns after the job's finalizers and its own jobs have ended", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const slow = (name: string, millis: number) =>
          forever.pipe(Effect.ensuring(after(millis).pipe(Effect.andThen(log(name)))))
        const job = yield* scope.launch(Effect.andThen(scope.launch(slow("child", 20)), slow("job", 10)))
        yield* job.cancelAndJoin
        yield* log("returned")
      })
    )
    assert.deepStrictEqual(trail, ["[10] job", "[20] child", "[20] returned", "[20] succeeds"])
  })
)

it.effect("R53 cancelChildren cancels the jobs and leaves the scope usable", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        yield* scope.launch(forever.pipe(Effect.ensuring(log("first cancelled"))))
        yield* scope.cancelChildren
        yield* scope.launch(after(10).pipe(Effect.andThen(log("second runs"))))
      })
    )
    assert.deepStrictEqual(trail, ["[0] first cancelled", "[10] second runs", "[10] succeeds"])
  })
)

it.effect("differs R54: a cancellation has no message; who asked first is kept, and JobCancelled names them", () =>
  Effect.gen(function* () {
    const who: Array<string> = []
    const trail = yield* story(() =>
      supervisorScope(function* (scope) {
        const job = yield* scope.async(forever.pipe(Effect.ensuring(after(10))))
        yield* scope.launch(job.cancel, { name: "first" })
        yield* scope.launch(job.cancel, { name: "second" })
        yield* job.await.pipe(
          Effect.catchDefect((defect) => Effect.sync(() => who.push((defect as { readonly by: string }).by)))
        )
      })
    )
    assert.deepStrictEqual(trail, ["[10] succeeds"])
    assert.deepStrictEqual(who, ["by supervisor / first"])
  })
)

it.effect("differs R55: a callback that answers a cancelled wait is ignored, and so is a second answer", () =>
  Effect.gen(function* () {
    const answers: Array<(effect: Effect.Effect<string>) => void> = []
    const asking = Effect.callback<string>((resume) => {
      answers.push(resume)
    })
    const trail = yield* story((log) =>
      coroutineScope(function* (scope) {
        const cancelled = yield* scope.async(asking)
        yield* cancelled.cancelAndJoin
        answers[0]!(Effect.succeed("too late"))
        yield* log(yield* cancelled.status)
        const answered = yield* scope.async(asking)
        answers[1]!(Effect.succeed("first"))
        answers[1]!(Effect.succeed("second"))
        return yield* answered.await
      })
    )
    assert.deepStrictEqual(trail, ["[0] cancelled", "[0] succeeds first"])
  })
)
