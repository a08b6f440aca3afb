/**
 * How a workflow is tested, as the page on workflows shows it: in memory and in virtual time.
 */
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Ref, Schema } from "effect"
import { TestClock } from "effect/testing"
import { DurableDeferred, Workflow } from "effect/workflow"
import { withTimeout } from "firebreak"
import { Journal, layerMemory } from "firebreak/journal"
import { Step } from "firebreak/workflows"

const trail = Ref.makeUnsafe<ReadonlyArray<string>>([])
const happens = (what: string) => Ref.update(trail, (before) => [...before, what])

const block = Step.make("block-the-money", {
  do: (id: string) => happens(`blocked ${id}`),
  undo: (_, __, id) => happens(`freed ${id}`),
  unknown: "repeat"
})

const Approval = DurableDeferred.make("approval")
const Purchase = Workflow.make("Purchase", {
  payload: { id: Schema.String },
  success: Schema.String,
  idempotencyKey: ({ id }) => id
})

const story = Purchase.toLayer(({ id }) =>
  Effect.andThen(block(id), DurableDeferred.await(Approval)).pipe(
    withTimeout("3 days"),
    Effect.as("approved"),
    Effect.catchTag("DeadlineExceeded", () => Effect.succeed("too late"))
  )
)

// #region test
const app = Layer.provideMerge(story, layerMemory())

it.effect("frees the money after three days without an approval", () =>
  Effect.gen(function* () {
    const journal = yield* Journal
    const id = yield* journal.start(Purchase, { id: "1001" })
    // Only move the clock once the story waits for it.
    yield* Effect.repeat(journal.show(id), { until: ({ timers }) => timers.length > 0 })
    yield* TestClock.adjust("3 days")
    assert.strictEqual(yield* Purchase.execute({ id: "1001" }), "too late")
    assert.deepStrictEqual(yield* Ref.get(trail), ["blocked 1001", "freed 1001"])
  }).pipe(Effect.provide(app))
)
// #endregion
