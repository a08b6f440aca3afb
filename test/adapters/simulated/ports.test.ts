/**
 * What the ports promise, kept by the simulated services; the ledger says what really happened.
 */
import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber } from "effect"
import * as TestClock from "effect/testing/TestClock"
import { layer, Ledger, parseStock } from "firebreak/adapters/simulated"
import {
  Charge,
  Currency,
  EmailAddress,
  Inventory,
  Letter,
  Money,
  Notifications,
  OrderId,
  OrderLine,
  Payment,
  PaymentGateway,
  PaymentId,
  PaymentMethod,
  Reservation,
  ReservationId,
  Sku,
  StepKey,
  Wanted
} from "firebreak/workflows"

const orderId = OrderId.make("1001")
const key = (text: string) => StepKey.make(createHash("sha256").update(text).digest("hex"))
const price = new Money({ currency: Currency.make("EUR"), minor: 500 })
const pay = (method = "pm_card_visa") => new Charge({ orderId, amount: price, method: PaymentMethod.make(method) })
const line = (sku: string, quantity: number) => new OrderLine({ sku: Sku.make(sku), quantity, price })
const want = (...lines: readonly [OrderLine, ...ReadonlyArray<OrderLine>]) => new Wanted({ orderId, lines })
const trail = Ledger.use((ledger) => ledger.trail)

const opened = (text: string, method?: string) =>
  PaymentGateway.use((gateway) => gateway.open(key(`${text}/open`), pay(method)))
const paid = (text: string, method?: string) =>
  Effect.tap(opened(text, method), (payment) => PaymentGateway.use((gateway) => gateway.confirm(key(text), payment)))

