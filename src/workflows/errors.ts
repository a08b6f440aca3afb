/**
 * What can go wrong with an order, as facts.
 *
 * The special rule: each of them says that nothing happened. A port that does not know whether its call took effect
 * must not answer with one of these, but with `Indeterminate`.
 *
 * Not here: input that is no order (`adapters/order-files`), and a customer who could not be told (`OrderResult.ts`:
 * that is no error of the order).
 */
import { Schema } from "effect"
import { OrderId, Sku } from "./Order.ts"

const declines = {
  InsufficientFunds: "there is not enough money on the account",
  CardExpired: "the card has expired",
  CardRefused: "the bank refused the card"
} as const

/** The bank said no, and no money was moved. Asking again will not change its mind. */
export class PaymentDeclined extends Schema.TaggedError<PaymentDeclined>()("PaymentDeclined", {
  orderId: OrderId,
  because: Schema.Literals(["InsufficientFunds", "CardExpired", "CardRefused"])
}) {
  override get message() {
    return `the payment for order ${this.orderId} was declined: ${declines[this.because]}`
  }
}

/** The payment gateway could not be asked, and no money was moved. Asking later may help. */
export class PaymentUnavailable extends Schema.TaggedError<PaymentUnavailable>()("PaymentUnavailable", {
  orderId: OrderId,
  reason: Schema.String
}) {
  override get message() {
    return `the payment for order ${this.orderId} could not be asked for: ${this.reason}`
  }
}

/**
 * The payment was voided before it took any money: nobody could say whether it had been confirmed, and whoever looked
 * made sure that it is not. Another payment may be opened.
 */
export class PaymentVoided extends Schema.TaggedError<PaymentVoided>()("PaymentVoided", { orderId: OrderId }) {
  override get message() {
    return `the payment for order ${this.orderId} was voided, and no money was taken`
  }
}

/** The shelf holds fewer than the order wants, and nothing of the order was put aside. */
export class OutOfStock extends Schema.TaggedError<OutOfStock>()("OutOfStock", {
  orderId: OrderId,
  sku: Sku,
  wanted: Schema.Int,
  available: Schema.Int
}) {
  override get message() {
    return `order ${this.orderId} wants ${this.wanted} of ${this.sku}, and ${this.available || "none"} can be had`
  }
}

/** The warehouse could not be asked, and nothing was put aside. Asking later may help. */
export class InventoryUnavailable extends Schema.TaggedError<InventoryUnavailable>()("InventoryUnavailable", {
  orderId: OrderId,
  reason: Schema.String
}) {
  override get message() {
    return `the goods of order ${this.orderId} could not be asked for: ${this.reason}`
  }
}

/** A letter was not taken by the mail server, and none left. */
export class NotificationFailed extends Schema.TaggedError<NotificationFailed>()("NotificationFailed", {
  orderId: OrderId,
  reason: Schema.String
}) {
  override get message() {
    return `the customer of order ${this.orderId} could not be told: ${this.reason}`
  }
}

/** The payment gateway will not give the money back, however often it is asked. */
export class RefundRefused extends Schema.TaggedError<RefundRefused>()("RefundRefused", {
  orderId: OrderId,
  reason: Schema.String
}) {
  override get message() {
    return `the payment of order ${this.orderId} is not given back: ${this.reason}`
  }
}
