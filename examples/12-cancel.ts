/**
 * Cancelling: it is never ignored, and answers with a receipt.
 *
 *   node --conditions=firebreak-source examples/12-cancel.ts
 *
 * The order is cancelled while the gateway is charging. The call is interrupted, so nobody knows: that is found out
 * first, and then everything is taken back, newest first.
 */
import { Console, Deferred, Effect, Exit, Layer, Schema } from "effect"
import { Workflow } from "effect/workflow"
import { Journal, layerMemory } from "firebreak/journal"
import { Found, Step } from "firebreak/workflows"

const isAsked = Deferred.makeUnsafe<void>()
const gateway = {
  charge: Effect.andThen(Deferred.succeed(isAsked, undefined), Effect.sleep("10 seconds")),
  hasCharged: Effect.as(Console.log("  asked the gateway: it did charge"), Found.done(undefined)),
  refund: Console.log("  gave the money back")
}

const reserve = Step.make("reserve", {
  do: (sku: string) => Console.log(`  reserved ${sku}`),
  undo: (_, __, sku) => Console.log(`  released ${sku}`),
  unknown: "repeat"
})
const sendLetter = Step.make("send-letter", {
  do: (to: string) => Console.log(`  wrote to ${to}`),
  undo: "irreversible",
  unknown: "leave"
})
const charge = Step.make("charge", {
  do: (_amount: number) => gateway.charge,
  undo: () => gateway.refund,
  unknown: () => gateway.hasCharged
})

const Order = Workflow.make("Order", { payload: { id: Schema.String }, idempotencyKey: ({ id }) => id })
const story = Order.toLayer(() =>
  Effect.gen(function* () {
    yield* reserve("MUG-1")
    yield* Effect.ignore(sendLetter("ann@example.com"))
    yield* charge(1250)
  })
)

// #region cancel
const program = Effect.gen(function* () {
  const journal = yield* Journal
  yield* journal.start(Order, { id: "1001" })
  yield* Deferred.await(isAsked)

  const first = yield* journal.cancel("1001")
  if ("_tag" in first) return yield* Console.log("no owner has answered yet; the cancel is written down")
  yield* Console.log(`  ${first.summary}`)

  // Whoever waits for it is told when everything is settled.
  const rest = yield* journal.run(Order, { id: "1001" })
  yield* Console.log(`  ${rest.status}, ${Exit.isFailure(rest.exit!) ? "interrupted" : "too late"}`)

  const receipt = yield* journal.cancel("1001")
  if ("_tag" in receipt) return
  yield* Console.log(receipt.isFinal ? "the receipt, which is final:" : "the receipt, so far:")
  for (const { state, step } of receipt.steps) yield* Console.log(`  ${step}: ${state}`)
})
// #endregion

await Effect.runPromise(Effect.provide(program, Layer.provideMerge(story, layerMemory())))

// >   reserved MUG-1
// >   wrote to ann@example.com
// >   it is being cancelled
// >   asked the gateway: it did charge
// >   gave the money back
// >   released MUG-1
// >   cancelled, interrupted
// > the receipt, which is final:
// >   reserve: done and undone
// >   send-letter: done and kept
// >   charge: done and undone
