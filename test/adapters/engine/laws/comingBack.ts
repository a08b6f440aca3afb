/**
 * What the laws of coming back, of leaving and of copies tell stories with: a wait for a signal, and steps that are looked
 * for, that a person is asked about, and that do nothing outside.
 */
import { Effect, Schema } from "effect"
import { DurableDeferred } from "effect/workflow"
import { Step } from "firebreak/workflows"
import { Sorry, World } from "./Outside.ts"
import { idOf } from "./outsiders.ts"
import { Story } from "./stories.ts"

const Go = DurableDeferred.make("go")
export const waits = DurableDeferred.await(Go)
export const go = (id = "1") =>
  DurableDeferred.succeed(Go, {
    token: DurableDeferred.tokenFromExecutionId(Go, { workflow: Story, executionId: idOf(id) }),
    value: undefined
  })

export const confided = Step.make("confided", {
  success: Sorry,
  do: (input: string, key) =>
    Effect.as(
      World.use((world) => world.call("confided", key, input)),
      new Sorry({ why: input, left: 1 })
    ),
  undo: (_, key) => World.use((world) => world.call("undo confided", key)),
  unknown: "ask",
  error: Sorry
})
export const searched = Step.make("searched", {
  do: (input: string, key) => Effect.asVoid(World.use((world) => world.call("searched", key, input))),
  error: Sorry,
  undo: (_, key) => World.use((world) => world.call("undo searched", key)),
  unknown: (_, key) => World.use((world) => world.ask("look", key))
})

export const echo = Step.make("echo", {
  success: Schema.String,
  do: (input: string) => Effect.succeed(input),
  undo: "nothing",
  unknown: "repeat"
})
