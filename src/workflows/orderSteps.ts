/**
 * The steps of an order: what each does, how it is taken back, and how one learns whether it happened.
 *
 * The special rule: a step is defined here once, not in the story. Its undo may run days later in another process, from
 * what was written down.
 *
 * Not here: in which order they run (`ProcessOrder.ts`).
 */
import { Schema } from "effect"
import { InventoryUnavailable, NotificationFailed, OutOfStock, PaymentUnavailable } from "./errors.ts"
import { Inventory, Reservation, Wanted } from "./ports/Inventory.ts"
import { Letter, Notifications } from "./ports/Notifications.ts"
import { Charge, NotTaken, Payment, PaymentGateway } from "./ports/PaymentGateway.ts"
import { Step } from "./Step.ts"

/** Opening moves no money, and what is opened twice is one payment: there is nothing to take back and nothing to look for. */
export const openPayment = Step.make("open-payment", {
  input: Charge,
  success: Payment,
  error: PaymentUnavailable,
  do: (charge, key) => PaymentGateway.use((gateway) => gateway.open(key, charge)),
  undo: "nothing",
  unknown: "repeat",
  gaveUp: ({ reason }, { orderId }) => new PaymentUnavailable({ orderId, reason }),
  timeout: "30 seconds"
})

/** By now the payment's id is written down, so whether it took the money is a matter of looking. */
export const charge = Step.make("charge", {
  input: Payment,
  error: Schema.Union([...NotTaken.members, PaymentUnavailable]),
  do: (payment, key) => PaymentGateway.use((gateway) => gateway.confirm(key, payment)),
  undo: {
    do: (_, key, payment) => PaymentGateway.use((gateway) => gateway.refund(key, payment)),
    unknown: (_, __, payment) => PaymentGateway.use((gateway) => gateway.findRefund(payment))
  },
  unknown: (payment) => PaymentGateway.use((gateway) => gateway.find(payment)),
  gaveUp: ({ reason }, { orderId }) => new PaymentUnavailable({ orderId, reason }),
  timeout: "30 seconds"
})

export const reserve = Step.make("reserve", {
  input: Wanted,
  success: Reservation,
  error: Schema.Union([OutOfStock, InventoryUnavailable]),
  do: (wanted, key) => Inventory.use((inventory) => inventory.reserve(key, wanted)),
  undo: (reservation, key) => Inventory.use((inventory) => inventory.release(key, reservation)),
  unknown: "repeat", // reserving twice with one key reserves once
  gaveUp: ({ reason }, { orderId }) => new InventoryUnavailable({ orderId, reason }),
  timeout: "30 seconds"
})

/** A letter cannot be called back: the undo is a second one. Whether a letter left that nobody answered for is never known. */
export const notify = Step.make("notify", {
  input: Letter,
  error: NotificationFailed,
  do: (letter, key) => Notifications.use((notifications) => notifications.orderReceived(key, letter)),
  undo: (_, key, letter) => Notifications.use((notifications) => notifications.orderRefused(key, letter)),
  unknown: "leave",
  gaveUp: ({ reason }, { orderId }) => new NotificationFailed({ orderId, reason }),
  timeout: "30 seconds"
})
