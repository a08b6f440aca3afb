/**
 * An order through ProcessOrder: what it comes to, and what it can fail with.
 *
 *   node --conditions=firebreak-source examples/06-process-order.ts
 */
import { Console, Effect, Layer, Schema } from "effect"
import { layer as simulated, Ledger } from "firebreak/adapters/simulated"
import { layerMemory } from "firebreak/journal"
import { Order, ProcessOrder, Sku } from "firebreak/workflows"

const order = (id: string, sku: string, method: string) =>
  Schema.decodeSync(Order)({
    id,
    customer: { email: "ann@example.com" },
    lines: [{ sku, quantity: 1, price: { currency: "EUR", minor: 2500 } }],
    total: { currency: "EUR", minor: 2500 },
    payment: { method }
  })

// #region process
const process = (order: Order) =>
  ProcessOrder.execute(order).pipe(
    Effect.map((result) => `paid, the letter was ${result.notification._tag}`),
    Effect.catchTags({
      PaymentDeclined: (error) => Effect.succeed(`ask for another card: ${error.because}`),
      OutOfStock: (error) => Effect.succeed(`offer something else than ${error.sku}; the money is back already`),
      PaymentUnavailable: () => Effect.succeed("try again later; nothing was charged"),
      InventoryUnavailable: () => Effect.succeed("try again later; the money is back already")
    })
  )
// #endregion process

const program = Effect.gen(function* () {
  for (const [id, sku, method] of [
    ["1001", "MUG", "pm_card_visa"],
    ["1002", "MUG", "pm_card_visa_chargeDeclinedInsufficientFunds"],
    ["1003", "LAMP", "pm_card_visa"]
  ] as const) {
    yield* Console.log(`${id}: ${yield* process(order(id, sku, method))}`)
  }
  for (const entry of yield* Ledger.use((ledger) => ledger.trail)) yield* Console.log(`  ${entry}`)
})

// #region layers
const engine = ProcessOrder.layer.pipe(Layer.provideMerge(layerMemory()))
const world = simulated({ stock: new Map([[Sku.make("LAMP"), 0]]) })
const app = Layer.provideMerge(engine, world)
// #endregion layers

await Effect.runPromise(Effect.provide(program, app))

// > 1001: paid, the letter was Sent
// > 1002: ask for another card: InsufficientFunds
// > 1003: offer something else than LAMP; the money is back already
// >   1001 charged 25.00 EUR
// >   1001 reserved
// >   1001 told: received
// >   1003 charged 25.00 EUR
// >   1003 told: received
// >   1003 told: refused
// >   1003 refunded 25.00 EUR
