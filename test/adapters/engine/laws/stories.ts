/**
 * What the laws tell stories with: one workflow whose body each law writes itself, and steps of every kind.
 */
import { Effect, Schema } from "effect"
import * as Workflow from "effect/workflow/Workflow"
import { Journal } from "firebreak/journal"
import { OutcomeUnknown, Step, StepGaveUp } from "firebreak/workflows"
import { DeadlineExceeded } from "firebreak/supervision"
import { Sorry, World } from "./Outside.ts"

export const Story = Workflow.make("Story", {
  payload: { id: Schema.String, note: Schema.optionalKey(Schema.String) },
  success: Schema.String,
  error: Schema.Union([Sorry, StepGaveUp, OutcomeUnknown, DeadlineExceeded]),
  idempotencyKey: ({ id }) => id
})
export type StoryFailure = Sorry | StepGaveUp | OutcomeUnknown | DeadlineExceeded

/** The layer of a story with this body; what it gives is its result, as text. */
export const story = (body: (id: string) => Effect.Effect<unknown, StoryFailure, any>) =>
  // sound: the body asks for nothing but the world, scopes and the engine
  Story.toLayer(({ id }) => Effect.map(body(id), String) as Effect.Effect<string, StoryFailure, World>)

/** Asks for the story as a client does: starts it, joins it, or looks up how it ended. */
export const ask = (id = "1") => Journal.use((journal) => journal.run(Story, { id }))
export const show = (id = "1") => Journal.use((journal) => journal.show(id))
export const cancel = (id = "1") => Journal.use((journal) => journal.cancel(id))

/** A step named `name` that calls the outside as `name`, and is taken back as `undo name`. */
export const reversible = (name: string) =>
  Step.make(name, {
    success: Schema.String,
    error: Sorry,
    do: (input: string, key) => World.use((world) => world.call(name, key, input)),
    undo: (_, key, input) => World.use((world) => world.call(`undo ${name}`, key, input)),
    unknown: "repeat"
  })

export const a = reversible("a")
export const b = reversible("b")
export const c = reversible("c")
export const d = reversible("d")
