/**
 * All or nothing: an answer made of two halves, and what becomes of the other half when one fails.
 */
import { Console, Effect, Schema } from "effect"
import { coroutineScope } from "firebreak"

class ProductsDown extends Schema.TaggedError<ProductsDown>()("ProductsDown", {}) {}
class StoresDown extends Schema.TaggedError<StoresDown>()("StoresDown", { city: Schema.String }) {}

const searchProducts = (query: string): Effect.Effect<Array<string>, ProductsDown> =>
  Effect.onInterrupt(Effect.as(Effect.sleep("1 minute"), [query]), () => Console.log("products cancelled"))
const searchStores = (query: string): Effect.Effect<Array<string>, StoresDown> =>
  Effect.andThen(Effect.sleep("10 millis"), new StoresDown({ city: query }))

// #region search
const search = (query: string) =>
  coroutineScope(function* (scope) {
    const products = yield* scope.async(searchProducts(query))
    const stores = yield* scope.async(searchStores(query))
    return [yield* products.await, yield* stores.await] as const
  })
// Effect<readonly [Array<string>, Array<string>], ProductsDown | StoresDown>
// #endregion

Effect.runPromise(
  search("Lyon").pipe(
    Effect.catchTags({
      ProductsDown: () => Console.log("no products"),
      StoresDown: ({ city }) => Console.log(`no stores in ${city}`)
    })
  )
)

// > products cancelled
// > no stores in Lyon
