/**
 * The peer: Effect's own cluster workflow engine on one runner, the steps as activities, the first with a compensation.
 *
 * Messages to itself are not put through a simulated network (`simulateRemoteSerialization`): on one machine nobody would.
 */
import { PgClient } from "@effect/sql-pg"
import { Effect, Layer, ManagedRuntime, Redacted, Schema } from "effect"
import * as ClusterWorkflowEngine from "effect/cluster/ClusterWorkflowEngine"
import * as SingleRunner from "effect/cluster/SingleRunner"
import { layerWebCrypto } from "effect/crypto/Digest"
import * as Activity from "effect/workflow/Activity"
import * as Workflow from "effect/workflow/Workflow"
import type { StartArm } from "./Arm.ts"
import { inFlight } from "./inFlight.ts"
import { layer as sqlite } from "./peerSqlite.ts"

const Order = Workflow.make("Order", {
  payload: { id: Schema.String, amount: Schema.Int },
  success: Schema.String,
  idempotencyKey: ({ id }) => id
})

const step = (name: string, answer: string) =>
  Activity.make({ name, success: Schema.String, execute: Effect.succeed(answer) })

const story = Order.toLayer(
  Effect.fnUntraced(function* ({ id }) {
    const payment = yield* Workflow.withCompensation(step("charge", `payment ${id}`), () =>
      step("refund", `refunded ${id}`)
    )
    const [reservation, letter] = yield* Effect.all(
      [Effect.exit(step("reserve", `reservation ${id}`)), Effect.exit(step("notify", `letter ${id}`))],
      { concurrency: "unbounded" }
    )
    return `${payment}, ${yield* reservation}, ${letter._tag}`
  })
)

export const start: StartArm = async (place) => {
  if ("memory" in place) throw new Error("the cluster engine is measured on SQLite and PostgreSQL")
  const sql = "file" in place ? sqlite(place.file) : PgClient.layer({ url: Redacted.make(place.url) })
  const engine = ClusterWorkflowEngine.layer.pipe(
    Layer.provideMerge(SingleRunner.layer({ shardingConfig: { simulateRemoteSerialization: false } })),
    Layer.provide(sql),
    Layer.provide(layerWebCrypto)
  )
  const runtime = ManagedRuntime.make(Layer.provideMerge(story, engine))
  await runtime.runPromise(Effect.void)
  return {
    run: (...how) => runtime.runPromise(inFlight((id) => Order.execute({ id, amount: 2500 }), ...how)),
    close: () => runtime.dispose()
  }
}
