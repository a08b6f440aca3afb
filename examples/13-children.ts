/**
 * A workflow inside a workflow: to its parent a child is what a step is, also when it comes to taking back.
 *
 *   node --conditions=firebreak-source examples/13-children.ts
 */
import { Console, Effect, Layer, Schema } from "effect"
import { Workflow } from "effect/workflow"
import { coroutineScope } from "firebreak"
import { Journal, layerMemory } from "firebreak/journal"
import { Step } from "firebreak/workflows"

class NoCourier extends Schema.TaggedError<NoCourier>()("NoCourier", { parcel: Schema.String }) {}

const pack = Step.make("pack", {
  do: (parcel: string) => Console.log(`  packed ${parcel}`),
  undo: (_, __, parcel) => Console.log(`  unpacked ${parcel}`),
  unknown: "repeat"
})
const callCourier = Step.make("call-courier", {
  error: NoCourier,
  do: (parcel: string) =>
    parcel === "the glass" ? Effect.fail(new NoCourier({ parcel })) : Console.log(`  a courier takes ${parcel}`),
  undo: (_, __, parcel) => Console.log(`  the courier brings ${parcel} back`),
  unknown: "repeat"
})
const note = Step.make("note", {
  do: (text: string) => Console.log(`  noted: ${text}`),
  undo: "irreversible",
  unknown: "repeat"
})

// #region children
const Parcel = Workflow.make("Parcel", {
  payload: { parcel: Schema.String },
  error: NoCourier,
  idempotencyKey: ({ parcel }) => parcel
})
const Statistics = Workflow.make("Statistics", {
  payload: { order: Schema.String },
  idempotencyKey: ({ order }) => order
})
const Order = Workflow.make("Order", {
  payload: { id: Schema.String, parcels: Schema.Array(Schema.String) },
  error: NoCourier,
  idempotencyKey: ({ id }) => id
})

const parcel = Parcel.toLayer(({ parcel }) => Effect.andThen(pack(parcel), callCourier(parcel)))
const statistics = Statistics.toLayer(({ order }) => note(`${order} was ordered`))

const order = Order.toLayer(({ id, parcels }) =>
  coroutineScope(function* (scope) {
    // Nobody's child: it is started, and then left alone.
    yield* Statistics.execute({ order: id }, { discard: true, detached: true })
    // Linked: whoever fails or is cancelled takes them along, and takes back those that had completed.
    for (const parcel of parcels) {
      const sent = yield* scope.async(Parcel.execute({ parcel }), { name: parcel })
      yield* sent.await
    }
  })
)
// #endregion

const program = Effect.gen(function* () {
  const journal = yield* Journal
  const rest = yield* journal.run(Order, { id: "1001", parcels: ["the book", "the glass"] })
  yield* Console.log(`1001: ${rest.status}, ${rest.why?.failures[0]?.tag}`)
  for (const { name, status, workflow } of [...(yield* journal.list())].toReversed())
    yield* Console.log(`${workflow} ${name}: ${status}`)
})

const app = Layer.provideMerge(Layer.mergeAll(parcel, statistics, order), layerMemory())
await Effect.runPromise(Effect.provide(program, app))

// >   noted: 1001 was ordered
// >   packed the book
// >   a courier takes the book
// >   packed the glass
// >   unpacked the glass
// >   the courier brings the book back
// >   unpacked the book
// > 1001: refused, NoCourier
// > Order 1001: refused
// > Statistics 1001: completed
// > Parcel the book: cancelled
// > Parcel the glass: refused
