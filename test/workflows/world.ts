/**
 * What the tests of ProcessOrder stand on: an order, a simulated world that can be interfered with, and its witness.
 */
import { Cause, Effect, Exit, Fiber, Layer, Schema } from "effect"
import * as TestClock from "effect/testing/TestClock"
import * as WorkflowEngine from "effect/workflow/WorkflowEngine"
import { Ledger, layer as simulated, type SimulatedOptions } from "firebreak/adapters/simulated"
import { Inventory, Notifications, Order, OrderStuck, PaymentGateway, ProcessOrder, Sku } from "firebreak/workflows"

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

/** The memory engine with ProcessOrder on it, in the simulated world with changes. */
export const world = ({ inventory, notifications, payments, ...options }: Changes = {}) => {
  const unchanged = () => ({})
  const ports = Layer.mergeAll(
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
  return ProcessOrder.layer.pipe(Layer.provideMerge(WorkflowEngine.layerMemory), Layer.provideMerge(ports))
}

/**
 * Moves the virtual clock in small steps until the fiber has ended. Not in one step: an execution hashes its id outside
 * of the clock, and stands nowhere before it has.
 */
export const pump = Effect.fnUntraced(function* <A, E>(fiber: Fiber.Fiber<A, E>) {
  for (let turn = 0; turn < 2_000 && fiber.pollUnsafe() === undefined; turn++) {
    yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
    yield* TestClock.adjust("50 millis")
  }
  const exit = fiber.pollUnsafe()
  if (exit === undefined) throw new Error("the order has not ended")
  return exit
})

/** The steps that an exit says are stuck. */
export const stuckIn = (exit: Exit.Exit<unknown, unknown>): ReadonlyArray<OrderStuck> =>
  Exit.isSuccess(exit)
    ? []
    : exit.cause.reasons.flatMap((reason) =>
        Cause.isDieReason(reason) && reason.defect instanceof OrderStuck ? [reason.defect] : []
      )
