/**
 * What a user's first file looks like, run against the packed package in an empty project: it must
 * type-check from the published declarations, run from the published JavaScript, and fail by name.
 */
import { Effect, Layer, Schema } from "effect"
import { layer as simulatedWorld } from "firebreak/adapters/simulated"
import { layerSqlite } from "firebreak/journal"
import { coroutineScope } from "firebreak/supervision"
import { ProcessOrder } from "firebreak/workflows"

class StoreClosed extends Schema.TaggedError<StoreClosed>()("StoreClosed", { store: Schema.String }) {}

const prices = Effect.succeed([12, 30])
const stock: Effect.Effect<number, StoreClosed> = Effect.gen(function* () {
  return yield* new StoreClosed({ store: "Lisbon" })
})

const page = coroutineScope(function* (scope) {
  const allPrices = yield* scope.async(prices)
  const inStock = yield* scope.async(stock)
  return `${(yield* allPrices.await).length} prices, ${yield* inStock.await} in stock`
})

// Every entry point is there, and they fit each other.
const world = ProcessOrder.layer.pipe(
  Layer.provide(simulatedWorld()),
  Layer.provide(layerSqlite({ file: "journal.db" }))
)

// Without the handler this does not compile: `never` is the promise that nothing else can go wrong.
const answered: Effect.Effect<string> = page.pipe(
  Effect.catchTag("StoreClosed", (closed) => Effect.succeed(`the store in ${closed.store} is closed`))
)

console.log(await Effect.runPromise(answered.pipe(Effect.provide(world))))
