/**
 * What really happened in the simulated world: money taken and given back, goods put aside and put back, letters.
 *
 * The special rule: an entry is made in the same moment as the effect it tells of, and never for a repeated key. Whoever
 * reads the ledger reads what the customer's bank statement would say.
 */
import { Context, Effect, Layer } from "effect"
import type { EmailAddress, Money, OrderId, PaymentId, ReservationId } from "../../workflows/index.ts"

export type Entry =
  | {
      readonly what: "charged" | "refunded"
      readonly order: OrderId
      readonly payment: PaymentId
      readonly amount: Money
    }
  | { readonly what: "reserved" | "released"; readonly order: OrderId; readonly reservation: ReservationId }
  | {
      readonly what: "told: received" | "told: refused"
      readonly order: OrderId
      readonly to: EmailAddress
    }

export class Ledger extends Context.Service<
  Ledger,
  {
    readonly enter: (entry: Entry) => void
    /** The last 10,000 entries, oldest first. */
    readonly entries: Effect.Effect<ReadonlyArray<Entry>>
    /** The entries in words, such as `1001 charged 25.00 EUR`: a story that a test compares whole. */
    readonly trail: Effect.Effect<ReadonlyArray<string>>
  }
>()("firebreak/simulated/Ledger") {
  static readonly layer: Layer.Layer<Ledger> = Layer.sync(Ledger, () => {
    const kept: Array<Entry> = []
    return {
      enter: (entry) => {
        kept.push(entry)
        if (kept.length > 20_000) kept.splice(0, kept.length - 10_000)
      },
      entries: Effect.sync(() => kept.slice(-10_000)),
      trail: Effect.sync(() => kept.slice(-10_000).map(inWords))
    }
  })
}

const inWords = (entry: Entry): string => {
  const about = `${entry.order} ${entry.what}`
  return "amount" in entry ? `${about} ${entry.amount}` : about
}
