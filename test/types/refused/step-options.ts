/**
 * Options of steps that are not what they should be, and steps that are called wrongly.
 */
import { Effect, Schema } from "effect"
import { Step } from "firebreak/workflows"
import { Gateway, Order } from "./stepWorld.ts"
import { Payment, PaymentDeclined } from "./world.ts"

const charge = Step.make("charge", {
  success: Payment,
  error: PaymentDeclined,
  do: (order: Order, key) => Gateway.use((gateway) => gateway.charge(key, order)),
  undo: "irreversible",
  unknown: "ask"
})
const order = new Order({ id: "o-1", cents: 100 })

// ── a time that is none ──
export const noTime = Step.make("tick", {
  do: () => Effect.void,
  undo: "nothing",
  unknown: "repeat",
  timeout: "10 secs" // ✗
})

// ── a misspelt option of the retry ──
export const misspelt = Step.make("tick", {
  do: () => Effect.void,
  undo: "nothing",
  unknown: "repeat",
  retry: { attemps: 3 } // ✗
})

// ── a schedule, which a journal cannot hold on to ──
export const schedule = Step.make("tick", {
  do: () => Effect.void,
  undo: "nothing",
  unknown: "repeat",
  retry: Effect.void // ✗
})

// ── a schema that needs a service ──
declare const served: Schema.Codec<string, string, Gateway>
export const needsService = Step.make("tick", {
  success: served, // ✗
  do: () => Effect.succeed("done"),
  undo: "nothing",
  unknown: "repeat"
})

// ── an input schema of another kind than what do takes ──
export const otherInput = Step.make("tick", {
  input: Order, // ✗
  do: (input: { readonly name: string }) => Effect.log(input.name),
  undo: "nothing",
  unknown: "repeat"
})

// ── called with another input ──
export const otherCall = charge({ id: "o-1" }) // ✗

// ── called without its input ──
export const nothing = charge() // ✗

// ── called with a key that is none ──
export const noKey = charge(order, { key: 1 }) // ✗

// ── catching what never gets out of a step ──
export const reserved = charge(order).pipe(Effect.catchTag("Unavailable", () => Effect.void)) // ✗

// ── forgetting that a step may be given up ──
export const forgotten: Effect.Effect<Payment, PaymentDeclined, unknown> = charge(order) // ✗

// ── a step that is run without an engine ──
export const outside = Effect.runPromise(charge(order)) // ✗
