/**
 * What a story needs from whoever moves the money.
 *
 * The special rule: a payment is opened first, which moves nothing, and then confirmed by its id. One payment takes its
 * money once and gives it back once, whatever the keys and however late a call arrives: that outlives the day or so for
 * which a gateway remembers keys.
 *
 * `Unavailable` says that a call surely changed nothing; who is not sure says `Indeterminate`, never an error of the domain.
 *
 * Not here: who fulfils it (`adapters/`).
 */
import { Context, type Effect, Schema } from "effect"
import { PaymentDeclined, PaymentVoided, type RefundRefused } from "../errors.ts"
import { Money } from "../Money.ts"
import { OrderId, PaymentMethod } from "../Order.ts"
import { PaymentId } from "../OrderResult.ts"
import type { Found, Indeterminate, Unavailable } from "../outcomes.ts"
import type { StepKey } from "../StepKey.ts"

/** Money that is to be taken. */
export class Charge extends Schema.Class<Charge>("Charge")({
  orderId: OrderId,
  amount: Money,
  method: PaymentMethod
}) {}

/** A payment at the gateway, and the order that it is for. */
export class Payment extends Schema.Class<Payment>("Payment")({ id: PaymentId, orderId: OrderId }) {}

/** Why a payment took no money. */
export const NotTaken = Schema.Union([PaymentDeclined, PaymentVoided])
export type NotTaken = typeof NotTaken.Type

export class PaymentGateway extends Context.Service<
  PaymentGateway,
  {
    /** Opens a payment and moves no money. The same `key` opens one payment. */
    readonly open: (key: StepKey, charge: Charge) => Effect.Effect<Payment, Unavailable | Indeterminate>
    /** Takes the money of a payment: once, however often and with whatever `key` it is asked for. */
    readonly confirm: (key: StepKey, payment: Payment) => Effect.Effect<void, NotTaken | Unavailable | Indeterminate>
    /** Says whether the money was taken. A payment that is still open is voided first: `Absent` is final. */
    readonly find: (payment: Payment) => Effect.Effect<Found<void, NotTaken>, Unavailable | Indeterminate>
    /** Gives all of a payment back: once, however often and with whatever `key` it is asked for. */
    readonly refund: (
      key: StepKey,
      payment: Payment
    ) => Effect.Effect<void, RefundRefused | Unavailable | Indeterminate>
    /** Says whether a payment was given back. One that is `Absent` may be asked for again: a late one changes nothing then. */
    readonly findRefund: (payment: Payment) => Effect.Effect<Found<void, RefundRefused>, Unavailable | Indeterminate>
  }
>()("firebreak/PaymentGateway") {}
