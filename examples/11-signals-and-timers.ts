/**
 * A story that waits: for a person, and not for ever.
 *
 *   node --conditions=firebreak-source examples/11-signals-and-timers.ts
 *
 * The waits are short here. With "3 days" in their place nothing changes but the time: whoever waits is not in memory.
 */
import { Clock, Console, Effect, Layer, Random, Schema } from "effect"
import { DurableDeferred, Workflow } from "effect/workflow"
import { withTimeout } from "firebreak"
import { Journal, layerMemory } from "firebreak/journal"
import { Step } from "firebreak/workflows"

const block = Step.make("block-the-money", {
  do: (_amount: number) => Console.log("  the money is blocked"),
  undo: () => Console.log("  the money is free again"),
  unknown: "repeat"
})

// #region workflow
/** A signal: it is named, has a type, and counts once. */
const Approval = DurableDeferred.make("approval", { success: Schema.String })

const Purchase = Workflow.make("Purchase", {
  payload: { id: Schema.String, amount: Schema.Int },
  success: Schema.String,
  idempotencyKey: ({ id }) => id
})

const approved = Effect.fnUntraced(function* (amount: number) {
  yield* block(amount)
  return `approved by ${yield* DurableDeferred.await(Approval)}`
})

const story = Purchase.toLayer(({ amount }) =>
  withTimeout(approved(amount), "300 millis", { name: "the approval" }).pipe(
    Effect.catchTag("DeadlineExceeded", (late) => Effect.succeed(late.message))
  )
)
// #endregion

// #region signal
/** In the process that owns the journal: before it waits, or while it waits. */
const approve = (executionId: string, by: string) => {
  const token = DurableDeferred.tokenFromExecutionId(Approval, { workflow: Purchase, executionId })
  return DurableDeferred.succeed(Approval, { token, value: by })
}
// #endregion

// #region clock
const Lottery = Workflow.make("Lottery", {
  payload: { id: Schema.String },
  success: Schema.String,
  idempotencyKey: ({ id }) => id
})

/** Time and chance come from the journal: the same in every replay. */
const draw = Lottery.toLayer(
  Effect.fnUntraced(function* () {
    const before = yield* Clock.currentTimeMillis
    yield* Effect.sleep("50 millis")
    const after = yield* Clock.currentTimeMillis
    const number = yield* Random.nextIntBetween(1, 50)
    return `number ${number}, ${after - before >= 50 ? "after" : "before"} the sleep was over`
  })
)
// #endregion

const program = Effect.gen(function* () {
  const journal = yield* Journal

  yield* Console.log("the first is approved:")
  const first = yield* journal.start(Purchase, { id: "1", amount: 100 })
  yield* approve(first, "Bea")
  yield* Console.log(`  ${yield* Purchase.execute({ id: "1", amount: 100 })}`)

  yield* Console.log("the second is not:")
  yield* Console.log(`  ${yield* Purchase.execute({ id: "2", amount: 100 })}`)

  yield* Console.log("what the journal has of the first:")
  const { signals, timers } = yield* journal.show(first)
  for (const { name } of signals) yield* Console.log(`  signal ${name}`)
  for (const { firedAt, name } of timers)
    yield* Console.log(`  timer ${name}, ${firedAt === null ? "no longer needed" : "fired"}`)

  yield* Console.log(`the lottery: ${yield* Lottery.execute({ id: "1" })}`)
})

const app = Layer.provideMerge(Layer.merge(story, draw), layerMemory())
await Effect.runPromise(Effect.provide(program, app))

// > the first is approved:
// >   the money is blocked
// >   approved by Bea
// > the second is not:
// >   the money is blocked
// >   the money is free again
// >   "the approval" was not done within 300ms: it was cancelled
// > what the journal has of the first:
// >   signal approval
// >   timer sleep, no longer needed
// > the lottery: number 19, after the sleep was over
