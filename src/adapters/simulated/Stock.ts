/**
 * What lies on the shelves of the simulated warehouse: a JSON object such as `{"MUG-1": 12, "TEA-3": 0}`.
 */
import { Effect, Schema } from "effect"
import { Sku } from "../../workflows/index.ts"

export type Stock = ReadonlyMap<Sku, number>

/** A stock that cannot be read. */
export class StockUnreadable extends Schema.TaggedError<StockUnreadable>()("StockUnreadable", {
  reason: Schema.String
}) {
  override get message() {
    return `the stock cannot be read: ${this.reason}`
  }
}

const Written = Schema.fromJsonString(
  Schema.Record(Sku, Schema.Int.check(Schema.isGreaterThanOrEqualTo(0, { message: "is below zero" })))
)

/** Reads a stock; the failure names the SKU that is wrong. */
export const parseStock = (text: string): Effect.Effect<Stock, StockUnreadable> =>
  Schema.decodeUnknownEffect(Written)(text).pipe(
    // Sound: the decoder has let only SKUs pass as keys, which `Object.entries` forgets.
    Effect.map((written) => new Map(Object.entries(written) as Array<[Sku, number]>)),
    Effect.mapError((error) => new StockUnreadable({ reason: error.message }))
  )
