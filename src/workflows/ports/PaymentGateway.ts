/**
 * What a story needs from whoever moves the money.
 *
 * The special rule: an adapter bounds its own calls and answers each of them. What is written on a method is what every
 * adapter promises.
 *
 * Not here: who fulfils it (`adapters/`).
 */
import { Context, type Effect, Schema } from "effect"
import type { PaymentDeclined, PaymentUnavailable, RefundRefused, RefundUnavailable } from "../errors.ts"
import type { Money } from "../Money.ts"
import type { OrderId, PaymentMethod } from "../Order.ts"
import { PaymentId } from "../OrderResult.ts"
import type { StepKey } from "../StepKey.ts"

/** Money that is to be taken. */
export interface Charge {
  readonly orderId: OrderId
  readonly amount: Money
  readonly method: PaymentMethod
}

/** Money that was taken. */
export class Payment extends Schema.Class<Payment>("Payment")({ id: PaymentId }) {}

/** Money that is to be given back: all of a payment. */
export interface Refund {
  readonly orderId: OrderId
  readonly payment: PaymentId
}

export class PaymentGateway extends Context.Service<
  PaymentGateway,
  {
    /** Takes the money. Charging twice with the same `key` charges once and answers the same; a failure has taken nothing. */
    readonly charge: (key: StepKey, charge: Charge) => Effect.Effect<Payment, PaymentDeclined | PaymentUnavailable>
    /** Gives all of a payment back. Refunding twice with the same `key` refunds once; a failure has given nothing back. */
    readonly refund: (key: StepKey, refund: Refund) => Effect.Effect<void, RefundRefused | RefundUnavailable>
  }
>()("firebreak/PaymentGateway") {}
