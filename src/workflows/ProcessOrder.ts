/**
 * The story of an order: charge, then reserve the goods and tell the customer, side by side.
 *
 * The special rule: the customer is told as a favour. Nothing that goes wrong with a letter touches the goods or the
 * money; when the goods cannot be had, the money goes back.
 *
 *   open-payment ──▶ charge ──▶ ┌ supervisor ────────┐
 *        │             │        │ reserve │  notify  │ ──▶ OrderResult
 *        ╰ fails       ╰ fails  ╰ fails ──┴─ letter ─╯ settled, then: second letter, release, refund
 *
 * Not here: the steps (`orderSteps.ts`), who runs them and takes them back (`adapters/engine`), and who fulfils the
 * ports (`adapters/`).
 */
import { Effect, Layer, Schema } from "effect"
import * as Workflow from "effect/workflow/Workflow"
import { coroutineScope, supervisorScope } from "../supervision/index.ts"
import { InventoryUnavailable, OutOfStock, PaymentDeclined, PaymentUnavailable } from "./errors.ts"
import { NotSent, OrderResult, PerhapsSent, Sent } from "./OrderResult.ts"
import { nameOfRun, OrderRun } from "./OrderRun.ts"
import { charge, notify, openPayment, reserve } from "./orderSteps.ts"
import { Charge } from "./ports/PaymentGateway.ts"
import { Wanted } from "./ports/Inventory.ts"
import { Letter } from "./ports/Notifications.ts"
import { keepSteps } from "./stepsNamed.ts"

/**
 * Processes one order: it ends paid, reserved and told, or with a typed error and everything taken back.
 *
 * **Details** — one order id is one execution: asking twice charges once. Where a refused order is to be run again, say
 * so with a number: `ProcessOrder.execute({ ...order, run: 2 })`. Cancelling waits for the calls that are under way and
 * then takes back what they did. What cannot be taken back makes the order stuck: it waits for a person.
 */
export class ProcessOrder extends Workflow.make("ProcessOrder", {
  payload: OrderRun,
  success: OrderResult,
  error: Schema.Union([PaymentDeclined, PaymentUnavailable, OutOfStock, InventoryUnavailable]),
  idempotencyKey: ({ id, run }) => nameOfRun(id, run)
}) {
  /** Registers the story with the engine. */
  static readonly layer = Layer.suspend(() => ProcessOrder.toLayer(story))
}

// A program that has a step called `charge` as well never takes this one for its own.
keepSteps(ProcessOrder._tag, openPayment, charge, reserve, notify)

const story = (order: OrderRun) =>
  coroutineScope(
    function* () {
      const payment = yield* pay(order)
      const { notification, reserved } = yield* supervisorScope(function* (scope) {
        const reserving = yield* scope.async(reserve(wanted(order)), { name: "reserve" })
        const telling = yield* scope.async(tell(order), { name: "notify" })
        // The letter first: when the goods cannot be had, that is told once the letter is settled.
        return { notification: yield* telling.await, reserved: yield* reserving.settled }
      })
      // It fails out here, where the money was taken: then all is taken back in one go, and the money does not wait for a
      // second letter that nobody takes.
      const reservation = yield* reserved
      return new OrderResult({ orderId: order.id, payment: payment.id, reservation: reservation.id, notification })
    },
    { name: `ProcessOrder ${order.id}` }
  )

/** A payment that a look had to void took no money, and another one is opened: a crash is no reason to refuse an order. */
const pay = Effect.fnUntraced(function* (order: OrderRun) {
  for (let number = 1; number <= mostPayments; number++) {
    const which = number === 1 ? {} : { key: String(number) }
    const payment = yield* openPayment(toPay(order), which)
    const isTaken = yield* charge(payment, which).pipe(
      Effect.as(true),
      Effect.catchTag("PaymentVoided", () => Effect.succeed(false))
    )
    if (isTaken) return payment
  }
  const reason = `each of ${mostPayments} payments had to be voided: nobody knew whether they were confirmed`
  return yield* new PaymentUnavailable({ orderId: order.id, reason })
})

const mostPayments = 10

const toPay = ({ id, payment, total }: OrderRun) => new Charge({ orderId: id, amount: total, method: payment.method })
const wanted = ({ id, lines }: OrderRun) => new Wanted({ orderId: id, lines })

const tell = ({ customer, id, total }: OrderRun) => {
  const { email, name } = customer
  if (email === undefined) return Effect.succeed(new NotSent({ reason: "no e-mail address" }))
  return notify(new Letter({ to: email, ...(name === undefined ? {} : { name }), orderId: id, total })).pipe(
    Effect.as(new Sent()),
    Effect.catchTags({
      NotificationFailed: ({ reason }) => Effect.succeed(new NotSent({ reason })),
      OutcomeUnknown: ({ reason }) => Effect.succeed(new PerhapsSent({ reason }))
    })
  )
}
