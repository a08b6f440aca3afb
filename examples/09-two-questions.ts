/**
 * What may come of a step, and the four answers to "when nobody knows whether it happened, how is that settled?"
 *
 *   node --conditions=firebreak-source examples/09-two-questions.ts
 *
 * The world outside is a few functions here. They fail and lose answers on purpose, once each.
 */
import { Console, Effect, Layer, Schema } from "effect"
import { Workflow } from "effect/workflow"
import { Journal, layerMemory } from "firebreak/journal"
import { Found, Indeterminate, Step, Unavailable } from "firebreak/workflows"

/** Gives the answers one after the other, each time it is asked, and says that it was asked. */
const outside = <A, E>(what: string, ...answers: ReadonlyArray<Effect.Effect<A, E>>) => {
  let asked = 0
  return (_key: string) =>
    Effect.suspend(() => Effect.andThen(Console.log(what), answers[Math.min(asked++, answers.length - 1)]!))
}

const noConnection = Effect.fail(new Unavailable({ reason: "no connection" }))
const noAnswer = Effect.fail(new Indeterminate({ reason: "no answer within 10 seconds" }))

const shop = { price: outside("the shop is asked for the price", Effect.succeed(1250)) }
const gateway = {
  charge: outside<string, Declined | Unavailable | Indeterminate>(
    "the gateway is asked to charge",
    noConnection,
    noAnswer
  ),
  find: outside("the gateway is asked whether it has charged", Effect.succeed("payment-7")),
  refund: outside("the gateway is asked to refund", Effect.void)
}
const stock = {
  reserve: outside(
    "the stock is asked to reserve",
    Effect.die(new Error("a bug in the client")),
    Effect.succeed("shelf 3")
  ),
  release: outside("the stock is asked to release", Effect.void)
}
const mail = { send: outside<void, Indeterminate>("the mail server is asked to send", noAnswer) }
const robot = { pack: outside<void, Indeterminate>("the robot is asked to pack", noAnswer) }

// #region price
/** A read. It is a step so that every replay sees the same price. */
const priceOf = Step.make("price-of", {
  success: Schema.Int,
  do: (_sku: string, key) => shop.price(key),
  undo: "nothing",
  unknown: "repeat"
})
// #endregion

// #region charge
class Declined extends Schema.TaggedError<Declined>()("Declined", { because: Schema.String }) {}

/** Money. The gateway can be asked by our key whether it has charged. */
const charge = Step.make("charge", {
  success: Schema.String,
  error: Declined,
  do: (_amount: number, key) => gateway.charge(key),
  undo: {
    do: (_payment, key) => gateway.refund(key),
    unknown: "repeat"
  },
  unknown: (_amount, key) => Effect.map(gateway.find(key), (payment) => Found.done(payment)),
  retry: { attempts: 4, backoff: { first: "50 millis", factor: 2 }, within: "2 minutes" },
  timeout: "10 seconds",
  gaveUp: ({ reason }) => new Declined({ because: reason })
})
// #endregion

// #region reserve
/** Stock. Whoever reserves twice with one key has one reservation. */
const reserve = Step.make("reserve", {
  success: Schema.String,
  do: (_sku: string, key) => stock.reserve(key),
  undo: (_shelf, key) => stock.release(key),
  unknown: "repeat"
})
// #endregion

// #region letter
/** Mail. Nobody will ever know, and the order goes on without knowing. */
const sendLetter = Step.make("send-letter", {
  do: (_to: string, key) => mail.send(key),
  undo: "irreversible",
  unknown: "leave"
})
// #endregion

// #region pack
/** A machine that cannot be asked. A person has to look. */
const pack = Step.make("pack", {
  do: (_shelf: string, key) => robot.pack(key),
  undo: "irreversible",
  unknown: "ask"
})
// #endregion

const Sale = Workflow.make("Sale", {
  payload: { id: Schema.String, sku: Schema.String },
  success: Schema.String,
  error: Declined,
  idempotencyKey: ({ id }) => id
})

// #region story
const story = Sale.toLayer(
  Effect.fnUntraced(function* ({ sku }) {
    const price = yield* priceOf(sku)
    yield* charge(price)
    const shelf = yield* reserve(sku)
    const told = yield* sendLetter("ann@example.com").pipe(
      Effect.as("was told"),
      Effect.catchTag("OutcomeUnknown", () => Effect.succeed("was perhaps told"))
    )
    yield* pack(shelf)
    return `Ann ${told}, and pays ${price}`
  })
)
// #endregion

// #region ask
const program = Effect.gen(function* () {
  const journal = yield* Journal
  const rest = yield* journal.run(Sale, { id: "1001", sku: "MUG-1" })
  yield* Console.log(`1001 is ${rest.status}: ${rest.why?.message}`)
  // Somebody has gone to look: the parcel is there.
  yield* journal.settle("1001", "pack", { _tag: "Done" })
  yield* Console.log(yield* Sale.execute({ id: "1001", sku: "MUG-1" }))
  for (const { attempts, state, step } of (yield* journal.show("1001")).steps)
    yield* Console.log(`${step}: ${state}, ${attempts} attempt${attempts === 1 ? "" : "s"}`)
})
// #endregion

await Effect.runPromise(Effect.provide(program, Layer.provideMerge(story, layerMemory())))

// > the shop is asked for the price
// > the gateway is asked to charge
// > the gateway is asked to charge
// > the gateway is asked whether it has charged
// > the stock is asked to reserve
// > the stock is asked to reserve
// > the mail server is asked to send
// > the robot is asked to pack
// > 1001 is stuck: the step "pack" needs a person: no answer within 10 seconds
// > Ann was perhaps told, and pays 1250
// > price-of: done, 1 attempt
// > charge: done, 2 attempts
// > reserve: done, 2 attempts
// > send-letter: left, 1 attempt
// > pack: done, 1 attempt
