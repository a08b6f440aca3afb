/**
 * The promises of ProcessOrder about money, goods and letters, on Effect's memory engine and the simulated world.
 *
 * The ledger is the witness: what it does not say did not happen.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit } from "effect"
import { InventoryUnavailable, ProcessOrder, StepUndone } from "firebreak/workflows"
import { but, type Changes, emptyShelf, order, pump, trail, world } from "./world.ts"

const toldAndRefunded = [
  "1001 charged 25.00 EUR",
  "1001 told: received",
  "1001 told: refused",
  "1001 refunded 25.00 EUR"
]

describe("an order that goes well", () => {
  it.effect("is charged, then reserved and told", () =>
    Effect.gen(function* () {
      const result = yield* ProcessOrder.execute(order)
      assert.strictEqual(result.notification._tag, "Sent")
      assert.deepStrictEqual(yield* trail, ["1001 charged 25.00 EUR", "1001 reserved", "1001 told: received"])
    }).pipe(Effect.provide(world()))
  )

  it.effect("is reserved and told side by side: each waits for the other to begin", () =>
    Effect.gen(function* () {
      const reserving = yield* Deferred.make<void>()
      const telling = yield* Deferred.make<void>()
      const meet = (mine: typeof telling, other: typeof telling) =>
        Effect.andThen(Deferred.succeed(mine, undefined), Deferred.await(other))
      yield* ProcessOrder.execute(order).pipe(
        Effect.provide(
          world({
            inventory: (real) => ({
              reserve: (key, wanted) => Effect.andThen(meet(reserving, telling), real.reserve(key, wanted))
            }),
            notifications: (real) => ({
              orderReceived: (key, letter) => Effect.andThen(meet(telling, reserving), real.orderReceived(key, letter))
            })
          })
        )
      )
    })
  )

  it.effect("is charged once, however often it is asked for", () =>
    Effect.gen(function* () {
      const [first, second] = yield* Effect.all([ProcessOrder.execute(order), ProcessOrder.execute(order)], {
        concurrency: 2
      })
      assert.deepStrictEqual(first, yield* ProcessOrder.execute(order))
      assert.deepStrictEqual(first, second)
      assert.deepStrictEqual(yield* trail, ["1001 charged 25.00 EUR", "1001 reserved", "1001 told: received"])
    }).pipe(Effect.provide(world()))
  )

  it.effect("has the same keys on an engine that knows nothing of the first time, and they do not name it", () =>
    Effect.gen(function* () {
      const keys: Array<string> = []
      const listening: Changes = {
        payments: (real) => ({
          charge: (key, charge) => Effect.suspend(() => (keys.push(key), real.charge(key, charge)))
        })
      }
      const run = Effect.provide(ProcessOrder.execute(order), world(listening), { local: true })
      yield* run
      yield* run
      yield* Effect.provide(ProcessOrder.execute(but({ id: "1002" })), world(listening), { local: true })
      assert.strictEqual(keys[0], keys[1])
      assert.notStrictEqual(keys[0], keys[2])
      assert.isTrue(keys.every((key) => key.length <= 64 && !key.includes(order.id)))
    })
  )
})

describe("a payment that fails", () => {
  it.effect("ends the order before anything else is tried, and says why the bank refused", () =>
    Effect.gen(function* () {
      for (const [method, because] of [
        ["pm_card_visa_chargeDeclinedInsufficientFunds", "InsufficientFunds"],
        ["pm_card_chargeDeclinedExpiredCard", "CardExpired"],
        ["pm_card_chargeDeclined", "CardRefused"]
      ] as const) {
        const error = yield* Effect.flip(ProcessOrder.execute(but({ id: because, payment: { method } })))
        assert(error._tag === "PaymentDeclined")
        assert.strictEqual(error.because, because)
      }
      assert.deepStrictEqual(yield* trail, [])
    }).pipe(Effect.provide(world()))
  )

  it.effect("is a typed error when the gateway does not answer, and nothing was taken", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(ProcessOrder.execute(order))
      assert.strictEqual(error._tag, "PaymentUnavailable")
      assert.deepStrictEqual(yield* trail, [])
    }).pipe(Effect.provide(world({ faults: { "payment.charge": { down: 1 } } })))
  )
})

describe("a letter that cannot be sent", () => {
  const goods = ["1001 charged 25.00 EUR", "1001 reserved"]

  it.effect("touches neither money nor goods, and the result says why", () =>
    Effect.gen(function* () {
      const { notification } = yield* ProcessOrder.execute(but({ customer: { email: "bob@dead-mail.example" } }))
      assert(notification._tag === "NotSent")
      assert.include(notification.reason, "dead-mail.example")
      assert.deepStrictEqual(yield* trail, goods)
    }).pipe(Effect.provide(world()))
  )

  it.effect("is not tried without an e-mail address", () =>
    Effect.gen(function* () {
      const { notification } = yield* ProcessOrder.execute(but({ customer: {} }))
      assert(notification._tag === "NotSent")
      assert.strictEqual(notification.reason, "no e-mail address")
      assert.deepStrictEqual(yield* trail, goods)
    }).pipe(Effect.provide(world()))
  )

  it.effect("costs nothing even when the mail adapter dies", () =>
    Effect.gen(function* () {
      const { notification } = yield* ProcessOrder.execute(order)
      assert.strictEqual(notification._tag, "NotSent")
      assert.deepStrictEqual(yield* trail, goods)
    }).pipe(Effect.provide(world({ faults: { "notification.received": { dies: 1 } } })))
  )
})

describe("goods that cannot be had", () => {
  it.effect("give the money back and take the letter back", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(ProcessOrder.execute(order))
      assert(error._tag === "OutOfStock")
      assert.deepStrictEqual([error.sku, error.wanted, error.available], ["MUG-1", 2, 1])
      assert.deepStrictEqual(yield* trail, toldAndRefunded)
    }).pipe(Effect.provide(world(emptyShelf)))
  )

  it.effect("give the money back when the warehouse does not answer", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(ProcessOrder.execute(order))
      assert.strictEqual(error._tag, "InventoryUnavailable")
      assert.deepStrictEqual(yield* trail, toldAndRefunded)
    }).pipe(Effect.provide(world({ faults: { "inventory.reserve": { down: 1 } } })))
  )

  it.effect("send no second letter where no first one went out", () =>
    Effect.gen(function* () {
      yield* Effect.flip(ProcessOrder.execute(but({ customer: {} })))
      assert.deepStrictEqual(yield* trail, ["1001 charged 25.00 EUR", "1001 refunded 25.00 EUR"])
    }).pipe(Effect.provide(world(emptyShelf)))
  )

  it.effect("are told only when the letter is settled: it is neither cancelled nor overtaken", () =>
    Effect.gen(function* () {
      const refused = yield* Deferred.make<void>()
      const story: Array<string> = []
      const note = (words: string) => Effect.sync(() => void story.push(words))
      yield* ProcessOrder.execute(order).pipe(
        Effect.catchTag("InventoryUnavailable", () => note("the order is refused")),
        Effect.provide(
          world({
            inventory: () => ({
              reserve: () =>
                Effect.andThen(
                  Effect.andThen(note("no goods"), Deferred.succeed(refused, undefined)),
                  new InventoryUnavailable({ orderId: order.id, reason: "closed" })
                )
            }),
            notifications: () => ({
              orderReceived: () => Effect.andThen(Deferred.await(refused), note("letter sent")),
              orderRefused: () => note("letter taken back")
            })
          })
        )
      )
      assert.deepStrictEqual(story, ["no goods", "letter sent", "letter taken back", "the order is refused"])
    })
  )

  it.effect("tell a listener what was taken back, newest first, and nothing that was not done", () =>
    Effect.gen(function* () {
      const undone: Array<string> = []
      const listening = Effect.provideService(StepUndone, (step) => Effect.sync(() => void undone.push(step)))
      yield* Effect.flip(listening(ProcessOrder.execute(order)))
      assert.deepStrictEqual(undone.splice(0), ["notify", "charge"])
      const untold = but({ id: "1002", customer: { email: "bob@dead-mail.example" } })
      yield* Effect.flip(listening(ProcessOrder.execute(untold)))
      assert.deepStrictEqual(undone, ["charge"])
    }).pipe(Effect.provide(world(emptyShelf)))
  )
})

describe("a slow world", () => {
  it.effect("takes its time and changes nothing else", () =>
    Effect.gen(function* () {
      const running = yield* Effect.forkChild(ProcessOrder.execute(order))
      const exit = yield* pump(running)
      assert(Exit.isSuccess(exit))
      assert.deepStrictEqual(yield* trail, ["1001 charged 25.00 EUR", "1001 told: received", "1001 reserved"])
    }).pipe(
      Effect.provide(
        world({
          faults: {
            "payment.charge": { slow: { atLeast: Duration.seconds(1), atMost: Duration.seconds(2) } },
            "inventory.reserve": { slow: { atLeast: Duration.seconds(10), atMost: Duration.seconds(10) } }
          }
        })
      )
    )
  )
})
