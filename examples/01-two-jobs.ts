/**
 * The program of the README: two jobs that only make sense together, and a typed failure caught around them.
 */
// #region readme
import { Console, Effect, Schema } from "effect"
import { coroutineScope } from "firebreak"

class OutOfStock extends Schema.TaggedError<OutOfStock>()("OutOfStock", { sku: Schema.String }) {}
const quote = Effect.as(Effect.sleep("1 second"), 12.5)
const reserve = (sku: string) => Effect.fail(new OutOfStock({ sku }))

const order = coroutineScope(function* (scope) {
  const price = yield* scope.async(quote)
  yield* scope.launch(reserve("MUG-1")) // fails: the quote is cancelled, the scope fails
  return yield* price.await
}) // hover: Effect<number, OutOfStock, never>
Effect.runPromise(order.pipe(Effect.catchTag("OutOfStock", (e) => Console.log(`no ${e.sku} left`))))
// #endregion

// > no MUG-1 left
