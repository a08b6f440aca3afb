/**
 * Kotlin's rules, section K: the handler of last resort.
 */
import { assert, it } from "@effect/vitest"
import { Cause, Effect, Logger } from "effect"
import { coroutineScope, supervisorScope, UncaughtHandler } from "firebreak/supervision"
import { after, E1, E2, fail1, forever, type Log, story, tag } from "./story.ts"

const handler = (log: Log, name = "handler") =>
  Effect.provideService(UncaughtHandler, ({ cause }) => log(`${name} ${tag(Cause.squash(cause))}`))

const bug = (error: unknown, millis = 0) => after(millis).pipe(Effect.andThen(Effect.die(error)))

it.effect("differs R77: the last resort hears of what nobody could handle or nobody asked for, launched or async", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        yield* scope.launch(bug(new E1(), 10))
        const awaited = yield* scope.async(after(20).pipe(Effect.andThen(fail1)))
        yield* awaited.await.pipe(Effect.catchTag("E1", () => log("handled where it was awaited")))
        yield* scope.async(bug(new E2(), 10))
      }).pipe(handler(log))
    )
    assert.deepStrictEqual(trail, [
      "[10] handler E1",
      "[20] handled where it was awaited",
      "[30] handler E2",
      "[30] succeeds"
    ])
  })
)

it.effect("R78 a handler provided to a job whose failure has somewhere to go is not asked; the outermost is", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const root = coroutineScope(function* (inner) {
          yield* inner.launch(bug(new E1(), 10).pipe(handler(log, "nested")))
        })
        yield* scope.launch(root)
      }).pipe(handler(log, "outer"))
    )
    assert.deepStrictEqual(trail, ["[10] outer E1", "[10] succeeds"])
  })
)

it.effect("R79 a job launched by a supervisor has its own handler", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        yield* scope.launch(fail1, { onFailure: (error) => log(`own ${error._tag}`) })
      }).pipe(handler(log, "outer"))
    )
    assert.deepStrictEqual(trail, ["[0] own E1", "[0] succeeds"])
  })
)

it.effect("R80 the handler runs once, after all below the job has ended and before the job has", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const root = coroutineScope(function* (inner) {
          const slow = after(100).pipe(Effect.andThen(log("finalizer")))
          yield* inner.launch(forever.pipe(Effect.ensuring(slow)))
          yield* inner.launch(bug(new E1(), 10))
        })
        yield* scope.launch(after(200).pipe(Effect.andThen(log("sibling is not waited for"))))
        const job = yield* scope.launch(root)
        yield* job.join
        yield* log("joined")
      }).pipe(handler(log))
    )
    assert.deepStrictEqual(trail, [
      "[110] finalizer",
      "[110] handler E1",
      "[110] joined",
      "[200] sibling is not waited for",
      "[200] succeeds"
    ])
  })
)

it.effect("R81 no handler hears of a cancellation, and none recovers anything", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const cancelled = yield* scope.launch(after(10).pipe(Effect.andThen(fail1)), {
          onFailure: () => log("unreachable")
        })
        yield* cancelled.cancelAndJoin
        const failed = yield* scope.launch(fail1, { onFailure: (error) => log(`told of ${error._tag}`) })
        yield* failed.join
        yield* log(`${yield* cancelled.status}, ${yield* failed.status}`)
      }).pipe(handler(log))
    )
    assert.deepStrictEqual(trail, ["[0] told of E1", "[0] cancelled, failed", "[0] succeeds"])
  })
)

/** Writes the logger's lines into the trail: the path of the job that an error is about. */
const logged = (lines: Array<string>) =>
  Logger.layer([
    Logger.make(({ cause, logLevel, message }) => {
      const first = Array.isArray(message) ? message[0] : message
      lines.push(`${logLevel}: ${String(first)} (${tag(Cause.squash(cause))})`)
    })
  ])

it.effect("R82 without a handler the failure is logged as an error, and who joins goes on", () =>
  Effect.gen(function* () {
    const lines: Array<string> = []
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const job = yield* scope.launch(bug(new E1()), { name: "sync" })
        yield* job.join
        yield* log("joined")
      }).pipe(Effect.provide(logged(lines)))
    )
    assert.deepStrictEqual(trail, ["[0] joined", "[0] succeeds"])
    assert.deepStrictEqual(lines, ['Error: uncaught failure of job "supervisor / sync" (E1)'])
  })
)

it.effect("R83 a handler that dies hides nothing: its defect and what it was called for are both logged", () =>
  Effect.gen(function* () {
    const lines: Array<string> = []
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const job = yield* scope.launch(bug(new E1()), { name: "sync" })
        yield* job.join
        yield* log("joined")
      }).pipe(
        Effect.provideService(UncaughtHandler, () => Effect.die(new E2())),
        Effect.provide(logged(lines))
      )
    )
    assert.deepStrictEqual(trail, ["[0] joined", "[0] succeeds"])
    assert.deepStrictEqual(lines, [
      'Error: uncaught failure of job "supervisor / sync" (E1)',
      'Error: uncaught failure of job "supervisor / sync / UncaughtHandler" (E2)'
    ])
  })
)
