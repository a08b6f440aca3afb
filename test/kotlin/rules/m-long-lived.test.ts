/**
 * Kotlin's rules, section M: long-lived scopes.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { Supervisor } from "firebreak/supervision"
import { after, type E1, fail1, forever, type Log, story } from "./story.ts"

const sync = (log: Log) => Supervisor.make({ name: "sync", onFailure: (error: E1) => log(`told of ${error._tag}`) })

it.effect("R91 a long-lived supervisor tells its handler once of each failing job, and lives on with the others", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      Effect.scoped(
        Effect.gen(function* () {
          const supervisor = yield* sync(log)
          const sibling = yield* supervisor.launch(after(50).pipe(Effect.andThen(log("sibling"))))
          yield* supervisor.launch(after(10).pipe(Effect.andThen(fail1)))
          yield* after(20)
          yield* supervisor.launch(log("ok"))
          yield* sibling.join
        })
      )
    )
    assert.deepStrictEqual(trail, ["[10] told of E1", "[20] ok", "[50] sibling", "[50] succeeds"])
  })
)

it.effect("differs R92: there is no long-lived scope that one failure closes: every one supervises", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      Effect.scoped(
        Effect.gen(function* () {
          const supervisor = yield* sync(log)
          for (let n = 1; n <= 3; n++) yield* Effect.flatMap(supervisor.launch(fail1), (job) => job.join)
          const later = yield* supervisor.launch(log("launched later"))
          yield* later.join
        })
      )
    )
    assert.deepStrictEqual(trail, [
      "[0] told of E1",
      "[0] told of E1",
      "[0] told of E1",
      "[0] launched later",
      "[0] succeeds"
    ])
  })
)

it.effect("differs R93: closing a supervisor waits for its jobs, and a later launch fails with ScopeClosed", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      Effect.scoped(
        Effect.gen(function* () {
          const supervisor = yield* sync(log)
          yield* supervisor.launch(forever.pipe(Effect.ensuring(after(50).pipe(Effect.andThen(log("finalizer"))))))
          yield* supervisor.close
          yield* log("closed")
          yield* supervisor.launch(log("unreachable"))
        })
      )
    )
    assert.deepStrictEqual(trail, ["[50] finalizer", "[50] closed", "[50] fails ScopeClosed"])
  })
)
