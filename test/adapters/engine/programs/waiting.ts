/**
 * A program that only waits for a signal, as one writes it first: nothing but the execution keeps its process alive.
 */
import { Effect, Layer, Schema } from "effect"
import { DurableDeferred, Workflow } from "effect/workflow"
import { layerSqlite } from "firebreak/journal"

export const Approval = DurableDeferred.make("approval", { success: Schema.String })
export const Waiting = Workflow.make("Waiting", {
  payload: { id: Schema.String },
  success: Schema.String,
  idempotencyKey: ({ id }) => id
})

const file = process.argv[2]
if (file !== undefined) {
  const layer = Layer.provideMerge(
    Waiting.toLayer(() => DurableDeferred.await(Approval)),
    layerSqlite({ file })
  )
  const told = await Effect.runPromise(Effect.provide(Waiting.execute({ id: "1" }), layer))
  console.log(told)
}
