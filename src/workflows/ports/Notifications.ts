/**
 * What a story needs from whoever tells the customer.
 *
 * The special rule: a letter says only what is true when it leaves. While the goods are still being reserved it says
 * that order and payment were received; that the order was refused is a letter of its own.
 *
 * `Unavailable` says that no letter left; who is not sure says `Indeterminate`, never an error of the domain.
 *
 * Not here: who fulfils it (`adapters/`).
 */
import { Context, type Effect, Schema } from "effect"
import type { NotificationFailed } from "../errors.ts"
import { Money } from "../Money.ts"
import { EmailAddress, Name, OrderId } from "../Order.ts"
import type { Indeterminate, Unavailable } from "../outcomes.ts"
import type { StepKey } from "../StepKey.ts"

/** Whom a letter goes to, which order it is about, and what was paid for it. */
export class Letter extends Schema.Class<Letter>("Letter")({
  to: EmailAddress,
  name: Schema.optionalKey(Name),
  orderId: OrderId,
  total: Money
}) {}

type Delivery = Effect.Effect<void, NotificationFailed | Unavailable | Indeterminate>

export class Notifications extends Context.Service<
  Notifications,
  {
    /** Says that order and payment were received. The same `key` sends one letter. */
    readonly orderReceived: (key: StepKey, letter: Letter) => Delivery
    /** Says that the order was refused after all and what was paid is given back. The same `key` sends one letter. */
    readonly orderRefused: (key: StepKey, letter: Letter) => Delivery
  }
>()("firebreak/Notifications") {}
