/**
 * A program that pays, reserves and gives half of it back, one order after the other and several at a time, until it is
 * killed. It writes a line for each answer that it got.
 */
import { createHash } from "node:crypto"
import { writeSync } from "node:fs"
import { Effect, Schema } from "effect"
import { layerFile } from "firebreak/adapters/simulated"
import { Charge, Inventory, OrderLine, PaymentGateway, Sku, StepKey, Wanted } from "firebreak/workflows"

const [file = "", from = "0"] = process.argv.slice(2)
const key = (text: string) => StepKey.make(createHash("sha256").update(text).digest("hex"))
const say = (what: string) => Effect.sync(() => writeSync(1, `${what}\n`))
const price = { currency: "EUR", minor: 500 }
const line = Schema.decodeSync(OrderLine)({ sku: "MUG", quantity: 1, price })

const one = Effect.fnUntraced(function* (n: number) {
  const orderId = `o-${n}`
  const gateway = yield* PaymentGateway
  const inventory = yield* Inventory
  const charge = yield* Schema.decodeEffect(Charge)({ orderId, amount: price, method: "pm_card_visa" })
  const payment = yield* gateway.open(key(`open ${n}`), charge)
  yield* gateway.confirm(key(`confirm ${n}`), payment)
  yield* say(`charged ${orderId}`)
  const reservation = yield* inventory.reserve(
    key(`reserve ${n}`),
    new Wanted({ orderId: payment.orderId, lines: [line] })
  )
  yield* say(`reserved ${orderId}`)
  if (n % 2 === 0) return
  yield* inventory.release(key(`release ${n}`), reservation)
  yield* say(`released ${orderId}`)
  yield* gateway.refund(key(`refund ${n}`), payment)
  yield* say(`refunded ${orderId}`)
})

const orders = Array.from({ length: 100_000 }, (_, n) => Number(from) + n)
const stock = new Map([[Sku.make("MUG"), 1_000_000]])
await Effect.runPromise(
  Effect.forEach(orders, one, { concurrency: 8, discard: true }).pipe(Effect.provide(layerFile({ file, stock })))
)
