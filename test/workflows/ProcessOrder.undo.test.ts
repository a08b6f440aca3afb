/**
 * What ProcessOrder takes back when it does not get to its end: cancelled, died, or with an undo that fails as well.
 *
 * Each cancelled order stands at a gate inside a call whose effect has happened and whose answer is still out: the
 * moment in which money is lost most easily.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Exit, Layer, Scope } from "effect"
import { WorkflowEngine } from "effect/workflow/WorkflowEngine"
import { ProcessOrder, RefundUnavailable } from "firebreak/workflows"
import { type Changes, emptyShelf, order, pump, stuckIn, trail, world } from "./world.ts"

const cancelled = (exit: Exit.Exit<unknown, unknown>) => Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)

const makeGate = Effect.gen(function* () {
  const reached = yield* Deferred.make<void>()
  const open = yield* Deferred.make<void>()
  return {
    after: <A, E>(call: Effect.Effect<A, E>) =>
      Effect.tap(call, () => Effect.andThen(Deferred.succeed(reached, undefined), Deferred.await(open))),
    open: Deferred.succeed(open, undefined),
    reached: Deferred.await(reached)
  }
})
type Gate = Effect.Success<typeof makeGate>

// The ways in which an execution of the memory engine is cancelled from outside.
const ways: Record<string, (id: string, engine: Scope.Closeable) => Effect.Effect<void, never, WorkflowEngine>> = {
  "by its id": (id) => ProcessOrder.interrupt(id),
  "by its id, at once": (id) => WorkflowEngine.use((engine) => engine.interruptUnsafe(ProcessOrder, id)),
  "because its engine closes": (_id, engine) => Scope.close(engine, Exit.void)
}

/** Runs the order to the gate, cancels it there, opens the gate; answers how it ended and what the ledger says. */
const cancelAt = (way: string, changes: (gate: Gate) => Changes) =>
  Effect.gen(function* () {
    const gate = yield* makeGate
    const engine = yield* Scope.make()
    const services = yield* Layer.buildWithScope(world(changes(gate)), engine)
    return yield* Effect.gen(function* () {
      const running = yield* Effect.forkChild(ProcessOrder.execute(order))
      const id = yield* ProcessOrder.executionId(order)
      yield* gate.reached
      const cancelling = yield* Effect.forkChild(ways[way]!(id, engine), { startImmediately: true })
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      yield* gate.open
      const exit = yield* pump(running)
      yield* pump(cancelling)
      return { cancelled: cancelled(exit), trail: yield* trail }
    }).pipe(Effect.provideContext(services))
  })

describe.each(Object.keys(ways))("an order that is cancelled %s", (way) => {
  it.effect("while it is charged gives the money back, and nothing else begins", () =>
    Effect.gen(function* () {
      const seen = yield* cancelAt(way, (gate) => ({
        payments: (real) => ({ charge: (key, charge) => gate.after(real.charge(key, charge)) })
      }))
      assert.deepStrictEqual(seen, { cancelled: true, trail: ["1001 charged 25.00 EUR", "1001 refunded 25.00 EUR"] })
    })
  )
})

// A cancel by id comes too late for the memory engine once the last steps have begun (Workflow.interrupt waits for a
// suspension), so these are the two ways that reach it there.
describe.each(Object.keys(ways).slice(1))("an order that is cancelled %s", (way) => {
  it.effect("while goods are reserved puts them back, takes the letter back and gives the money back", () =>
    Effect.gen(function* () {
      const told = yield* Deferred.make<void>()
      const seen = yield* cancelAt(way, (gate) => ({
        inventory: (real) => ({
          reserve: (key, wanted) => Effect.andThen(Deferred.await(told), gate.after(real.reserve(key, wanted)))
        }),
        notifications: (real) => ({
          orderReceived: (key, letter) =>
            Effect.andThen(real.orderReceived(key, letter), Deferred.succeed(told, undefined))
        })
      }))
      assert.isTrue(seen.cancelled)
      assert.sameMembers(
        [...seen.trail],
        [
          "1001 charged 25.00 EUR",
          "1001 reserved",
          "1001 told: received",
          "1001 released",
          "1001 told: refused",
          "1001 refunded 25.00 EUR"
        ]
      )
      assert.strictEqual(seen.trail.at(-1), "1001 refunded 25.00 EUR")
    })
  )
})

