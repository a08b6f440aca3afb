/**
 * What an editor shows of the story of an order: its result and its failures, by name.
 */
import { Effect } from "effect"
import { type Order, ProcessOrder } from "firebreak/workflows"

declare const order: Order

export const processed = ProcessOrder.execute(order)
//           ^?
//= const processed: Effect.Effect<OrderResult, InventoryUnavailable | OutOfStock | PaymentDeclined | PaymentUnavailable, WorkflowEngine>

export const forgiving = Effect.catchTag(processed, "PaymentDeclined", (declined) => Effect.succeed(declined.because))
//           ^?                                                         ^?
//= const forgiving: Effect.Effect<"CardExpired" | "CardRefused" | "InsufficientFunds" | OrderResult, InventoryUnavailable | OutOfStock | PaymentUnavailable, WorkflowEngine>
//= (parameter) declined: PaymentDeclined

export const discarded = ProcessOrder.execute(order, { discard: true })
//           ^?
//= const discarded: Effect.Effect<string, never, WorkflowEngine>
