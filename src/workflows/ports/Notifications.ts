/**
 * What a story needs from whoever tells the customer.
 *
 * The special rule: a letter says only what is true when it leaves. While the goods are still being reserved it says
 * that order and payment were received; that the order was refused is a letter of its own.
 *
 * Not here: who fulfils it (`adapters/`).
 */
import { Context, type Effect } from "effect"
import type { NotificationFailed } from "../errors.ts"
import type { EmailAddress, Order } from "../Order.ts"
import type { StepKey } from "../StepKey.ts"

/** Whom a letter goes to, and which order it is about. */
export interface Letter {
  readonly to: EmailAddress
  readonly order: Order
}

export class Notifications extends Context.Service<
  Notifications,
  {
    /** Says that order and payment were received. The same `key` sends one letter. */
    readonly orderReceived: (key: StepKey, letter: Letter) => Effect.Effect<void, NotificationFailed>
    /** Says that the order was refused after all and what was paid is given back. The same `key` sends one letter. */
    readonly orderRefused: (key: StepKey, letter: Letter) => Effect.Effect<void, NotificationFailed>
  }
>()("firebreak/Notifications") {}