describe("an order that dies after the charge", () => {
  it.effect("gives the money back", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(ProcessOrder.execute(order))
      assert(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
      assert.deepStrictEqual(stuckIn(exit), [])
      assert.deepStrictEqual(yield* trail, [
        "1001 charged 25.00 EUR",
        "1001 told: received",
        "1001 told: refused",
        "1001 refunded 25.00 EUR"
      ])
    }).pipe(Effect.provide(world({ faults: { "inventory.reserve": { dies: 1 } } })))
  )
})

describe("an undo that fails", () => {
  it.effect("is tried again with the same key until the gateway answers", () =>
    Effect.gen(function* () {
      const keys: Array<string> = []
      const running = yield* Effect.forkChild(
        Effect.flip(ProcessOrder.execute(order)).pipe(
          Effect.provide(
            world({
              ...emptyShelf,
              payments: (real) => ({
                refund: (key, refund) =>
                  Effect.suspend(() =>
                    keys.push(key) < 3
                      ? new RefundUnavailable({ orderId: order.id, reason: "busy" })
                      : real.refund(key, refund)
                  )
              })
            })
          )
        )
      )
      const exit = yield* pump(running)
      assert(Exit.isSuccess(exit) && exit.value._tag === "OutOfStock")
      assert.strictEqual(keys.length, 3)
      assert.strictEqual(new Set(keys).size, 1)
    })
  )

  it.effect("ends the order as stuck, saying which step, why, and what the undo was for; older undos still run", () =>
    Effect.gen(function* () {
      const running = yield* Effect.forkChild(ProcessOrder.execute(order))
      const stuck = stuckIn(yield* pump(running))
      assert.deepStrictEqual(
        stuck.map(({ step }) => step),
        ["notify"]
      )
      assert.include(stuck[0]?.reason, "does not answer")
      assert.include(stuck[0]?.because, "MUG-1")
      assert.include(yield* trail, "1001 refunded 25.00 EUR")
    }).pipe(Effect.provide(world({ ...emptyShelf, faults: { "notification.refused": { down: 1 } } })))
  )

  it.effect("is told in sentences: what is left to do, what was in the way, and why it had to be", () =>
    Effect.gen(function* () {
      const running = yield* Effect.forkChild(ProcessOrder.execute(order))
      assert.deepStrictEqual(
        stuckIn(yield* pump(running)).map(({ message }) => message),
        [
          '"charge" could not be taken back and must be by hand: the refund for order 1001 could not be asked for: ' +
            "the payment gateway does not answer. It had to be because order 1001 wants 2 of MUG-1, and 1 can be had"
        ]
      )
    }).pipe(Effect.provide(world({ ...emptyShelf, faults: { "payment.refund": { down: 1 } } })))
  )

  it.effect("is stuck as well when it dies, and when several fail all are told", () =>
    Effect.gen(function* () {
      const running = yield* Effect.forkChild(ProcessOrder.execute(order))
      const stuck = stuckIn(yield* pump(running))
      assert.deepStrictEqual(
        stuck.map(({ step }) => step),
        ["notify", "charge"]
      )
      assert.deepStrictEqual(yield* trail, ["1001 charged 25.00 EUR", "1001 told: received"])
    }).pipe(
      Effect.provide(
        world({
          ...emptyShelf,
          faults: { "payment.refund": { dies: 1 }, "notification.refused": { down: 1 } }
        })
      )
    )
  )
})
