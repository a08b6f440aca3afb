/**
 * What lies on the shelves of the simulated warehouse: a JSON object such as `{"MUG-1": 12, "TEA-3": 0}`.
 *
 * The special rule: a shelf is counted once. From then on it knows better than any list.
 */
import { Effect, Schema } from "effect"
import { Sku } from "../../workflows/index.ts"
import type { Books } from "./Books.ts"

export type Stock = ReadonlyMap<Sku, number>

/** A stock that cannot be read. */
export class StockUnreadable extends Schema.TaggedError<StockUnreadable>()("StockUnreadable", {
  reason: Schema.String
}) {
  override get message() {
    return `the stock cannot be read: ${this.reason}`
  }
}

const Written = Schema.Record(Sku, Schema.Int.check(Schema.isGreaterThanOrEqualTo(0, { message: "is below zero" })))
const decodeJson = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Unknown))
const decodeObject = Schema.decodeUnknownEffect(Schema.Record(Schema.String, Schema.Unknown))
const decodeWritten = Schema.decodeUnknownEffect(Written)

const example = 'write it like {"MUG-1": 12, "TEA-3": 0}'

/** Reads a stock; the failure says how a stock is written, or names the SKU that is wrong. */
export const parseStock = Effect.fnUntraced(function* (text: string): Effect.fn.Return<Stock, StockUnreadable> {
  const unreadable = (reason: string) => new StockUnreadable({ reason })
  const json = yield* Effect.mapError(decodeJson(text), () => unreadable(`it is not JSON; ${example}`))
  const object = yield* Effect.mapError(decodeObject(json), () => unreadable(`it is not a JSON object; ${example}`))
  const written = yield* Effect.mapError(decodeWritten(object), (error) => unreadable(error.message))
  // Sound: the decoder has let only SKUs pass as keys, which `Object.entries` forgets.
  return new Map(Object.entries(written) as Array<[Sku, number]>)
})

/** Counts what lies on the shelves, where that was not done before. */
export const countStock =
  (stock: Stock) =>
  ({ run }: Books): void => {
    for (const [sku, quantity] of stock) {
      run("INSERT OR IGNORE INTO stock (sku, initial, available) VALUES (?, ?, ?)", sku, quantity, quantity)
    }
  }
