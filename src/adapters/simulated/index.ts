/**
 * The outside world, simulated: for trying orders out, and for tests. Table of contents.
 */
import { Layer } from "effect"
import type { Inventory, Notifications, PaymentGateway } from "../../workflows/index.ts"
import { openFile, openMemory, type OutsideUnusable } from "./Books.ts"
import type { Faults } from "./Faults.ts"
import { layer as inventory } from "./Inventory.ts"
import { Ledger } from "./Ledger.ts"
import { layer as notifications } from "./Notifications.ts"
import { Outside } from "./Outside.ts"
import { layer as payments } from "./PaymentGateway.ts"
import { countStock, type Stock } from "./Stock.ts"

export { OutsideUnusable } from "./Books.ts"
export { type ByChance, type Faults, type FaultsOfPlace, FaultsUnreadable, parseFaults, type Place } from "./Faults.ts"
export { type Entry, Ledger, type Shelf } from "./Ledger.ts"
export { parseStock, type Stock, StockUnreadable } from "./Stock.ts"

/** What the simulated world is like. Without anything: full shelves, quick, and nothing goes wrong. */
export interface SimulatedOptions {
  /** What lies on the shelves at first. A file that has counted a thing before keeps its own count. */
  readonly stock?: Stock
  readonly faults?: Faults
  /** Decides which calls the faults strike. */
  readonly seed?: number
}

/** What the simulated world gives: the ports of the stories, and the ledger that says what they did. */
export type Simulated = PaymentGateway | Inventory | Notifications | Ledger

/** A gateway, a warehouse and a mail server that forget everything with the layer. */
export const layer = (options: SimulatedOptions = {}): Layer.Layer<Simulated> =>
  world(Outside.layer(openMemory(countStock(options.stock ?? new Map())), options))

/**
 * The same, kept in a file: whoever opens it again finds every payment, shelf and letter as it was.
 *
 * **Details** — the file is an SQLite database, made where it is not there, and may be read while a run is under way.
 * What a request did is in it before the answer leaves.
 */
export const layerFile = (
  options: SimulatedOptions & { readonly file: string }
): Layer.Layer<Simulated, OutsideUnusable> =>
  world(Outside.layer(openFile(options.file, countStock(options.stock ?? new Map())), options))

const world = <E>(outside: Layer.Layer<Outside, E>) =>
  Layer.provide(Layer.mergeAll(payments, inventory, notifications, Ledger.layer), outside)
