/**
 * What a story needs from whoever keeps the goods.
 *
 * The special rule: a reservation is all or nothing. An order that wants three things never holds two of them.
 *
 * Not here: who fulfils it (`adapters/`).
 */
import { Context, type Effect, Schema } from "effect"
import type { InventoryUnavailable, OutOfStock } from "../errors.ts"
import type { OrderId, OrderLine } from "../Order.ts"
import { ReservationId } from "../OrderResult.ts"
import type { StepKey } from "../StepKey.ts"

/** Goods that are to be put aside. Lines that name the same SKU want the sum. */
export interface Wanted {
  readonly orderId: OrderId
  readonly lines: ReadonlyArray<OrderLine>
}

/** Goods that were put aside. */
export class Reservation extends Schema.Class<Reservation>("Reservation")({ id: ReservationId }) {}

/** Goods that are to be put back: all of a reservation. */
export interface Release {
  readonly orderId: OrderId
  readonly reservation: ReservationId
}

export class Inventory extends Context.Service<
  Inventory,
  {
    /** Puts the goods aside. Reserving twice with the same `key` reserves once; a failure has put nothing aside. */
    readonly reserve: (key: StepKey, wanted: Wanted) => Effect.Effect<Reservation, OutOfStock | InventoryUnavailable>
    /** Puts the goods back. Releasing twice releases once; what was never put aside is released already. */
    readonly release: (key: StepKey, release: Release) => Effect.Effect<void, InventoryUnavailable>
  }
>()("firebreak/Inventory") {}
