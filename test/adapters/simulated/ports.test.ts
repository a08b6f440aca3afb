/**
 * What the ports promise, kept by the simulated services; the ledger says what really happened.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber } from "effect"
import * as TestClock from "effect/testing/TestClock"
import { layer, Ledger, parseStock } from "firebreak/adapters/simulated"
import {
  Currency,
  EmailAddress,
  Inventory,
  Money,
  Notifications,
  OrderId,
  OrderLine,
  PaymentGateway,
  PaymentId,
  PaymentMethod,
  ReservationId,
  Sku,
  StepKey
} from "firebreak/workflows"
import { but } from "../../workflows/world.ts"

const orderId = OrderId.make("1001")
const key = (text: string) => StepKey.make(text)
const price = new Money({ currency: Currency.make("EUR"), minor: 500 })
const pay = (method = "pm_card_visa") => ({ orderId, amount: price, method: PaymentMethod.make(method) })
const line = (sku: string, quantity: number) => new OrderLine({ sku: Sku.make(sku), quantity, price })
const trail = Ledger.use((ledger) => ledger.trail)

describe("the simulated payment gateway", () => {
  it.effect("charges once for one key, also when asked twice at the same time", () =>
    Effect.gen(function* () {
      const gateway = yield* PaymentGateway
      const charge = gateway.charge(key("a"), pay())
      const [first, second] = yield* Effect.all([charge, charge], { concurrency: 2 })
      assert.deepStrictEqual(first, second)
      const other = yield* gateway.charge(key("b"), pay())
      assert.notStrictEqual(other.id, first.id)
      assert.deepStrictEqual(yield* trail, ["1001 charged 5.00 EUR", "1001 charged 5.00 EUR"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("answers a declined key the same again, and takes nothing", () =>
    Effect.gen(function* () {
      const gateway = yield* PaymentGateway
      yield* Effect.flip(gateway.charge(key("a"), pay("pm_card_chargeDeclined")))
      const error = yield* Effect.flip(gateway.charge(key("a"), pay("pm_card_visa")))
      assert.strictEqual(error._tag, "PaymentDeclined")
      assert.deepStrictEqual(yield* trail, [])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("gives a payment back once, and none that it does not know", () =>
    Effect.gen(function* () {
      const gateway = yield* PaymentGateway
      const { id } = yield* gateway.charge(key("a"), pay())
      yield* gateway.refund(key("a/undo"), { orderId, payment: id })
      yield* gateway.refund(key("a/undo"), { orderId, payment: id })
      assert.deepStrictEqual(yield* trail, ["1001 charged 5.00 EUR", "1001 refunded 5.00 EUR"])
      const stranger = { orderId, payment: PaymentId.make("pi_stranger") }
      const error = yield* Effect.flip(gateway.refund(key("b/undo"), stranger))
      assert.strictEqual(error._tag, "RefundRefused")
    }).pipe(Effect.provide(layer()))
  )

  it.effect("is slow on the way there and on the way back: what is cut off in between has happened", () =>
    Effect.gen(function* () {
      const gateway = yield* PaymentGateway
      const charging = yield* Effect.forkChild(gateway.charge(key("a"), pay()))
      yield* TestClock.adjust("9 seconds")
      assert.deepStrictEqual(yield* trail, [])
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.interrupt(charging)
      assert.isTrue(Exit.isFailure(yield* Fiber.await(charging)))
      assert.deepStrictEqual(yield* trail, ["1001 charged 5.00 EUR"])
    }).pipe(
      Effect.provide(
        layer({
          faults: { "payment.charge": { slow: { atLeast: Duration.seconds(20), atMost: Duration.seconds(20) } } }
        })
      )
    )
  )
})

describe("the simulated warehouse", () => {
  const stock = new Map([
    [Sku.make("MUG"), 3],
    [Sku.make("TEA"), 1]
  ])

  it.effect("puts all of an order aside or nothing of it, counting lines of one SKU together", () =>
    Effect.gen(function* () {
      const inventory = yield* Inventory
      const lines = [line("TEA", 1), line("MUG", 2), line("MUG", 2)]
      const error = yield* Effect.flip(inventory.reserve(key("a"), { orderId, lines }))
      assert(error._tag === "OutOfStock")
      assert.deepStrictEqual([error.sku, error.wanted, error.available], ["MUG", 4, 3])
      yield* inventory.reserve(key("b"), { orderId, lines: [line("TEA", 1), line("MUG", 3), line("UNLISTED", 99)] })
      assert.deepStrictEqual(yield* trail, ["1001 reserved"])
    }).pipe(Effect.provide(layer({ stock })))
  )

  it.effect("puts goods aside once for one key, and back once", () =>
    Effect.gen(function* () {
      const inventory = yield* Inventory
      const reserve = (text: string) => inventory.reserve(key(text), { orderId, lines: [line("MUG", 2)] })
      const { id } = yield* reserve("a")
      assert.strictEqual((yield* reserve("a")).id, id)
      yield* inventory.release(key("a/undo"), { orderId, reservation: id })
      yield* inventory.release(key("a/undo"), { orderId, reservation: id })
      yield* inventory.release(key("z/undo"), { orderId, reservation: ReservationId.make("rs_stranger") })
      assert.deepStrictEqual(yield* trail, ["1001 reserved", "1001 released"])
      yield* reserve("b")
      const error = yield* Effect.flip(reserve("c"))
      assert(error._tag === "OutOfStock")
      assert.strictEqual(error.available, 1)
    }).pipe(Effect.provide(layer({ stock })))
  )

  it.effect("names the SKU whose number in a stock file is no number", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual([...(yield* parseStock(`{"MUG-1": 12}`))], [[Sku.make("MUG-1"), 12]])
      for (const text of [`{"MUG-1": -1}`, `{"MUG-1": "12"}`, `{"MUG-1": 1.5}`]) {
        assert.include((yield* Effect.flip(parseStock(text))).message, "MUG-1")
      }
      assert.include((yield* Effect.flip(parseStock("["))).message, "the stock cannot be read")
    })
  )
})

describe("the simulated mail server", () => {
  const letter = (to: string) => ({ to: EmailAddress.make(to), order: but({ customer: { email: to } }) })

  it.effect("sends one letter for one key", () =>
    Effect.gen(function* () {
      const notifications = yield* Notifications
      yield* notifications.orderReceived(key("a"), letter("ann@example.com"))
      yield* notifications.orderReceived(key("a"), letter("ann@example.com"))
      yield* notifications.orderRefused(key("a/undo"), letter("ann@example.com"))
      assert.deepStrictEqual(yield* trail, ["1001 told: received", "1001 told: refused"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("never reaches dead-mail.example, nor what lies below it, and reaches what only looks like it", () =>
    Effect.gen(function* () {
      const notifications = yield* Notifications
      for (const dead of ["a@dead-mail.example", "a@mx.DEAD-MAIL.example"]) {
        const error = yield* Effect.flip(notifications.orderReceived(key(dead), letter(dead)))
        assert.strictEqual(error._tag, "NotificationFailed")
      }
      yield* notifications.orderReceived(key("c"), letter("a@undead-mail.example"))
      assert.strictEqual((yield* trail).length, 1)
    }).pipe(Effect.provide(layer()))
  )
})
