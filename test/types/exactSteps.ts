/**
 * The type of a step is exactly what it takes, gives, can fail with, and needs.
 *
 * Each line of `Exact` compares two types; the compiler refuses the line when they differ.
 */
import { Effect, Schema } from "effect"
import type { WorkflowEngine, WorkflowInstance } from "effect/workflow/WorkflowEngine"
import {
  Found,
  type Indeterminate,
  type OutcomeUnknown,
  Step,
  type StepGaveUp,
  type StepSchema,
  type Unavailable
} from "firebreak/workflows"
import type { Same } from "./exact.ts"
import { Gateway, Ledger, Order, Post, Shelf } from "./refused/stepWorld.ts"
import { OutOfStock, Payment, PaymentDeclined } from "./refused/world.ts"

type Holds<Equal extends true> = Equal

// ── What a step can fail with ──

const charge = Step.make("charge", {
  success: Payment,
  error: PaymentDeclined,
  do: (order: Order, key) => Gateway.use((gateway) => gateway.charge(key, order)),
  unknown: (order, key) =>
    Gateway.use((gateway) => gateway.find(key)).pipe(
      Effect.map((payment) => (payment === undefined ? Found.unknown : Found.done(payment))),
      Effect.annotateLogs("order", order.id)
    ),
  undo: (payment, key) => Gateway.use((gateway) => gateway.refund(key, payment))
})

const chargeOrDecline = Step.make("charge", {
  success: Payment,
  error: PaymentDeclined,
  do: (order: Order, key) => Gateway.use((gateway) => gateway.charge(key, order)),
  undo: "irreversible",
  unknown: "ask",
  gaveUp: (last, order) => new PaymentDeclined({ reason: `${last.reason} ${order.id}` })
})

const take = Step.make("take", {
  error: OutOfStock,
  do: (order: Order, key) => Shelf.use((shelf) => shelf.take(key, order)),
  undo: "nothing",
  unknown: "repeat"
})

const letter = Step.make("letter", {
  input: Schema.String,
  do: (to, key) => Post.use((post) => post.send(key, to)),
  undo: "nothing",
  unknown: "leave"
})

const cannotFail = Step.make("tick", { do: () => Effect.void, undo: "nothing", unknown: "repeat" })

const sometimes: "leave" | "repeat" = Math.random() > 0.5 ? "leave" : "repeat"
const left = Step.make("tick", { do: () => Effect.void, undo: "nothing", unknown: sometimes })

// ── What it needs, from each of its functions ──

const needsAll = Step.make("charge", {
  input: Order,
  success: Payment,
  error: Schema.Union([PaymentDeclined, OutOfStock]),
  do: (order, key) =>
    Effect.tap(
      Gateway.use((gateway) => gateway.charge(key, order)),
      () => Shelf.use((shelf) => shelf.take(key, order))
    ),
  undo: {
    do: (payment, key) => Gateway.use((gateway) => gateway.refund(key, payment)),
    unknown: (payment, _key, order) =>
      Ledger.use((ledger) => ledger.findRefund(payment)).pipe(
        Effect.map((isThere) => (isThere ? Found.done(order.id) : Found.absent))
      ),
    retry: { attempts: 3, backoff: { first: "1 second" } },
    timeout: "5 seconds"
  },
  unknown: (order, key) =>
    Effect.as(
      Post.use((post) => post.send(key, order.id)),
      Found.unknown
    ),
  gaveUp: (last) => new PaymentDeclined({ reason: last.reason })
})

// ── Input ──

const plain = Step.make("plain", {
  do: (input: { readonly id: string; readonly lines: ReadonlyArray<number> }) => Effect.succeed(input.id),
  success: Schema.String,
  undo: (id, key, { lines }) => Effect.log(id, key, lines),
  unknown: "repeat"
})

const decoded = Step.make("decoded", {
  input: Schema.Struct({ at: Schema.DateFromString }),
  do: ({ at }) => Effect.log(at.getTime()),
  undo: (_, __, { at }) => Effect.log(at.getTime()),
  unknown: ({ at }) => Effect.as(Effect.log(at.getTime()), Found.absent)
})

// ── Generic code ──

const generic = <Input, F extends StepSchema>(error: F, call: (input: Input) => Effect.Effect<void, F["Type"]>) =>
  Step.make("generic", { error, undo: "nothing", unknown: "repeat", do: (input: Input) => call(input) })
const made = generic(PaymentDeclined, (order: Order) => Effect.log(order.id))

export const lookedUp = <F extends StepSchema>(error: F, find: Effect.Effect<Found<void, F["Type"]>, Unavailable>) =>
  Step.make("looked-up", { error, do: () => Effect.void, undo: "nothing", unknown: () => find })

// ── Calling ──

const called = charge(new Order({ id: "o-1", cents: 100 }))
const calledWithKey = letter("ann@example.com", { key: "first" })
const calledWithNothing = cannotFail()

export type Exact = readonly [
  Holds<Same<typeof charge, Step<Order, Payment, PaymentDeclined | StepGaveUp, Gateway>>>,
  Holds<Same<typeof chargeOrDecline, Step<Order, Payment, PaymentDeclined, Gateway>>>,
  Holds<Same<typeof take, Step<Order, void, OutOfStock, Shelf>>>,
  Holds<Same<typeof letter, Step<string, void, StepGaveUp | OutcomeUnknown, Post>>>,
  Holds<Same<typeof cannotFail, Step<void, void, never, never>>>,
  Holds<Same<typeof left, Step<void, void, OutcomeUnknown, never>>>,
  Holds<Same<typeof needsAll, Step<Order, Payment, PaymentDeclined | OutOfStock, Gateway | Shelf | Ledger | Post>>>,
  Holds<Same<typeof plain, Step<{ readonly id: string; readonly lines: ReadonlyArray<number> }, string, never, never>>>,
  Holds<Same<typeof decoded, Step<{ readonly at: Date }, void, never, never>>>,
  Holds<Same<typeof made, Step<Order, void, PaymentDeclined, never>>>,
  Holds<
    Same<
      typeof called,
      Effect.Effect<Payment, PaymentDeclined | StepGaveUp, Gateway | WorkflowEngine | WorkflowInstance>
    >
  >,
  Holds<
    Same<
      typeof calledWithKey,
      Effect.Effect<void, StepGaveUp | OutcomeUnknown, Post | WorkflowEngine | WorkflowInstance>
    >
  >,
  Holds<Same<typeof calledWithNothing, Effect.Effect<void, never, WorkflowEngine | WorkflowInstance>>>,
  // What is reserved never gets out of a step.
  Holds<Same<Extract<Effect.Error<typeof called>, Unavailable | Indeterminate>, never>>
]
