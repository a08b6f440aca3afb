/**
 * Steps that leave a question open, or answer it wrongly.
 */
import { Effect, Schema } from "effect"
import { Found, Step, type StepSchema, type Unavailable } from "firebreak/workflows"
import { Gateway, Order } from "./stepWorld.ts"
import { OutOfStock, Payment, PaymentDeclined, reserve, sendMail } from "./world.ts"

const pay = (order: Order, key: Parameters<typeof charge.definition.do>[1]) => Gateway.use((gateway) => gateway.charge(key, order))
const charge = Step.make("charge", {
  success: Payment,
  error: PaymentDeclined,
  do: (order: Order, key) => Gateway.use((gateway) => gateway.charge(key, order)),
  undo: "irreversible",
  unknown: "ask"
})

// ── a step that does not say how it is taken back ──
export const noUndo = Step.make(
  "charge", // ✗
  { success: Payment, error: PaymentDeclined, do: (order: Order, key) => pay(order, key), unknown: "ask" }
)

// ── a step that does not say how to learn whether it happened ──
export const noUnknown = Step.make(
  "charge", // ✗
  { success: Payment, error: PaymentDeclined, do: (order: Order, key) => pay(order, key), undo: (payment) => Effect.logInfo(payment.id) }
)

// ── a step that answers neither question ──
export const neither = Step.make("charge", { do: () => Effect.void }) // ✗

// ── a refusal that the error schema does not list ──
export const unlisted = Step.make("reserve", { success: Schema.Number, do: () => reserve("MUG-1"), undo: "nothing", unknown: "repeat" }) // ✗

// ── two refusals that the error schema does not list ──
export const twoUnlisted = Step.make(
  "reserve", // ✗
  { error: PaymentDeclined, do: () => Effect.andThen(sendMail, reserve("MUG-1")).pipe(Effect.asVoid), undo: "nothing", unknown: "repeat" }
)

// ── a step that can fail with anything ──
declare const anything: Effect.Effect<void, unknown>
export const failsWithAnything = Step.make("reserve", { do: () => anything, undo: "nothing", unknown: "repeat" }) // ✗

// ── a misspelt option ──
export const misspelt = Step.make("tick", { do: () => Effect.void, undo: "nothing", unknown: "repeat", retrry: 3 }) // ✗

// ── a way to take back that there is not ──
export const noSuchUndo = Step.make("tick", { do: () => Effect.void, undo: "never", unknown: "repeat" }) // ✗

// ── a way to learn that there is not ──
export const noSuchUnknown = Step.make("tick", { do: () => Effect.void, undo: "nothing", unknown: "repet" }) // ✗

// ── an undo that wants another result ──
export const otherUndo = Step.make("charge", {
  success: Payment,
  do: () => Effect.succeed(new Payment({ id: "p-1" })),
  undo: (payment: { readonly number: string }) => Effect.log(payment.number), // ✗
  unknown: "repeat"
})

// ── an undo without an answer to what it does ──
export const undoWithoutDo = Step.make("tick", { do: () => Effect.void, undo: { unknown: "repeat" }, unknown: "repeat" }) // ✗

// ── a misspelt option of an undo ──
export const misspeltInUndo = Step.make("tick", {
  do: () => Effect.void,
  undo: { do: () => Effect.void, unknwon: "repeat" }, // ✗
  unknown: "repeat"
})

// ── an undo that asks a person ──
export const undoAsks = Step.make("tick", {
  do: () => Effect.void,
  undo: { do: () => Effect.void, unknown: "ask" }, // ✗
  unknown: "repeat"
})

// ── a look that finds a refusal of another step ──
export const otherRefusal = Step.make("tick", {
  do: () => Effect.void,
  undo: "nothing",
  unknown: () => Effect.succeed(Found.refused(new OutOfStock({ sku: "MUG-1" }))) // ✗
})

// ── a look that gives what it found, without saying what that means ──
export const bareLook = Step.make("charge", {
  success: Payment,
  do: (_: Order) => Effect.succeed(new Payment({ id: "p-1" })),
  undo: "irreversible",
  unknown: (order) => Effect.succeed(new Payment({ id: order.id })) // ✗
})

// ── a result of another kind than the success schema ──
export const otherResult = Step.make("charge", {
  success: Payment,
  do: () => Effect.succeed(1), // ✗
  undo: "nothing",
  unknown: "repeat"
})

// ── giving up with what is no refusal of the step ──
declare const away: Effect.Effect<void, Unavailable>
export const otherRefusalInTheEnd = Step.make("charge", {
  error: PaymentDeclined,
  do: () => away,
  undo: "nothing",
  unknown: "repeat",
  gaveUp: (last) => new OutOfStock({ sku: last.reason }) // ✗
})

// ── a generic step that forgets what its call can fail with ──
export const generic = <F extends StepSchema>(error: F, call: Effect.Effect<void, F["Type"] | OutOfStock>) =>
  Step.make("generic", { error, do: () => call, undo: "nothing", unknown: "repeat" }) // ✗
