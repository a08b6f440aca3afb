/**
 * What an editor shows of steps, of what calling them gives, and inside of their functions.
 */
import { Effect } from "effect"
import { coroutineScope } from "firebreak/supervision"
import { Found, Step } from "firebreak/workflows"
import { Gateway, Order, Post, Shelf } from "../types/refused/stepWorld.ts"
import { OutOfStock, Payment, PaymentDeclined } from "../types/refused/world.ts"

export const charge = Step.make("charge", {
  //         ^?
  //= const charge: Step<Order, Payment, PaymentDeclined, Gateway>
  success: Payment,
  error: PaymentDeclined,
  do: (order: Order, key) => Gateway.use((gateway) => gateway.charge(key, order)),
  //                 ^?
  //= (parameter) key: string & Brand<"StepKey">
  undo: (payment, key) => Gateway.use((gateway) => gateway.refund(key, payment)),
  //     ^?
  //= (parameter) payment: Payment
  unknown: (order, key) =>
    //      ^?
    //= (parameter) order: Order
    Gateway.use((gateway) => gateway.find(key)).pipe(
      Effect.map((payment) => (payment === undefined ? Found.unknown : Found.done(payment))),
      Effect.annotateLogs("order", order.id)
    ),
  gaveUp: (last, order) => new PaymentDeclined({ reason: `${last.reason} ${order.id}` }),
  //       ^?    ^?
  //= (parameter) last: Unavailable
  //= (parameter) order: Order
  timeout: "10 seconds"
})

export const reserve = Step.make("reserve", {
  //         ^?
  //= const reserve: Step<Order, void, OutOfStock, Shelf>
  error: OutOfStock,
  do: (order: Order, key) => Shelf.use((shelf) => shelf.take(key, order)),
  undo: {
    do: (_, key, order) => Effect.log(key, order.id),
    //           ^?
    //= (parameter) order: Order
    unknown: (_, key, order) => Effect.as(Effect.log(key, order.id), Found.absent)
    //                ^?
    //= (parameter) order: Order
  },
  unknown: "repeat"
})

export const letter = Step.make("letter", {
  //         ^?
  //= const letter: Step<string, void, OutcomeUnknown | StepGaveUp, Post>
  do: (to: string, key) => Post.use((post) => post.send(key, to)),
  undo: "nothing",
  unknown: "leave"
})

const order = new Order({ id: "o-1", cents: 100 })

export const charged = charge(order)
//           ^?
//= const charged: Effect.Effect<Payment, PaymentDeclined, Gateway | WorkflowEngine | WorkflowInstance>
export const story = coroutineScope(function* (scope) {
  //         ^?
  //= const story: Effect.Effect<Payment, OutOfStock | OutcomeUnknown | PaymentDeclined | StepGaveUp, Gateway | Post | Shelf | WorkflowEngine | WorkflowInstance>
  const payment = yield* charge(order)
  //    ^?
  //= const payment: Payment
  const reserving = yield* scope.async(reserve(order, { key: "MUG-1" }))
  //    ^?
  //= const reserving: Job<void>
  yield* scope.launch(letter("ann@example.com"))
  yield* reserving.await
  return payment
})
