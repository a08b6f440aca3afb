/**
 * The promises of ProcessOrder about money, goods and letters, on a journal in memory and the simulated world.
 *
 * The ledger is the witness: what it does not say did not happen.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect } from "effect"
import { ProcessOrder, Unavailable } from "firebreak/workflows"
import { but, emptyShelf, order, pumped, trail, world } from "./world.ts"

const completed = ["1001 charged 25.00 EUR", "1001 reserved", "1001 told: received"]
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
      assert.deepStrictEqual(yield* trail, completed)
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
      assert.deepStrictEqual(yield* trail, completed)
    }).pipe(Effect.provide(world()))
  )

  it.effect("asks under a key of its own for each call, and none of them names anything", () =>
    Effect.gen(function* () {
      const keys: Array<string> = []
      const note = (key: string) => Effect.sync(() => void keys.push(key))
      yield* Effect.all([ProcessOrder.execute(order), ProcessOrder.execute(but({ id: "1002" }))]).pipe(
        Effect.provide(
          world({
            payments: (real) => ({
              open: (key, charge) => Effect.andThen(note(key), real.open(key, charge)),
              confirm: (key, payment) => Effect.andThen(note(key), real.confirm(key, payment))
            }),
            inventory: (real) => ({ reserve: (key, wanted) => Effect.andThen(note(key), real.reserve(key, wanted)) })
          })
        )
      )
      assert.strictEqual(new Set(keys).size, 6)
      assert.isTrue(keys.every((key) => /^[0-9a-f]{64}$/.test(key)))
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

  it.effect.each(["payment.open", "payment.confirm"] as const)(
    "is a typed error when the gateway does not answer %s for long, and nothing was taken",
    (place) =>
      Effect.gen(function* () {
        const error = yield* pumped(Effect.flip(ProcessOrder.execute(order)))
        assert(error._tag === "PaymentUnavailable")
        assert.include(error.message, "the payment gateway does not answer")
        assert.deepStrictEqual(yield* trail, [])
      }).pipe(Effect.provide(world({ faults: { [place]: { down: 1 } } })))
  )

  it.effect("is tried again under the same key while the gateway does not answer", () => {
    const keys: Array<string> = []
    return Effect.gen(function* () {
      yield* pumped(ProcessOrder.execute(order))
      assert.deepStrictEqual(keys, [keys[0], keys[0], keys[0]])
      assert.deepStrictEqual(yield* trail, completed)
    }).pipe(
      Effect.provide(
        world({
          payments: (real) => ({
            confirm: (key, payment) =>
              Effect.suspend(() => {
                if (keys.push(key) < 3) return Effect.fail(new Unavailable({ reason: "busy" }))
                return real.confirm(key, payment)
              })
          })
        })
      )
    )
  })

  it.effect("is paid when the refused order is run again with another card, as a run of its own", () =>
    Effect.gen(function* () {
      const declined = but({ payment: { method: "pm_card_chargeDeclined" } })
      assert.strictEqual((yield* Effect.flip(ProcessOrder.execute(declined)))._tag, "PaymentDeclined")
      const result = yield* ProcessOrder.execute({ ...order, run: 2 })
      assert.deepStrictEqual(yield* ProcessOrder.execute({ ...order, run: 2 }), result)
      assert.strictEqual((yield* Effect.flip(ProcessOrder.execute(declined)))._tag, "PaymentDeclined")
      assert.deepStrictEqual(yield* trail, completed)
    }).pipe(Effect.provide(world()))
  )
})

describe("a letter that cannot be sent", () => {
  const goods = ["1001 charged 25.00 EUR", "1001 reserved"]

  it.effect("touches neither money nor goods, and the result says why", () =>
    Effect.gen(function* () {
      const { notification } = yield* pumped(
        ProcessOrder.execute(but({ customer: { email: "bob@dead-mail.example" } }))
      )
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

  it.effect.each(["lost", "dies"] as const)(
    "is said to have been sent perhaps when the mail server's answer %s",
    (fault) =>
      Effect.gen(function* () {
        const { notification } = yield* ProcessOrder.execute(order)
        assert.strictEqual(notification._tag, "PerhapsSent")
        assert.deepStrictEqual((yield* trail).slice(0, 2), goods)
      }).pipe(Effect.provide(world({ faults: { "notification.received": { [fault]: 1 } } })))
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

  it.effect("give the money back when the warehouse does not answer for long", () =>
    Effect.gen(function* () {
      const error = yield* pumped(Effect.flip(ProcessOrder.execute(order)))
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
        Effect.catchTag("OutOfStock", () => note("the order is refused")),
        Effect.provide(
          world({
            ...emptyShelf,
            inventory: (real) => ({
              reserve: (key, wanted) =>
                Effect.tapError(real.reserve(key, wanted), () =>
                  Effect.andThen(note("no goods"), Deferred.succeed(refused, undefined))
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
})

describe("a slow world", () => {
  it.effect("takes its time and changes nothing else", () =>
    Effect.gen(function* () {
      yield* pumped(ProcessOrder.execute(order))
      assert.deepStrictEqual(yield* trail, ["1001 charged 25.00 EUR", "1001 told: received", "1001 reserved"])
    }).pipe(
      Effect.provide(
        world({
          faults: {
            "payment.confirm": { slow: { atLeast: Duration.seconds(1), atMost: Duration.seconds(2) } },
            "inventory.reserve": { slow: { atLeast: Duration.seconds(10), atMost: Duration.seconds(10) } }
          }
        })
      )
    )
  )
})
