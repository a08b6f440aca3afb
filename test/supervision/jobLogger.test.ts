import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger } from "effect"
import { coroutineScope, supervisorScope, withJobPath } from "firebreak/supervision"

describe("a logger with job paths", () => {
  it.effect("says of each line in which job it was written, and leaves other annotations alone", () =>
    Effect.gen(function* () {
      const lines: Array<Record<string, unknown>> = []
      const remembering = Logger.make<unknown, void>((options) => {
        const { annotations, message } = Logger.formatStructured.log(options)
        lines.push({ message, ...annotations })
      })
      const program = Effect.gen(function* () {
        yield* Effect.log("outside")
        yield* coroutineScope(
          function* (scope) {
            yield* scope.launch(
              supervisorScope(function* (inner) {
                yield* inner.launch(Effect.log("sent").pipe(Effect.annotateLogs({ order: "1001" })), { name: "notify" })
              }),
              { name: "parallel" }
            )
            yield* Effect.log("body")
          },
          { name: "order" }
        )
      })
      yield* Effect.provide(program, Logger.layer([withJobPath(remembering)]))
      assert.deepStrictEqual(lines, [
        { message: "outside" },
        { message: "sent", job: "order / parallel / supervisor / notify", order: "1001" },
        { message: "body", job: "order" }
      ])
    })
  )
})
