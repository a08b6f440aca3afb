/**
 * Programs whose traces are worth looking at: a pair, a supervisor in a scope, a wide scope, many orders, hostile names.
 */
import { Data, Effect, Exit } from "effect"
import {
  coroutineScope,
  type FailureTrace,
  nonCancellable,
  recordFailures,
  supervisorScope
} from "firebreak/supervision"
import { run } from "./virtual.ts"

export class OutOfStock extends Data.TaggedError("OutOfStock")<{ readonly sku: string }> {
  override get message() {
    return `no ${this.sku} left`
  }
}
export class SmtpDown extends Data.TaggedError("SmtpDown")<{}> {}

const outOfStock = (ms: number, sku = "MUG-1") => Effect.andThen(Effect.sleep(ms), Effect.fail(new OutOfStock({ sku })))
const smtpDown = (ms: number) => Effect.andThen(Effect.sleep(ms), Effect.fail(new SmtpDown()))

export const traced = <A, E, R>(program: Effect.Effect<A, E, R>): Effect.Effect<FailureTrace, never, R> =>
  Effect.map(run(recordFailures(program)), ({ exit }) => (Exit.isSuccess(exit) ? exit.value.trace : never()))

const never = (): never => {
  throw new Error("recording never fails")
}

/** Two jobs, one of which fails. */
export const pair = coroutineScope(
  function* (scope) {
    yield* scope.launch(outOfStock(20), { name: "reserve" })
    yield* scope.launch(Effect.ensuring(Effect.never, Effect.sleep(10)), { name: "notify" })
  },
  { name: "order" }
)

/** A failure that stops at a supervisor inside of a scope. */
export const nested = coroutineScope(
  function* (order) {
    yield* order.launch(Effect.sleep(180), { name: "audit" })
    yield* supervisorScope(
      function* (scope) {
        const reserving = yield* scope.async(
          coroutineScope(
            function* (shelf) {
              yield* shelf.launch(outOfStock(40), { name: "north" })
              yield* shelf.launch(nonCancellable(Effect.sleep(90), { within: "1 second" }), { name: "south" })
            },
            { name: "shelf" }
          ),
          { name: "reserve" }
        )
        yield* scope.launch(Effect.sleep(120), { name: "e-mail" })
        yield* scope.launch(smtpDown(60), { name: "sms", onFailure: () => Effect.void })
        yield* Effect.exit(reserving.await)
      },
      { name: "side by side" }
    )
  },
  { name: "ProcessOrder" }
)

/** Many jobs of which one fails. */
export const wide = (jobs: number) =>
  supervisorScope(
    function* (scope) {
      for (let n = 1; n <= jobs; n++) {
        const lost = n === jobs / 2
        yield* scope.launch(lost ? smtpDown(40) : Effect.sleep(n % 97), { onFailure: () => Effect.void })
      }
    },
    { name: "letters" }
  )

const order = (n: number) =>
  coroutineScope(
    function* () {
      yield* Effect.sleep(10 + (n % 7) * 4)
      if (n % 11 === 3) return yield* new SmtpDown()
      yield* supervisorScope(function* (scope) {
        const reserved = yield* scope.async(n % 9 === 4 ? outOfStock(15 + n) : Effect.sleep(15 + n), {
          name: "reserve"
        })
        yield* scope.launch(n % 8 === 1 ? smtpDown(30) : Effect.sleep(25), {
          name: "notify",
          onFailure: () => Effect.void
        })
        yield* reserved.await
      })
    },
    { name: `order ${1000 + n}` }
  )

/** Orders, eight at a time, of which some fail in one way and some in another. */
export const orders = (count: number) =>
  Effect.forEach(
    Array.from({ length: count }, (_, n) => n + 1),
    (n) => Effect.exit(order(n)),
    { concurrency: 8, discard: true }
  )

/** Names and messages as nobody would wish them. */
export const hostile = coroutineScope(
  function* (scope) {
    const error = { _tag: "<script>alert(1)</script>", message: "a & b ]]> \"d\" 'e' \u0000\u001b[31m \ud800 \u202e" }
    yield* scope.launch(Effect.andThen(Effect.sleep(5), Effect.fail(error)), {
      name: '<b>&"quoted"\u0007 名前がとても長い 🎉'
    })
    yield* scope.launch(Effect.never, { name: "x".repeat(500) })
    yield* scope.launch(Effect.never, { name: "" })
  },
  { name: "first line\nsecond line" }
)
