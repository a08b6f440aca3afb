/**
 * What an order costs on Effect's memory engine: time, and what is still held when it has ended.
 *
 *   node --expose-gc --conditions=firebreak-source bench/orders.ts [orders]
 *
 * The question is whether each order should have an engine of its own, as the command does it: one engine for all keeps
 * every execution.
 */
import { Effect, Layer, Schema } from "effect"
import { layerMemory } from "effect/workflow/WorkflowEngine"
import { layer as simulated } from "firebreak/adapters/simulated"
import { Order, ProcessOrder } from "firebreak/workflows"

const count = Number(process.argv[2] ?? 10_000)

const order = (id: string) =>
  Schema.decodeSync(Order)({
    id,
    customer: { email: "ann@example.com" },
    lines: [{ sku: "MUG", quantity: 1, price: { currency: "EUR", minor: 2500 } }],
    total: { currency: "EUR", minor: 2500 },
    payment: { method: "pm_card_visa" }
  })

const engine = ProcessOrder.layer.pipe(Layer.provideMerge(layerMemory))
const ids = Array.from({ length: count }, (_, n) => `o-${n}`)
const all = <E, R>(run: (order: Order) => Effect.Effect<unknown, E, R>) =>
  Effect.forEach(ids, (id) => run(order(id)), { concurrency: 16, discard: true })

const held = () => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

const measure = <E>(name: string, work: (done: Effect.Effect<void>) => Effect.Effect<void, E>) =>
  Effect.gen(function* () {
    yield* Effect.sleep("50 millis") // so that nothing of the arm before is still on a stack
    const before = held()
    const began = performance.now()
    let [time, heap] = [0, 0]
    yield* work(
      Effect.sync(() => {
        time = performance.now() - began
        heap = held() - before
      })
    )
    const [micros, bytes] = [(time / count) * 1000, heap / count].map((each) => Math.round(each ?? 0))
    console.log(`${name.padEnd(28)} ${String(micros).padStart(6)} µs  ${String(bytes).padStart(6)} B held per order`)
  })

const execute = (order: Order) => ProcessOrder.execute(order)
const program = Effect.gen(function* () {
  for (const round of ["warm up", ""]) {
    yield* measure(`one engine for all ${round}`, (done) =>
      Effect.andThen(all(execute), done).pipe(Effect.provide(Layer.provideMerge(engine, simulated())))
    )
    yield* measure(`an engine for each ${round}`, (done) =>
      Effect.andThen(
        all((order) => Effect.provide(execute(order), engine, { local: true })),
        done
      ).pipe(Effect.provide(simulated()))
    )
  }
})

await Effect.runPromise(program)
