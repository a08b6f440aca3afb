/**
 * What a user's first file looks like, run against the packed package in an empty project: it must
 * type-check from the published declarations, run from the published JavaScript, and fail by name.
 */
import { Effect, Schema } from "effect"
import { coroutineScope } from "firebreak/supervision"

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

// Without the handler this does not compile: `never` is the promise that nothing else can go wrong.
const answered: Effect.Effect<string> = page.pipe(
  Effect.catchTag("StoreClosed", (closed) => Effect.succeed(`the store in ${closed.store} is closed`))
)

console.log(await Effect.runPromise(answered))
