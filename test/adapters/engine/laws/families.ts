/**
 * What the laws of children tell stories with: a parent and a child whose bodies each law writes itself.
 */
import { Effect, Layer, Schema } from "effect"
import { Workflow } from "effect/workflow"
import { Journal } from "firebreak/journal"
import { StepGaveUp } from "firebreak/workflows"
import { executionIdOf } from "../../../../src/adapters/engine/keys.ts"
import type { TestJournal, Workflows } from "./harness.ts"
import { fails, Sorry, type World } from "./Outside.ts"
import { reversible, story, type StoryFailure } from "./stories.ts"

export const Child = Workflow.make("Child", {
  payload: { id: Schema.String, note: Schema.optionalKey(Schema.String) },
  success: Schema.String,
  error: Schema.Union([Sorry, StepGaveUp]),
  idempotencyKey: ({ id }) => id
})

export const childId = (id = "child") => executionIdOf(Child, { id })
export const child = (id = "child") => Child.execute({ id })

export const family = (
  parent: (id: string) => Effect.Effect<unknown, StoryFailure, any>,
  child: (id: string) => Effect.Effect<unknown, Sorry | StepGaveUp, any>
) =>
  Layer.merge(
    story(parent),
    // sound: the body asks for nothing but the world, scopes and the engine
    Child.toLayer(({ id }) => Effect.map(child(id), String) as Effect.Effect<string, Sorry | StepGaveUp, World>)
  )

/** Steps of a child, which call the outside under names of their own. */
export const x = reversible("x")
export const y = reversible("y")
export const sorry = reversible("sorry")
export const isSorry = fails(new Sorry({ why: "sold out", left: 0 }))

export const both = () => Effect.andThen(x("1"), y("1"))

export const retryChild = Journal.use((journal) => journal.retry(childId()))

/** A layer that takes 300 ms to build. */
export const later = <R>(layer: Layer.Layer<never, never, R>): Layer.Layer<never, never, R> =>
  Layer.unwrap(Effect.delay(Effect.succeed(layer), 300))

/** Opens a journal with layers that take their time. */
export const openSlowly = (journal: TestJournal, workflows: Workflows) =>
  Effect.raceFirst(journal.open(workflows), Effect.forever(Effect.promise(() => journal.time.pass(100))))
