/**
 * Steps of every kind for the laws of taking back, and a story told once.
 */
import { Effect, Schema } from "effect"
import { coroutineScope } from "firebreak/supervision"
import { Step } from "firebreak/workflows"
import { type Harness, testJournal } from "./harness.ts"
import { type Answer, Sorry, World } from "./Outside.ts"
import { ask, reversible, story, type StoryFailure } from "./stories.ts"

export const sorry = new Sorry({ why: "none", left: 3 })
export const failing = Effect.fail(sorry)
export const inScope = <A, R>(body: () => Generator<any, A, any>) =>
  coroutineScope(body as never) as Effect.Effect<A, Sorry, R>

export const letter = Step.make("letter", {
  do: (input: string, key) => Effect.asVoid(World.use((world) => world.call("letter", key, input))),
  error: Sorry,
  undo: "irreversible",
  unknown: "repeat"
})
export const glance = Step.make("glance", {
  do: (input: string, key) => Effect.asVoid(World.use((world) => world.call("glance", key, input))),
  error: Sorry,
  undo: "nothing",
  unknown: "repeat"
})
export const call = Step.make("call", {
  do: (input: string, key) => Effect.asVoid(World.use((world) => world.call("call", key, input))),
  error: Sorry,
  undo: (_, key) => World.use((world) => world.call("undo call", key)),
  unknown: "leave"
})
export const priced = Step.make("priced", {
  success: Schema.Struct({ price: Schema.Number, at: Schema.DateFromString }),
  error: Sorry,
  do: (order: { readonly sku: string }, key) =>
    Effect.as(
      World.use((world) => world.call("priced", key, order.sku)),
      { price: 12, at: new Date(0) }
    ),
  undo: ({ at, price }, key, { sku }) =>
    World.use((world) => world.call("undo priced", key, `${sku} for ${price} of ${at.getUTCFullYear()}`)),
  unknown: "repeat"
})
export const e = reversible("e")

export const uncertain = Step.make("uncertain", {
  success: Schema.String,
  error: Sorry,
  do: (input: string, key) => World.use((world) => world.call("uncertain", key, input)),
  undo: (_, key) => World.use((world) => world.call("undo uncertain", key)),
  unknown: (_, key) => World.use((world) => world.ask("look", key)),
  timeout: "1 second"
})
export const asking = Step.make("asking", {
  success: Schema.String,
  error: Sorry,
  do: (input: string, key) => World.use((world) => world.call("asking", key, input)),
  undo: (_, key) => World.use((world) => world.call("undo asking", key)),
  unknown: "ask"
})

/** Runs the story once, in one process. */
export const run = (
  harness: Harness,
  body: (id: string) => Effect.Effect<unknown, StoryFailure, any>,
  answers: { readonly [what: string]: Answer } = {}
) =>
  Effect.gen(function* () {
    const journal = yield* testJournal(harness)
    for (const [what, answer] of Object.entries(answers)) journal.outside.answer(what, answer)
    const life = yield* journal.open(story(body))
    const rest = yield* life.do(ask())
    return { rest, happened: journal.outside.happened, journal, life, seen: life.seen.map(({ what }) => what) }
  })
