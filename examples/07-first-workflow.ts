/**
 * The first program of the README: an order that survives the process, and gives the money back when it fails.
 *
 *   node --conditions=firebreak-source examples/07-first-workflow.ts
 *
 * Run it twice in the same folder: the second time nothing is done. The order has ended, and how is looked up.
 */
// #region readme
import { Console, Effect, Layer, Schema } from "effect"
import { Workflow } from "effect/workflow"
import { Step } from "firebreak"
import { layerSqlite } from "firebreak/journal"

const pay = (order: string) => Console.log(`order ${order} is charged`)
const refund = (_: void, _key: string, order: string) => Console.log(`order ${order} is refunded`)
const charge = Step.make("charge", { do: pay, undo: refund, unknown: "repeat" })

class OutOfStock extends Schema.TaggedError<OutOfStock>()("OutOfStock", { sku: Schema.String }) {}
const Order = Workflow.make("Order", { payload: { id: Schema.String }, error: OutOfStock, idempotencyKey: (o) => o.id })
const story = Order.toLayer(({ id }) => Effect.andThen(charge(id), Effect.fail(new OutOfStock({ sku: "MUG-1" }))))
const order = Order.execute({ id: "1001" }).pipe(Effect.catchTag("OutOfStock", (e) => Console.log(`no ${e.sku} left`)))
Effect.runPromise(Effect.provide(order, Layer.provideMerge(story, layerSqlite({ file: "orders.db" }))))
// #endregion

// > order 1001 is charged
// > order 1001 is refunded
// > no MUG-1 left
