/** Ours: the order on a journal. Each step says how it is taken back, and how one learns whether it happened. */
import { Effect, Layer, ManagedRuntime, Schema } from "effect"
import * as Workflow from "effect/workflow/Workflow"
import { Journal, layerMemory, layerPostgres, layerSqlite, type Rest } from "firebreak/journal"
import { supervisorScope } from "firebreak/supervision"
import { Found, Step } from "firebreak/workflows"
import type { Place, StartArm } from "./Arm.ts"
import { inFlight } from "./inFlight.ts"

const Request = Schema.Struct({ id: Schema.String, amount: Schema.Int })
type Request = typeof Request.Type

export const Order = Workflow.make("Order", {
  payload: Request.fields,
  success: Schema.String,
  idempotencyKey: ({ id }) => id
})

const charge = Step.make("charge", {
  input: Request,
  success: Schema.String,
  do: ({ id }) => Effect.succeed(`payment ${id}`),
  undo: () => Effect.void,
  unknown: () => Effect.succeed(Found.absent)
})

const reserve = Step.make("reserve", {
  input: Request,
  success: Schema.String,
  do: ({ id }) => Effect.succeed(`reservation ${id}`),
  undo: () => Effect.void,
  unknown: "repeat"
})

const notify = Step.make("notify", {
  input: Request,
  success: Schema.String,
  do: ({ id }) => Effect.succeed(`letter ${id}`),
  undo: () => Effect.void,
  unknown: "leave"
})

const story = Order.toLayer(
  Effect.fnUntraced(function* (order) {
    const payment = yield* charge(order)
    return yield* supervisorScope(function* (scope) {
      const reserving = yield* scope.async(reserve(order))
      const telling = yield* scope.async(notify(order))
      const letter = yield* telling.settled
      return `${payment}, ${yield* reserving.await}, ${letter._tag}`
    })
  })
)

export const journalAt = (place: Place) => {
  if ("file" in place) return layerSqlite({ file: place.file })
  return "url" in place ? layerPostgres({ url: place.url }) : layerMemory()
}

export const start: StartArm = async (place) => {
  const runtime = ManagedRuntime.make(Layer.provideMerge(story, journalAt(place)))
  const journal = await runtime.runPromise(Journal)
  return {
    run: (...how) =>
      runtime.runPromise(inFlight((id) => Effect.map(journal.run(Order, { id, amount: 2500 }), toItsEnd), ...how)),
    close: () => runtime.dispose()
  }
}

/** An order that came to another end is no figure. */
const toItsEnd = ({ id, status, why }: Rest<string, never>): void => {
  if (status !== "completed") throw new Error(`the order ${id} ended as ${status}: ${why?.message}`)
}
