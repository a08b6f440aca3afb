/**
 * What really happened in the simulated world: money taken and given back, goods put aside and put back, letters.
 *
 * The special rule: a line is written in the same transaction as the effect it tells of, and never for a repeated key.
 * Whoever reads the ledger reads what the customer's bank statement would say.
 */
import { Context, Effect, Layer } from "effect"
import {
  Currency,
  type EmailAddress,
  Money,
  OrderId,
  type PaymentId,
  type ReservationId,
  Sku,
  type Unavailable
} from "../../workflows/index.ts"
import type { Row } from "./Books.ts"
import { type Desk, Outside } from "./Outside.ts"
import { countStock, type Stock } from "./Stock.ts"

/** One line of the ledger. */
export interface Entry {
  readonly at: number
  readonly what: "charged" | "refunded" | "reserved" | "released" | "told: received" | "told: refused"
  readonly order: OrderId
  /** The payment, the reservation, or the key of a letter. */
  readonly ref: string
  readonly amount: Money | undefined
  readonly to: string | undefined
}

/** How many of a thing there were at first, and how many are left. */
export interface Shelf {
  readonly sku: Sku
  readonly initial: number
  readonly available: number
}

export class Ledger extends Context.Service<
  Ledger,
  {
    /** The lines, oldest first; of one order, if one is named. */
    readonly entries: (order?: OrderId) => Effect.Effect<ReadonlyArray<Entry>, Unavailable>
    /** The lines in words, such as `1001 charged 25.00 EUR`: a story that a test compares whole. */
    readonly trail: Effect.Effect<ReadonlyArray<string>, Unavailable>
    /** Counts what lies on the shelves, where that was not done before. */
    readonly count: (stock: Stock) => Effect.Effect<void, Unavailable>
    /** What lies on the shelves, of all that was ever counted. */
    readonly shelves: Effect.Effect<ReadonlyArray<Shelf>, Unavailable>
  }
>()("firebreak/simulated/Ledger") {
  static readonly layer: Layer.Layer<Ledger, never, Outside> = Layer.effect(
    Ledger,
    Outside.useSync(({ read }) => {
      const entries = (order?: OrderId) =>
        read((books) =>
          order === undefined
            ? books.all("SELECT * FROM ledger ORDER BY n")
            : books.all("SELECT * FROM ledger WHERE order_id = ? ORDER BY n", order)
        ).pipe(Effect.map((rows) => rows.map(toEntry)))
      return {
        entries,
        trail: Effect.map(entries(), (all) => all.map(inWords)),
        count: (stock) => read(countStock(stock)),
        shelves: read((books) => books.all("SELECT * FROM stock ORDER BY sku")).pipe(
          Effect.map((rows) => rows.map(toShelf))
        )
      }
    })
  )
}

/** Writes a line, in the transaction of what it tells of. */
export const enter = (
  desk: Desk,
  what: Entry["what"],
  order: OrderId,
  ref: PaymentId | ReservationId | string,
  more: { readonly amount?: Money; readonly to?: EmailAddress } = {}
): void =>
  void desk.run(
    "INSERT INTO ledger (at, what, order_id, ref, minor, currency, to_whom) VALUES (?, ?, ?, ?, ?, ?, ?)",
    desk.now,
    what,
    order,
    ref,
    more.amount?.minor ?? null,
    more.amount?.currency ?? null,
    more.to ?? null
  )

const toEntry = ({ at, currency, minor, order_id, ref, to_whom, what }: Row): Entry => ({
  at: Number(at),
  what: what as Entry["what"], // sound: only `enter` writes lines
  order: OrderId.make(String(order_id)),
  ref: String(ref),
  amount: minor === null ? undefined : new Money({ currency: Currency.make(String(currency)), minor: Number(minor) }),
  to: to_whom === null ? undefined : String(to_whom)
})

const toShelf = ({ available, initial, sku }: Row): Shelf => ({
  sku: Sku.make(String(sku)),
  initial: Number(initial),
  available: Number(available)
})

const inWords = ({ amount, order, what }: Entry): string =>
  amount === undefined ? `${order} ${what}` : `${order} ${what} ${amount}`
