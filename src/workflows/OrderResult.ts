/**
 * What a completed order came to: the payment, the reservation, and how telling the customer went.
 *
 * The special rule: a customer who could not be told is part of the result and never an error. The goods are paid and
 * put aside either way.
 *
 * Not here: what can go wrong (`errors.ts`) and how an order gets here (`ProcessOrder.ts`).
 */
import { Schema } from "effect"
import { OrderId } from "./Order.ts"

/** What the payment gateway calls a payment. */
export const PaymentId = Schema.NonEmptyString.pipe(Schema.brand("PaymentId"))
export type PaymentId = typeof PaymentId.Type

/** What the warehouse calls goods that were put aside. */
export const ReservationId = Schema.NonEmptyString.pipe(Schema.brand("ReservationId"))
export type ReservationId = typeof ReservationId.Type

/** The mail server took the letter. */
export class Sent extends Schema.TaggedClass<Sent>()("Sent", {}) {}

/** Nobody was told, and why. */
export class NotSent extends Schema.TaggedClass<NotSent>()("NotSent", { reason: Schema.String }) {}

/** The mail server was asked, and nobody will ever know whether the letter left. */
export class PerhapsSent extends Schema.TaggedClass<PerhapsSent>()("PerhapsSent", { reason: Schema.String }) {}

/** How telling the customer went. */
export const Notification = Schema.Union([Sent, NotSent, PerhapsSent])
export type Notification = typeof Notification.Type

/** A completed order: paid, reserved, and told as far as that was possible. */
export class OrderResult extends Schema.Class<OrderResult>("OrderResult")({
  orderId: OrderId,
  payment: PaymentId,
  reservation: ReservationId,
  notification: Notification
}) {}
