/**
 * The stories of the crash run: an order of three steps, with an inner scope that fails and is tried again, a sleep, a
 * word from outside and a child; with steps that answer "what if nobody knows?" in each way that needs no person.
 *
 * Not here: what the outside does about it (`Outside.ts`).
 */
import { Context, Effect, Layer, Schema } from "effect"
import { DurableDeferred, Workflow } from "effect/workflow"
import { coroutineScope, supervisorScope } from "firebreak/supervision"
import { Found, Indeterminate, Step, type StepKey, StepGaveUp, Unavailable } from "firebreak/workflows"
import { Plan } from "./plan.ts"
import type { Answer, Question } from "./wire.ts"

/** The one refusal of all steps. */
export class Sorry extends Schema.TaggedError<Sorry>()("Sorry", { step: Schema.String }) {
  override get message() {
    return `${this.step}: sorry`
  }
}

/** The world outside. Who asks waits until it answers, if it does. */
export class World extends Context.Service<World, { readonly ask: (question: Question) => Effect.Effect<Answer> }>()(
  "crash/World"
) {}

const asking = (kind: Question["kind"], step: string) => (order: string, key: StepKey) =>
  World.use((world) => world.ask({ kind, step, order, key }))

const doing = (kind: "do" | "undo", step: string) => (order: string, key: StepKey) =>
  Effect.flatMap(
    asking(kind, step)(order, key),
    (answer): Effect.Effect<string, Sorry | Unavailable | Indeterminate> => {
      switch (answer.is) {
        case "done":
          return Effect.succeed(answer.value)
        case "refused":
          return Effect.fail(new Sorry({ step }))
        case "unavailable":
          return Effect.fail(new Unavailable({ reason: "no line" }))
        case "indeterminate":
          return Effect.fail(new Indeterminate({ reason: "the line went dead" }))
        default:
          return Effect.die(new Error(`the answer to ${kind} ${step} was ${answer.is}`))
      }
    }
  )

const looking = (kind: "look" | "look at undo", step: string) => (order: string, key: StepKey) =>
  Effect.map(asking(kind, step)(order, key), (answer): Found<string, Sorry> => {
    if (answer.is === "done") return Found.done(answer.value)
    if (answer.is === "refused") return Found.refused(new Sorry({ step }))
    return answer.is === "absent" ? Found.absent : Found.unknown
  })

/** Patient to the last: that a step gives up is not what is tried here. */
const retry = { attempts: 1000, backoff: { first: "5 millis", longest: "80 millis" }, within: "1 hour" } as const
const schemas = { success: Schema.String, error: Sorry } as const

const charge = Step.make("charge", {
  ...schemas,
  do: (order: string, key) => doing("do", "charge")(order, key),
  undo: {
    do: (_, key, order) => doing("undo", "charge")(order, key),
    unknown: (_, key, order) => looking("look at undo", "charge")(order, key),
    retry,
    timeout: "250 millis"
  },
  unknown: looking("look", "charge"),
  retry,
  timeout: "250 millis"
})

/** Doing it again with the same key is harmless, both ways. */
const repeatable = (step: string) =>
  Step.make(step, {
    ...schemas,
    do: (order: string, key) => doing("do", step)(order, key),
    undo: { do: (_, key, order) => doing("undo", step)(order, key), retry, timeout: "250 millis" },
    unknown: "repeat",
    retry,
    timeout: "250 millis"
  })
const reserve = repeatable("reserve")
const hold = repeatable("hold")
const pack = repeatable("pack")

const approve = Step.make("approve", {
  ...schemas,
  do: (order: string, key) => doing("do", "approve")(order, key),
  undo: { do: (_, key, order) => doing("undo", "approve")(order, key), retry },
  unknown: looking("look", "approve"),
  retry
})

const hand = Step.make("hand", {
  ...schemas,
  do: (order: string, key) => doing("do", "hand")(order, key),
  undo: "irreversible",
  unknown: looking("look", "hand"),
  retry
})

const notify = Step.make("notify", {
  success: Schema.String,
  do: (order: string, key) => Effect.catchTag(doing("do", "notify")(order, key), "Sorry", Effect.die),
  undo: "nothing",
  unknown: "leave",
  retry
})

/** How each step is meant, for who checks what was done. */
export const stepKinds: { readonly [step: string]: "taken back" | "kept" | "a letter" } = {
  charge: "taken back",
  reserve: "taken back",
  hold: "taken back",
  approve: "taken back",
  pack: "taken back",
  hand: "kept",
  notify: "a letter"
}

export const Parcel = Workflow.make("Parcel", {
  payload: { order: Schema.String },
  success: Schema.Array(Schema.String),
  error: Schema.Union([Sorry, StepGaveUp]),
  idempotencyKey: ({ order }) => `parcel of ${order}`
})

export const Order = Workflow.make("Order", {
  payload: Plan.fields,
  success: Schema.Array(Schema.String),
  error: Schema.Union([Sorry, StepGaveUp]),
  idempotencyKey: ({ id }) => id
})

export const Word = DurableDeferred.make("word", { success: Schema.String })

const parcelStory = Parcel.toLayer(
  Effect.fnUntraced(function* ({ order }) {
    const packed = yield* pack(order)
    yield* Effect.sleep("20 millis")
    return [packed, yield* hand(order)]
  })
)

/** Both or neither: one of the two is refused at first, while the other may be under way. */
const held = (order: string) =>
  coroutineScope(function* (scope) {
    const holding = yield* scope.async(hold(order), { name: "hold" })
    const approving = yield* scope.async(approve(order), { name: "approve" })
    return [yield* holding.await, yield* approving.await]
  })

const orderStory = Order.toLayer(
  Effect.fnUntraced(function* ({ holds, id, parcel, sleep, word }) {
    const payment = yield* charge(id)
    if (sleep > 0) yield* Effect.sleep(sleep)
    const heard =
      word === "none"
        ? "-"
        : word === "waits"
          ? yield* DurableDeferred.await(Word)
          : yield* Effect.map(Effect.timeoutOption(DurableDeferred.await(Word), "100 millis"), (it) =>
              it._tag === "Some" ? it.value : "nothing"
            )
    const sure = holds ? yield* Effect.catchTag(held(id), "Sorry", () => held(id)) : []
    const sent = parcel === "none" ? [] : yield* Parcel.execute({ order: id })
    const rest = yield* supervisorScope(function* (scope) {
      const reserving = yield* scope.async(reserve(id), { name: "reserve" })
      const telling = yield* scope.async(notify(id), { name: "notify" })
      const letter = yield* Effect.catchTag(telling.await, "OutcomeUnknown", () => Effect.succeed("?"))
      return [yield* reserving.await, letter]
    })
    return [heard, payment, ...sure, ...sent, ...rest]
  })
)

export const stories = Layer.mergeAll(orderStory, parcelStory)
