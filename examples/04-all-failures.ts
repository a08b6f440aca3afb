/**
 * Of several failures none is lost: the first is the scope's and can be caught, the others are kept with it.
 */
import { Console, Effect, Schema } from "effect"
import { coroutineScope, failuresOf } from "firebreak"

class OutOfStock extends Schema.TaggedError<OutOfStock>()("OutOfStock", { sku: Schema.String }) {}

const closesBadly = Effect.onInterrupt(Effect.never, () => Effect.die(new Error("the connection was gone")))

const order = coroutineScope(
  function* (scope) {
    yield* scope.launch(closesBadly, { name: "prices" })
    yield* scope.launch(Effect.fail(new OutOfStock({ sku: "MUG-1" })), { name: "reserve" })
  },
  { name: "order" }
)

const program = order.pipe(
  Effect.tapCause((cause) =>
    Effect.forEach(failuresOf(cause), ({ cause, job }) => Console.log(`${job}: ${cause.reasons[0]?._tag}`))
  ),
  Effect.catchTag("OutOfStock", (error) => Console.log(`no ${error.sku} left`))
)

Effect.runPromise(program)

// > order / reserve: Fail
// > order / prices: Die
// > no MUG-1 left
