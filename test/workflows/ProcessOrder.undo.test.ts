/**
 * What ProcessOrder takes back when it does not get to its end: refused, cancelled, or with an undo that fails as well.
 *
 * Each cancelled order stands at a gate inside a call whose effect has happened and whose answer is still out: the
 * moment in which money is lost most easily.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit } from "effect"
import { Journal } from "firebreak/journal"
import { NotificationFailed, ProcessOrder, Unavailable } from "firebreak/workflows"
import { but, type Changes, emptyShelf, type Gate, makeGate, order, pump, pumped, trail, world } from "./world.ts"

const rest = Journal.use((journal) => journal.run(ProcessOrder, order))

/** Runs the order to the gate, cancels it there, opens the gate; answers how it came to rest and what the ledger says. */
const cancelAt = (changes: (gate: Gate) => Changes) =>
  Effect.gen(function* () {
    const gate = yield* makeGate
    return yield* Effect.gen(function* () {
      const running = yield* Effect.forkChild(rest)
      yield* gate.reached
      const cancelling = yield* Effect.forkChild(
        Journal.use((journal) => journal.cancel(order.id)),
        { startImmediately: true }
      )
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      yield* gate.open
      const { status, undone } = yield* yield* pump(running)
      yield* pump(cancelling)
      return { status, undone, trail: yield* trail }
    }).pipe(Effect.provide(world(changes(gate))))
  })

describe("an order that is cancelled", () => {
  it.effect("while it is charged gives the money back, and nothing else begins", () =>
    Effect.gen(function* () {
      const seen = yield* cancelAt((gate) => ({
        payments: (real) => ({ confirm: (key, payment) => gate.after(real.confirm(key, payment)) })
      }))
      assert.deepStrictEqual(seen, {
        status: "cancelled",
        undone: ["charge"],
        trail: ["1001 charged 25.00 EUR", "1001 refunded 25.00 EUR"]
      })
    })
  )

  it.effect("before the charge arrived is not charged, also not by a charge that arrives late", () =>
    Effect.gen(function* () {
      const seen = yield* cancelAt((gate) => ({
        payments: (real) => ({
          confirm: (key, payment) => Effect.uninterruptible(gate.before(real.confirm(key, payment)))
        })
      }))
      assert.strictEqual(seen.status, "cancelled")
      const net = seen.trail.filter((line) => line.includes("charged")).length
      assert.strictEqual(seen.trail.filter((line) => line.includes("refunded")).length, net)
    })
  )

  it.effect("while goods are reserved puts them back, takes the letter back and gives the money back", () =>
    Effect.gen(function* () {
      const told = yield* Deferred.make<void>()
      const seen = yield* cancelAt((gate) => ({
        inventory: (real) => ({
          reserve: (key, wanted) => Effect.andThen(Deferred.await(told), gate.after(real.reserve(key, wanted)))
        }),
        notifications: (real) => ({
          orderReceived: (key, letter) =>
            Effect.andThen(real.orderReceived(key, letter), Deferred.succeed(told, undefined))
        })
      }))
      assert.strictEqual(seen.status, "cancelled")
      assert.deepStrictEqual(seen.undone, ["reserve", "notify", "charge"])
      assert.deepStrictEqual(seen.trail, [
        "1001 charged 25.00 EUR",
        "1001 told: received",
        "1001 reserved",
        "1001 released",
        "1001 told: refused",
        "1001 refunded 25.00 EUR"
      ])
    })
  )
})

describe("an order that is refused", () => {
  it.effect("says what was taken back, newest first, and nothing that was not done", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* rest).undone, ["notify", "charge"])
      const untold = but({ id: "1002", customer: {} })
      const { undone } = yield* Journal.use((journal) => journal.run(ProcessOrder, untold))
      assert.deepStrictEqual(undone, ["charge"])
    }).pipe(Effect.provide(world(emptyShelf)))
  )
})

describe("an undo that fails", () => {
  it.effect("is tried again with the same key until the gateway answers", () => {
    const keys: Array<string> = []
    return Effect.gen(function* () {
      const error = yield* pumped(Effect.flip(ProcessOrder.execute(order)))
      assert.strictEqual(error._tag, "OutOfStock")
      assert.deepStrictEqual(keys, [keys[0], keys[0], keys[0]])
      assert.strictEqual((yield* trail).at(-1), "1001 refunded 25.00 EUR")
    }).pipe(
      Effect.provide(
        world({
          ...emptyShelf,
          payments: (real) => ({
            refund: (key, payment) =>
              Effect.suspend(() => {
                if (keys.push(key) < 3) return Effect.fail(new Unavailable({ reason: "busy" }))
                return real.refund(key, payment)
              })
          })
        })
      )
    )
  })

  it.effect("is looked for when its answer got lost: given back once, and asked for once", () => {
    let asked = 0
    return Effect.gen(function* () {
      yield* pumped(Effect.flip(ProcessOrder.execute(order)))
      assert.strictEqual(asked, 1)
      assert.strictEqual((yield* trail).filter((line) => line.includes("refunded")).length, 1)
    }).pipe(
      Effect.provide(
        world({
          ...emptyShelf,
          faults: { "payment.refund": { lost: 1 } },
          payments: (real) => ({
            refund: (key, payment) => Effect.suspend(() => (asked++, real.refund(key, payment)))
          })
        })
      )
    )
  })

  it.effect("makes the order stuck, saying which step and why; a person settles it, and the order is refused", () =>
    Effect.gen(function* () {
      const { exit, status, undone, why } = yield* pumped(rest)
      assert.deepStrictEqual([status, undone, exit], ["stuck", ["notify"], undefined])
      assert.deepStrictEqual(
        why?.steps.map(({ reason, step }) => [step, reason]),
        [["charge", "the payment of order 1001 is not given back: the gateway refuses to give it back"]]
      )
      yield* Journal.use((journal) => journal.settle(order.id, "charge", { _tag: "Undone" }))
      const settled = yield* pumped(rest)
      assert.strictEqual(settled.status, "refused")
      assert(settled.exit !== undefined && Exit.isFailure(settled.exit))
      assert.deepStrictEqual(settled.undone, ["notify", "charge"])
    }).pipe(Effect.provide(world({ ...emptyShelf, faults: { "payment.refund": { refused: 1 } } })))
  )

  it.effect("does not hold up the money when it is the letter's, and when several fail all are told", () =>
    Effect.gen(function* () {
      const stuckLetter = () => ({
        orderRefused: () => Effect.fail(new NotificationFailed({ orderId: order.id, reason: "the mailbox is full" }))
      })
      const one = yield* Effect.gen(function* () {
        const { status, why } = yield* pumped(rest)
        return { status, steps: why?.steps.map(({ step }) => step), last: (yield* trail).at(-1) }
      }).pipe(Effect.provide(world({ ...emptyShelf, notifications: stuckLetter }), { local: true }))
      assert.deepStrictEqual(one, { status: "stuck", steps: ["notify"], last: "1001 refunded 25.00 EUR" })
      const faults = { "payment.refund": { refused: 1 } }
      const both = yield* pumped(rest).pipe(
        Effect.provide(world({ ...emptyShelf, faults, notifications: stuckLetter }), { local: true })
      )
      assert.deepStrictEqual(both.why?.steps.map(({ step }) => step).sort(), ["charge", "notify"])
    })
  )
})
