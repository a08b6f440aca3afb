/**
 * What a story needs from whoever keeps the goods.
 *
 * The special rule: a reservation is all or nothing. An order that wants three things never holds two of them.
 *
 * `Unavailable` says that a call surely changed nothing; who is not sure says `Indeterminate`, never an error of the domain.
 *
 * Not here: who fulfils it (`adapters/`).
 */
import { Context, type Effect, Schema } from "effect"
import type { OutOfStock } from "../errors.ts"
import { OrderId, OrderLine } from "../Order.ts"
import { ReservationId } from "../OrderResult.ts"
import type { Indeterminate, Unavailable } from "../outcomes.ts"
import type { StepKey } from "../StepKey.ts"

/** Goods that are to be put aside. Lines that name the same SKU want the sum. */
export class Wanted extends Schema.Class<Wanted>("Wanted")({
  orderId: OrderId,
  lines: Schema.NonEmptyArray(OrderLine)
}) {}

/** Goods that were put aside, and the order that they are for. */
export class Reservation extends Schema.Class<Reservation>("Reservation")({ id: ReservationId, orderId: OrderId }) {}

export class Inventory extends Context.Service<
  Inventory,
  {
    /** Puts the goods aside. Reserving twice with the same `key` reserves once and answers the same. */
    readonly reserve: (
      key: StepKey,
      wanted: Wanted
    ) => Effect.Effect<Reservation, OutOfStock | Unavailable | Indeterminate>
    /** Puts all of a reservation back. Releasing twice releases once; what was never put aside is released already. */
    readonly release: (key: StepKey, reservation: Reservation) => Effect.Effect<void, Unavailable | Indeterminate>
  }
>()("firebreak/Inventory") {}
