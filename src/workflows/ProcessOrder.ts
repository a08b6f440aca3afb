/**
 * The story of an order: charge, then reserve the goods and tell the customer, side by side.
 *
 * The special rule: the customer is told as a favour. Nothing that goes wrong with a letter touches the goods or the
 * money; when the goods cannot be had, the money goes back.
 *
 *   charge ──▶ ┌ supervisor ────────┐
 *      │       │ reserve │  notify  │ ──▶ OrderResult
 *      ╰ fails ╰ fails ──┴─ letter ─╯ settled, then: second letter, release, refund
 *
 * Not here: how a step is run and taken back (`step.ts`), and who fulfils the ports (`adapters/`).
 */
import { Effect, Layer, Schema } from "effect"
import * as Workflow from "effect/workflow/Workflow"
import { coroutineScope, supervisorScope } from "../supervision/index.ts"
import { InventoryUnavailable, NotificationFailed, OutOfStock, PaymentDeclined, PaymentUnavailable } from "./errors.ts"
import { Order } from "./Order.ts"
import { NotSent, OrderResult, Sent } from "./OrderResult.ts"
import { Inventory, Reservation } from "./ports/Inventory.ts"
import { type Letter, Notifications } from "./ports/Notifications.ts"
import { Payment, PaymentGateway } from "./ports/PaymentGateway.ts"
import { step } from "./step.ts"

/**
 * Processes one order: it ends paid, reserved and told, or with a typed error and everything taken back.
 *
 * **Details** — one order id is one execution: asking twice charges once. Cancelling waits for the calls that are under
 * way and then takes back what they did. An undo that fails ends the execution with the defect `OrderStuck`.
 */
export class ProcessOrder extends Workflow.make("ProcessOrder", {
  payload: Order,
  success: OrderResult,
  error: Schema.Union([PaymentDeclined, PaymentUnavailable, OutOfStock, InventoryUnavailable]),
  idempotencyKey: (order) => order.id
}) {
  /** Registers the story with the engine. */
  static readonly layer = Layer.suspend(() => ProcessOrder.toLayer(story))
}

const story = (order: Order) =>
  coroutineScope(
    function* (scope) {
      const charging = yield* scope.async(charge(order), { name: "charge" })
      const payment = yield* charging.await
      return yield* supervisorScope(function* (scope) {
        const reserving = yield* scope.async(reserve(order), { name: "reserve" })
        const telling = yield* scope.async(notify(order), { name: "notify" })
        // The letter first: when the goods cannot be had, that is told once the letter is settled.
        const notification = yield* telling.await
        const reservation = yield* reserving.await
        return new OrderResult({ orderId: order.id, payment: payment.id, reservation: reservation.id, notification })
      })
    },
    { name: `ProcessOrder ${order.id}` }
  )

const charge = step("charge", {
  success: Payment,
  error: Schema.Union([PaymentDeclined, PaymentUnavailable]),
  do: ({ id, payment, total }: Order, key) =>
    PaymentGateway.use((gateway) => gateway.charge(key, { orderId: id, amount: total, method: payment.method })),
  undo: (payment, key, { id }) =>
    PaymentGateway.use((gateway) => gateway.refund(key, { orderId: id, payment: payment.id }))
})

const reserve = step("reserve", {
  success: Reservation,
  error: Schema.Union([OutOfStock, InventoryUnavailable]),
  do: ({ id, lines }: Order, key) => Inventory.use((inventory) => inventory.reserve(key, { orderId: id, lines })),
  undo: (reservation, key, { id }) =>
    Inventory.use((inventory) => inventory.release(key, { orderId: id, reservation: reservation.id }))
})

const notify = (order: Order) => {
  const to = order.customer.email
  if (to === undefined) return Effect.succeed(new NotSent({ reason: "no e-mail address" }))
  return write({ to, order }).pipe(
    Effect.as(new Sent()),
    Effect.catchTag("NotificationFailed", ({ reason }) => Effect.succeed(new NotSent({ reason }))),
    Effect.catchDefect((defect) =>
      Effect.as(Effect.logError("telling the customer died", defect), new NotSent({ reason: String(defect) }))
    )
  )
}

const write = step("notify", {
  success: Schema.Void,
  error: NotificationFailed,
  do: (letter: Letter, key) => Notifications.use((notifications) => notifications.orderReceived(key, letter)),
  undo: (_, key, letter) => Notifications.use((notifications) => notifications.orderRefused(key, letter))
})