describe("the simulated payment gateway", () => {
  it.effect("opens one payment for one key, also when asked twice at the same time, and moves no money", () =>
    Effect.gen(function* () {
      const [first, second] = yield* Effect.all([opened("a"), opened("a")], { concurrency: 2 })
      assert.deepStrictEqual(first, second)
      assert.notStrictEqual((yield* opened("b")).id, first.id)
      assert.deepStrictEqual(yield* trail, [])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("takes the money of a payment once, whatever key asks for it", () =>
    Effect.gen(function* () {
      const gateway = yield* PaymentGateway
      const payment = yield* paid("a")
      yield* gateway.confirm(key("a"), payment)
      yield* gateway.confirm(key("another"), payment)
      assert.deepStrictEqual(yield* trail, ["1001 charged 5.00 EUR"])
      yield* paid("b")
      assert.deepStrictEqual(yield* trail, ["1001 charged 5.00 EUR", "1001 charged 5.00 EUR"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("declines a payment for good, and takes nothing", () =>
    Effect.gen(function* () {
      const gateway = yield* PaymentGateway
      const payment = yield* opened("a", "pm_card_chargeDeclined")
      for (const again of ["a", "a", "b"]) {
        const error = yield* Effect.flip(gateway.confirm(key(again), payment))
        assert.strictEqual(error._tag, "PaymentDeclined")
      }
      const found = yield* gateway.find(payment)
      assert(found._tag === "Refused")
      assert.strictEqual(found.error._tag, "PaymentDeclined")
      assert.deepStrictEqual(yield* trail, [])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("finds a payment that took the money", () =>
    Effect.gen(function* () {
      const payment = yield* paid("a")
      assert.strictEqual((yield* PaymentGateway.use((gateway) => gateway.find(payment)))._tag, "Done")
    }).pipe(Effect.provide(layer()))
  )

  it.effect("voids an open payment before it says that no money was taken: a late confirmation takes none", () =>
    Effect.gen(function* () {
      const gateway = yield* PaymentGateway
      const payment = yield* opened("a")
      assert.strictEqual((yield* gateway.find(payment))._tag, "Absent")
      const late = yield* Effect.flip(gateway.confirm(key("a"), payment))
      assert.strictEqual(late._tag, "PaymentVoided")
      assert.strictEqual((yield* gateway.find(payment))._tag, "Absent")
      assert.deepStrictEqual(yield* trail, [])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("gives a payment back once, whatever key asks for it, and finds that", () =>
    Effect.gen(function* () {
      const gateway = yield* PaymentGateway
      const payment = yield* paid("a")
      assert.strictEqual((yield* gateway.findRefund(payment))._tag, "Absent")
      yield* gateway.refund(key("a/undo"), payment)
      yield* gateway.refund(key("a/undo"), payment)
      yield* gateway.refund(key("another"), payment)
      assert.strictEqual((yield* gateway.findRefund(payment))._tag, "Done")
      assert.deepStrictEqual(yield* trail, ["1001 charged 5.00 EUR", "1001 refunded 5.00 EUR"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("gives nothing back that it did not take", () =>
    Effect.gen(function* () {
      const gateway = yield* PaymentGateway
      const stranger = new Payment({ id: PaymentId.make("pi_stranger"), orderId })
      for (const payment of [yield* opened("a"), yield* opened("b", "pm_card_chargeDeclined"), stranger]) {
        const error = yield* Effect.flip(gateway.refund(key(`${payment.id}/undo`), payment))
        assert.strictEqual(error._tag, "RefundRefused")
      }
      assert.deepStrictEqual(yield* trail, [])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("takes a key that was used for something else for a mistake, and does nothing", () =>
    Effect.gen(function* () {
      const gateway = yield* PaymentGateway
      yield* gateway.open(key("a"), pay())
      const exit = yield* Effect.exit(gateway.open(key("a"), pay("pm_card_amex")))
      assert.isTrue(Exit.hasDies(exit))
    }).pipe(Effect.provide(layer()))
  )
})

describe("a call of a simulated service", () => {
  const faulty = (faults: Parameters<typeof layer>[0]) => Effect.provide(layer(faults))

  it.effect("is slow on the way there and on the way back: what is cut off in between has happened", () =>
    Effect.gen(function* () {
      const payment = yield* opened("a")
      const confirming = yield* Effect.forkChild(PaymentGateway.use((it) => it.confirm(key("a"), payment)))
      yield* TestClock.adjust("9 seconds")
      assert.deepStrictEqual(yield* trail, [])
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.interrupt(confirming)
      assert.isTrue(Exit.isFailure(yield* Fiber.await(confirming)))
      assert.deepStrictEqual(yield* trail, ["1001 charged 5.00 EUR"])
    }).pipe(
      faulty({
        faults: { "payment.confirm": { slow: { atLeast: Duration.seconds(20), atMost: Duration.seconds(20) } } }
      })
    )
  )

  it.effect("that finds nobody says so, and nothing has happened", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(paid("a"))
      assert.strictEqual(error._tag, "Unavailable")
      assert.deepStrictEqual(yield* trail, [])
    }).pipe(faulty({ faults: { "payment.confirm": { down: 1 } } }))
  )

  it.effect("whose answer gets lost has taken effect, and says that nobody knows", () =>
    Effect.gen(function* () {
      const payment = yield* opened("a")
      for (const _ of [1, 2]) {
        const error = yield* Effect.flip(PaymentGateway.use((it) => it.confirm(key("a"), payment)))
        assert.strictEqual(error._tag, "Indeterminate")
      }
      assert.deepStrictEqual(yield* trail, ["1001 charged 5.00 EUR"])
    }).pipe(faulty({ faults: { "payment.confirm": { lost: 1 } } }))
  )

  it.effect("that hangs never ends, and chance decides whether it took effect", () =>
    Effect.gen(function* () {
      const payments = yield* Effect.forEach(
        Array.from({ length: 40 }, (_, n) => String(n)),
        (n) => opened(n)
      )
      const calls = yield* Effect.forEach(payments, (payment, n) =>
        Effect.forkChild(PaymentGateway.use((it) => it.confirm(key(String(n)), payment)))
      )
      yield* TestClock.adjust("10 hours")
      assert.isTrue(calls.every((call) => call.pollUnsafe() === undefined))
      const taken = (yield* trail).length
      assert.isAbove(taken, 0)
      assert.isBelow(taken, 40)
    }).pipe(faulty({ faults: { "payment.confirm": { hangs: 1 } } }))
  )

  it.effect("that dies has done nothing", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(paid("a"))
      assert.isTrue(Exit.hasDies(exit))
      assert.deepStrictEqual(yield* trail, [])
    }).pipe(faulty({ faults: { "payment.confirm": { dies: 1 } } }))
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
      const error = yield* Effect.flip(
        inventory.reserve(key("a"), want(line("TEA", 1), line("MUG", 2), line("MUG", 2)))
      )
      assert(error._tag === "OutOfStock")
      assert.deepStrictEqual([error.sku, error.wanted, error.available], ["MUG", 4, 3])
      yield* inventory.reserve(key("b"), want(line("TEA", 1), line("MUG", 3), line("UNLISTED", 99)))
      assert.deepStrictEqual(yield* trail, ["1001 reserved"])
    }).pipe(Effect.provide(layer({ stock })))
  )

  it.effect("takes a SKU for no more than a name", () =>
    Effect.gen(function* () {
      const odd = ["__proto__", "constructor", "toString"].map((sku) => line(sku, 2))
      yield* Inventory.use((it) => it.reserve(key("a"), want(line("MUG", 1), ...odd)))
      assert.deepStrictEqual(yield* trail, ["1001 reserved"])
    }).pipe(Effect.provide(layer({ stock })))
  )

  it.effect("puts goods aside once for one key, and back once", () =>
    Effect.gen(function* () {
      const inventory = yield* Inventory
      const reserve = (text: string) => inventory.reserve(key(text), want(line("MUG", 2)))
      const reservation = yield* reserve("a")
      assert.deepStrictEqual(yield* reserve("a"), reservation)
      yield* inventory.release(key("a/undo"), reservation)
      yield* inventory.release(key("another"), reservation)
      yield* inventory.release(key("z"), new Reservation({ id: ReservationId.make("rs_stranger"), orderId }))
      assert.deepStrictEqual(yield* trail, ["1001 reserved", "1001 released"])
      yield* reserve("b")
      const error = yield* Effect.flip(reserve("c"))
      assert(error._tag === "OutOfStock")
      assert.strictEqual(error.available, 1)
    }).pipe(Effect.provide(layer({ stock })))
  )

  it.effect("refuses a key for good: goods that come back later do not change that", () =>
    Effect.gen(function* () {
      const inventory = yield* Inventory
      const first = yield* inventory.reserve(key("a"), want(line("TEA", 1)))
      yield* Effect.flip(inventory.reserve(key("b"), want(line("TEA", 1))))
      yield* inventory.release(key("a/undo"), first)
      assert.strictEqual((yield* Effect.flip(inventory.reserve(key("b"), want(line("TEA", 1)))))._tag, "OutOfStock")
      yield* inventory.reserve(key("c"), want(line("TEA", 1)))
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
  const letter = (to: string) => new Letter({ to: EmailAddress.make(to), orderId, total: price })

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
        assert.strictEqual(error._tag, "Unavailable")
      }
      yield* notifications.orderReceived(key("c"), letter("a@undead-mail.example"))
      assert.strictEqual((yield* trail).length, 1)
    }).pipe(Effect.provide(layer()))
  )
})
