/**
 * The one file that knows every room: which adapters fulfil the ports, and which engine runs the stories.
 *
 * The special rule: nothing else in the house names an adapter and a story in one breath.
 *
 * What the command says of orders, files and faults it takes from here as well, so that it knows one room only.
 *
 * Not here: what a person types and reads (`cli/`).
 */
import { Context, Effect, Exit, Layer, Scope } from "effect"
import * as WorkflowEngine from "effect/workflow/WorkflowEngine"
import { layer as simulated, type SimulatedOptions } from "./adapters/simulated/index.ts"
import {
  type Inventory,
  type Notifications,
  type Order,
  type OrderId,
  type OrderResult,
  type PaymentGateway,
  ProcessOrder,
  StepUndone
} from "./workflows/index.ts"

export { OrderFileUnusable, OrderIndex, readOrders } from "./adapters/order-files/index.ts"
export type { Accepted, ReadOrder, Rejected, Skipped } from "./adapters/order-files/index.ts"
export { parseFaults, parseStock, type SimulatedOptions } from "./adapters/simulated/index.ts"
export { FailureRecorder, failureTraceSvg, withJobPath } from "./supervision/index.ts"
export { type Currency, digitsOf, type Money, type Notification, type Order, OrderStuck } from "./workflows/index.ts"

/** How an order ended. */
export interface OrderEnd {
  readonly exit: Exit.Exit<OrderResult, (typeof ProcessOrder)["errorSchema"]["Type"]>
  /** The steps that were taken back, newest first. */
  readonly undone: ReadonlyArray<string>
}

/** Runs orders, each to its end. */
export class Orders extends Context.Service<
  Orders,
  {
    /** Runs an order and tells how it ended; never fails. */
    readonly run: (order: Order) => Effect.Effect<OrderEnd>
    /** Cancels all orders that run, and waits until what they did is taken back. */
    readonly cancelAll: Effect.Effect<void>
  }
>()("firebreak/Orders") {
  /**
   * Orders in a simulated world, on Effect's memory engine.
   *
   * **Details** — each order gets an engine of its own, which closes with it: the memory engine keeps every execution
   * for as long as it lives, and a file may hold any number of orders. What is given up by this is finding an
   * order that comes twice, which is the reader's business anyway. Closing the engine is also how an order is cancelled.
   */
  static layerSimulated(options: SimulatedOptions): Layer.Layer<Orders> {
    return Layer.effect(Orders, make).pipe(Layer.provide(simulated(options)))
  }
}

const make = Effect.gen(function* () {
  const ports = yield* Effect.context<PaymentGateway | Inventory | Notifications>()
  const engines = new Map<OrderId, Scope.Closeable>()

  const runOn = Effect.fnUntraced(function* (engine: Scope.Closeable, order: Order) {
    const undone: Array<string> = []
    const listening = Layer.succeed(StepUndone, (step) => Effect.sync(() => void undone.push(step)))
    const layer = ProcessOrder.layer.pipe(Layer.provide(listening), Layer.provideMerge(WorkflowEngine.layerMemory))
    const services = yield* Layer.buildWithScope(layer, engine)
    const exit = yield* Effect.exit(Effect.provideContext(ProcessOrder.execute(order), services))
    return { exit, undone }
  }, Effect.provideContext(ports))

  return Orders.of({
    run: (order) =>
      Effect.acquireUseRelease(
        Effect.tap(Scope.make(), (engine) => Effect.sync(() => engines.set(order.id, engine))),
        (engine) => runOn(engine, order),
        (engine) =>
          Effect.andThen(
            Scope.close(engine, Exit.void),
            Effect.sync(() => engines.delete(order.id))
          )
      ),
    cancelAll: Effect.suspend(() =>
      Effect.forEach([...engines.values()], (engine) => Scope.close(engine, Exit.void), {
        concurrency: "unbounded",
        discard: true
      })
    )
  })
})
