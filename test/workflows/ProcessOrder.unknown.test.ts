/**
 * What ProcessOrder does when nobody knows whether something happened: answers that get lost, calls that hang, a process
 * that ends in between.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Scope } from "effect"
import { layerMemory } from "firebreak/journal"
import { Indeterminate, ProcessOrder, Unavailable } from "firebreak/workflows"
import { makeMemoryData } from "../../src/adapters/engine/stores/memory/MemoryData.ts"
import { type Changes, makeGate, order, outside, pump, pumped, trail, world } from "./world.ts"

const completed = ["1001 charged 25.00 EUR", "1001 reserved", "1001 told: received"]
const nobodyKnows = () => Effect.fail(new Indeterminate({ reason: "the line is dead" }))

describe("a charge whose answer gets lost", () => {
  it.effect("is found at the gateway, and the order goes on: charged once", () =>
    Effect.gen(function* () {
      yield* pumped(ProcessOrder.execute(order))
      assert.deepStrictEqual(yield* trail, completed)
    }).pipe(Effect.provide(world({ faults: { "payment.confirm": { lost: 1 } } })))
  )

  it.effect("is found to be declined, and the order is refused", () =>
    Effect.gen(function* () {
      const error = yield* pumped(Effect.flip(ProcessOrder.execute(order)))
      assert.strictEqual(error._tag, "PaymentDeclined")
      assert.deepStrictEqual(yield* trail, [])
    }).pipe(Effect.provide(world({ faults: { "payment.confirm": { lost: 1, declined: 1 } } })))
  )

  it.effect("is looked for until the gateway can say, for hours if need be", () => {
    let looks = 0
    return Effect.gen(function* () {
      yield* pumped(ProcessOrder.execute(order), 60_000)
      assert.strictEqual(looks, 15)
      assert.deepStrictEqual(yield* trail, completed)
    }).pipe(
      Effect.provide(
        world({
          faults: { "payment.confirm": { lost: 1 } },
          payments: (real) => ({
            find: (payment) =>
              Effect.suspend(() =>
                ++looks < 15 ? Effect.fail(new Unavailable({ reason: "closed for today" })) : real.find(payment)
              )
          })
        })
      )
    )
  })
})

describe("a charge that never arrived", () => {
  const loses = (times: number): Changes => {
    let calls = 0
    return {
      payments: (real) => ({
        confirm: (key, payment) => Effect.suspend(() => (++calls > times ? real.confirm(key, payment) : nobodyKnows()))
      })
    }
  }

  it.effect("is made impossible, and another payment is opened: the order does not suffer for it", () =>
    Effect.gen(function* () {
      yield* pumped(ProcessOrder.execute(order))
      assert.deepStrictEqual(yield* trail, completed)
    }).pipe(Effect.provide(world(loses(1))))
  )

  it.effect("ends the order as a typed error when it happens again and again", () =>
    Effect.gen(function* () {
      const error = yield* pumped(Effect.flip(ProcessOrder.execute(order)))
      assert.strictEqual(error._tag, "PaymentUnavailable")
      assert.deepStrictEqual(yield* trail, [])
    }).pipe(Effect.provide(world(loses(99))))
  )

  it.effect("takes no money when it arrives late after all", () =>
    Effect.gen(function* () {
      const late: Array<Effect.Effect<unknown, unknown>> = []
      yield* Effect.gen(function* () {
        yield* pumped(ProcessOrder.execute(order))
        assert.lengthOf(late, 1)
        assert.isTrue(Exit.isFailure(yield* Effect.exit(late[0]!)))
        assert.deepStrictEqual(yield* trail, completed)
      }).pipe(
        Effect.provide(
          world({
            payments: (real) => ({
              confirm: (key, payment) =>
                Effect.suspend(() => {
                  if (late.length > 0) return real.confirm(key, payment)
                  late.push(real.confirm(key, payment))
                  return nobodyKnows()
                })
            })
          })
        )
      )
    })
  )
})

describe("a call that hangs", () => {
  it.effect("is given up after its time, and then looked for: charged once, whether or not it took effect", () =>
    Effect.gen(function* () {
      yield* pumped(ProcessOrder.execute(order), 1_000)
      assert.deepStrictEqual(yield* trail, completed)
    }).pipe(Effect.provide(world({ faults: { "payment.confirm": { hangs: 0.5 } }, seed: 3 })))
  )

  it.effect("is made again with the same key when goods are reserved: reserved once", () => {
    const keys: Array<string> = []
    return Effect.gen(function* () {
      yield* pumped(ProcessOrder.execute(order), 1_000)
      assert.deepStrictEqual(keys, [keys[0], keys[0]])
      assert.sameMembers([...(yield* trail)], completed)
    }).pipe(
      Effect.provide(
        world({
          inventory: (real) => ({
            reserve: (key, wanted) =>
              Effect.suspend(() => {
                const first = keys.push(key) === 1
                return Effect.tap(real.reserve(key, wanted), () => (first ? Effect.never : Effect.void))
              })
          })
        })
      )
    )
  })

  it.effect("is made again with the same key when the warehouse dies of it", () => {
    let calls = 0
    return Effect.gen(function* () {
      yield* pumped(ProcessOrder.execute(order))
      assert.strictEqual(calls, 2)
      assert.sameMembers([...(yield* trail)], completed)
    }).pipe(
      Effect.provide(
        world({
          inventory: (real) => ({
            reserve: (key, wanted) =>
              Effect.suspend(() => (++calls === 1 ? Effect.die(new Error("bug")) : real.reserve(key, wanted)))
          })
        })
      )
    )
  })
})

describe("an order whose process ends in the middle", () => {
  const places: Record<string, (gate: Effect.Success<typeof makeGate>) => Changes> = {
    "before it is charged": (gate) => ({
      payments: (real) => ({ confirm: (key, payment) => gate.before(real.confirm(key, payment)) })
    }),
    "when it was charged and nobody knows": (gate) => ({
      payments: (real) => ({ confirm: (key, payment) => gate.after(real.confirm(key, payment)) })
    }),
    "when its goods are put aside and nobody knows": (gate) => ({
      inventory: (real) => ({ reserve: (key, wanted) => gate.after(real.reserve(key, wanted)) })
    })
  }

  it.effect.each(Object.keys(places))("%s goes on with the next one: charged once, reserved once", (place) =>
    Effect.gen(function* () {
      const gate = yield* makeGate
      const data = makeMemoryData()
      // The outside outlives the process, and so does what the journal has written.
      const ports = yield* Layer.build(outside(places[place]!(gate)))
      const process = yield* Scope.make()
      const engine = ProcessOrder.layer.pipe(
        Layer.provideMerge(layerMemory({ data, grace: 0 })),
        Layer.provide(Layer.succeedContext(ports))
      )
      const first = yield* Layer.buildWithScope(engine, process)
      yield* Effect.forkChild(Effect.provideContext(ProcessOrder.execute(order), first))
      yield* gate.reached
      const leaving = yield* Effect.forkChild(Scope.close(process, Exit.void))
      yield* pump(leaving)
      yield* gate.open

      const [result, seen] = yield* pumped(
        Effect.gen(function* () {
          return [yield* ProcessOrder.execute(order), yield* trail] as const
        }).pipe(Effect.provide(engine), Effect.provideContext(ports))
      )
      assert.strictEqual(result.orderId, order.id)
      assert.sameMembers(
        seen.filter((line) => !line.includes("told")),
        completed.slice(0, 2)
      )
      assert.isAtMost(seen.filter((line) => line.endsWith("told: received")).length, 1)
    })
  )
})
