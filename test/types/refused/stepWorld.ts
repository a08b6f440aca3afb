/**
 * The world of the steps: a bank that may be away, a shelf, and a post office.
 */
import { Context, type Effect, Schema } from "effect"
import type { Indeterminate, StepKey, Unavailable } from "firebreak/workflows"
import type { OutOfStock, Payment, PaymentDeclined } from "./world.ts"

export class Order extends Schema.Class<Order>("Order")({ id: Schema.String, cents: Schema.Int }) {}

export class Gateway extends Context.Service<
  Gateway,
  {
    readonly charge: (
      key: StepKey,
      order: Order
    ) => Effect.Effect<Payment, PaymentDeclined | Unavailable | Indeterminate>
    readonly find: (key: StepKey) => Effect.Effect<Payment | undefined, Unavailable>
    readonly refund: (key: StepKey, payment: Payment) => Effect.Effect<void, Unavailable>
  }
>()("Gateway") {}

export class Ledger extends Context.Service<
  Ledger,
  { readonly findRefund: (payment: Payment) => Effect.Effect<boolean> }
>()("Ledger") {}

export class Shelf extends Context.Service<
  Shelf,
  { readonly take: (key: StepKey, order: Order) => Effect.Effect<void, OutOfStock | Indeterminate> }
>()("Shelf") {}

export class Post extends Context.Service<
  Post,
  { readonly send: (key: StepKey, to: string) => Effect.Effect<void, Unavailable> }
>()("Post") {}
