/**
 * What the tests of ProcessOrder stand on: an order, a simulated world that can be interfered with, and its witness.
 */
import { Deferred, Effect, Fiber, Layer, Schema } from "effect"
import * as TestClock from "effect/testing/TestClock"
import { Ledger, layer as simulated, type SimulatedOptions } from "firebreak/adapters/simulated"
import { layerMemory } from "firebreak/journal"
import { Inventory, Notifications, Order, PaymentGateway, ProcessOrder, Sku } from "firebreak/workflows"

const decode = Schema.decodeSync(Order)
const written: typeof Order.Encoded = {
  id: "1001",
  customer: { email: "ann@example.com" },
  lines: [{ sku: "MUG-1", quantity: 2, price: { currency: "EUR", minor: 1250 } }],
  total: { currency: "EUR", minor: 2500 },
  payment: { method: "pm_card_visa" }
}

/** Two mugs for Ann, 25.00 EUR. */
export const order = decode(written)
/** The same order, but … */
export const but = (fields: Partial<typeof Order.Encoded>) => decode({ ...written, ...fields })

/** One mug where two are wanted. */
export const emptyShelf: SimulatedOptions = { stock: new Map([[Sku.make("MUG-1"), 1]]) }

/** What the ledger says happened. */
export const trail = Ledger.use((ledger) => ledger.trail)

type Changed<P> = (real: P) => Partial<P>

/** What a test changes about the simulated world: its options, and methods of its ports. */
export interface Changes extends SimulatedOptions {
  readonly payments?: Changed<PaymentGateway["Service"]>
  readonly inventory?: Changed<Inventory["Service"]>
  readonly notifications?: Changed<Notifications["Service"]>
}

/** The outside, with changes. */
export const outside = ({ inventory, notifications, payments, ...options }: Changes = {}) => {
  const unchanged = () => ({})
  return Layer.mergeAll(
    Layer.effect(
      PaymentGateway,
      PaymentGateway.useSync((real) => ({ ...real, ...(payments ?? unchanged)(real) }))
    ),
    Layer.effect(
      Inventory,
      Inventory.useSync((real) => ({ ...real, ...(inventory ?? unchanged)(real) }))
    ),
    Layer.effect(
      Notifications,
      Notifications.useSync((real) => ({ ...real, ...(notifications ?? unchanged)(real) }))
    )
  ).pipe(Layer.provideMerge(simulated(options)))
}

/** ProcessOrder on a journal in memory, in the simulated world with changes. */
export const world = (changes: Changes = {}) =>
  ProcessOrder.layer.pipe(Layer.provideMerge(layerMemory()), Layer.provideMerge(outside(changes)))

/**
 * Moves the virtual clock in small steps until the fiber has ended. Not in one step: what stands at a port is there only
 * after some turns of the event loop.
 */
export const pump = Effect.fnUntraced(function* <A, E>(fiber: Fiber.Fiber<A, E>, step = 50) {
  for (let turn = 0; turn < 4_000 && fiber.pollUnsafe() === undefined; turn++) {
    yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
    yield* TestClock.adjust(step)
  }
  const exit = fiber.pollUnsafe()
  if (exit === undefined) throw new Error("the order has not ended")
  return exit
})

/** Runs to the end while the virtual clock goes on. */
export const pumped = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>, step?: number) {
  const fiber = yield* Effect.forkChild(effect)
  return yield* yield* pump(fiber, step)
})

/** A place where calls stand until it is opened. */
export const makeGate = Effect.gen(function* () {
  const reached = yield* Deferred.make<void>()
  const opened = yield* Deferred.make<void>()
  const stand = Effect.andThen(Deferred.succeed(reached, undefined), Deferred.await(opened))
  return {
    /** The call takes effect, and its answer stands at the gate. */
    after: <A, E>(call: Effect.Effect<A, E>) => Effect.tap(call, () => stand),
    /** The call stands at the gate before it takes effect. */
    before: <A, E>(call: Effect.Effect<A, E>) => Effect.andThen(stand, call),
    open: Deferred.succeed(opened, undefined),
    reached: Deferred.await(reached)
  }
})
export type Gate = Effect.Success<typeof makeGate>
