/**
 * The outside world, simulated in this process: for trying orders out, and for tests. Table of contents.
 */
import { Layer } from "effect"
import type { Inventory, Notifications, PaymentGateway } from "../../workflows/index.ts"
import type { Faults } from "./Faults.ts"
import { Hardship } from "./Hardship.ts"
import { layer as inventory } from "./Inventory.ts"
import { Ledger } from "./Ledger.ts"
import { layer as notifications } from "./Notifications.ts"
import { layer as payments } from "./PaymentGateway.ts"
import type { Stock } from "./Stock.ts"

export { type ByChance, type Faults, type FaultsOfPlace, FaultsUnreadable, parseFaults, type Place } from "./Faults.ts"
export { type Entry, Ledger } from "./Ledger.ts"
export { parseStock, type Stock, StockUnreadable } from "./Stock.ts"

/** What the simulated world is like. Without anything: full shelves, quick, and nothing goes wrong. */
export interface SimulatedOptions {
  readonly stock?: Stock
  readonly faults?: Faults
  /** Decides which calls the faults strike. */
  readonly seed?: number
}

/**
 * A gateway, a warehouse and a mail server in this process, and the ledger that says what they did.
 *
 * **Gotchas** — they live as long as the layer and forget what is older than 10,000 calls.
 */
export const layer = (
  options: SimulatedOptions = {}
): Layer.Layer<PaymentGateway | Inventory | Notifications | Ledger> =>
  Layer.mergeAll(payments, inventory(options.stock ?? new Map()), notifications).pipe(
    Layer.provide(Hardship.layer(options.faults ?? {}, options.seed ?? 1)),
    Layer.provideMerge(Ledger.layer)
  )
