/**
 * What becomes of a call that is under way when its execution is cancelled, as the page on workflows says.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Exit, Layer, Schema } from "effect"
import { Workflow } from "effect/workflow"
import { Journal, layerMemory } from "firebreak/journal"
import { coroutineScope, nonCancellable } from "firebreak/supervision"
import { Step } from "firebreak/workflows"

/** The gateway has been asked, and answers when it is told to. */
class Gateway {
  readonly isAsked = Deferred.makeUnsafe<void>()
  readonly answers = Deferred.makeUnsafe<void>()
  readonly refunded: Array<string> = []
}
let gateway = new Gateway()

const ask = Effect.fnUntraced(function* (cents: number) {
  yield* Deferred.succeed(gateway.isAsked, undefined)
  yield* Deferred.await(gateway.answers)
  return `payment of ${cents}`
})
const refund = (payment: string) => Effect.sync(() => void gateway.refunded.push(payment))

const charge = Step.make("charge", { success: Schema.String, do: ask, undo: refund, unknown: "ask" })
const chargeUninterruptibly = Step.make("charge-uninterruptibly", {
  success: Schema.String,
  do: (cents: number) => Effect.uninterruptible(ask(cents)),
  undo: refund,
  unknown: "ask"
})
const chargeInSection = Step.make("charge-in-section", {
  success: Schema.String,
  do: (cents: number) => nonCancellable(ask(cents), { within: "30 seconds" }),
  undo: refund,
  unknown: "ask"
})

/** Until the gateway is asked. */
const wait = Step.make("wait", {
  do: () => Deferred.await(gateway.isAsked),
  undo: "nothing",
  unknown: "repeat"
})

const Sale = Workflow.make("Sale", {
  payload: { cents: Schema.Int },
  success: Schema.String,
  idempotencyKey: ({ cents }) => String(cents)
})

// #region story
/** Cancelled while the gateway is asked, it hears the answer first. Then the cancel takes effect, and the money goes back. */
const story = Sale.toLayer(({ cents }) => nonCancellable(charge(cents), { within: "30 seconds" }))
// #endregion

/** Cancels while the gateway is asked, lets it answer, and gives how the execution came to rest. */
const cancelled = Effect.gen(function* () {
  gateway = new Gateway()
  const journal = yield* Journal
  const id = yield* journal.start(Sale, { cents: 1250 })
  yield* Deferred.await(gateway.isAsked)
  yield* journal.cancel(id)
  // The cancel is written down; a few turns later it has reached the call.
  yield* Effect.repeat(Effect.yieldNow, { times: 50 })
  yield* Deferred.succeed(gateway.answers, undefined)
  return yield* journal.run(Sale, { cents: 1250 })
})

const on = (layer: typeof story) => Effect.provide(Layer.provideMerge(layer, layerMemory()))

describe("a call that is under way when its execution is cancelled", () => {
  for (const [how, call] of [
    ["as it is", charge],
    ["in Effect.uninterruptible", chargeUninterruptibly],
    ["in a nonCancellable inside of its do", chargeInSection]
  ] as const)
    it.effect(
      `${how}, is interrupted or loses its result, and unknown says what becomes of it: a person is asked`,
      () =>
        Effect.gen(function* () {
          const { status, why } = yield* cancelled
          assert.strictEqual(status, "stuck")
          assert.deepStrictEqual(
            why?.steps.map(({ step }) => step),
            [call.name]
          )
          assert.deepStrictEqual(gateway.refunded, [])
        }).pipe(on(Sale.toLayer(({ cents }) => call(cents))))
    )

  it.effect("in a nonCancellable around the step, comes to its answer, and is undone", () =>
    Effect.gen(function* () {
      const { status, undone } = yield* cancelled
      assert.deepStrictEqual([status, undone], ["cancelled", ["charge"]])
      assert.deepStrictEqual(gateway.refunded, ["payment of 1250"])
    }).pipe(on(story))
  )
})

describe("a call that is under way when its sibling fails", () => {
  /** The sibling fails as soon as the gateway is asked; a few turns later the gateway answers. */
  const failing = Effect.gen(function* () {
    gateway = new Gateway()
    const journal = yield* Journal
    yield* journal.start(Sale, { cents: 1250 })
    yield* Deferred.await(gateway.isAsked)
    yield* Effect.repeat(Effect.yieldNow, { times: 50 })
    yield* Deferred.succeed(gateway.answers, undefined)
    return yield* journal.run(Sale, { cents: 1250 })
  })
  const beside = (call: (cents: number) => ReturnType<typeof charge>) =>
    Sale.toLayer(({ cents }) =>
      coroutineScope(function* (scope) {
        const payment = yield* scope.async(call(cents), { name: "payment" })
        yield* Effect.andThen(wait(), Effect.die(new Error("the sibling failed")))
        return yield* payment.await
      })
    )

  it.effect("is interrupted as well, and a person is asked", () =>
    Effect.map(failing, ({ status }) => {
      assert.strictEqual(status, "stuck")
      assert.deepStrictEqual(gateway.refunded, [])
    }).pipe(on(beside(charge)))
  )

  it.effect("comes to its answer in a nonCancellable around the step, and is undone", () =>
    Effect.map(failing, ({ status }) => {
      assert.strictEqual(status, "failed")
      assert.deepStrictEqual(gateway.refunded, ["payment of 1250"])
    }).pipe(on(beside((cents) => nonCancellable(charge(cents), { within: "30 seconds" }))))
  )
})

describe("a cancelled execution", () => {
  it.effect("interrupts who executes it; journal.run gives a Rest with its status", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* cancelled).status, "cancelled")
      const executed = yield* Effect.exit(Sale.execute({ cents: 1250 }))
      assert.isTrue(Exit.isFailure(executed) && Cause.hasInterruptsOnly(executed.cause))
      const thrown = yield* Effect.promise(() =>
        Effect.runPromise(Effect.failCause(Exit.isFailure(executed) ? executed.cause : Cause.empty)).catch(String)
      )
      assert.include(thrown, "All fibers interrupted without error")
    }).pipe(on(story))
  )
})
