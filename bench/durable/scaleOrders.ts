/** The workflows of the scale cases: one that sleeps, one whose second step waits for a gate. */
import { Effect, Schema } from "effect"
import * as DurableClock from "effect/workflow/DurableClock"
import * as Workflow from "effect/workflow/Workflow"
import { Step } from "firebreak/workflows"

const Named = Schema.Struct({ id: Schema.String })

const begin = Step.make("begin", {
  input: Named,
  success: Schema.String,
  do: ({ id }) => Effect.succeed(`began ${id}`),
  undo: () => Effect.void,
  unknown: "repeat"
})

/** One step, then a day of sleep. */
export const Sleeper = Workflow.make("Sleeper", { payload: Named.fields, idempotencyKey: ({ id }) => id })

export const sleeping = Sleeper.toLayer(
  Effect.fnUntraced(function* (order) {
    yield* begin(order)
    yield* DurableClock.sleep({ name: "a day", duration: "1 day" })
  })
)

/** One step, then another that goes through the gate: in the first process it is closed. */
export const Held = Workflow.make("Held", { payload: Named.fields, idempotencyKey: ({ id }) => id })

export const held = (gate: Effect.Effect<void>) => {
  const pass = Step.make("pass", { input: Named, do: () => gate, undo: () => Effect.void, unknown: "repeat" })
  return Held.toLayer(
    Effect.fnUntraced(function* (order) {
      yield* begin(order)
      yield* pass(order)
    })
  )
}
