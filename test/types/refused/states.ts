/**
 * States of streams that can fail, and time limits that are not reckoned with.
 */
import { Effect, Stream } from "effect"
import { nonCancellable, stateIn, withTimeout, withTimeoutOption } from "firebreak/supervision"
import { charge, type OutOfStock, type PaymentDeclined, reserve, sendMail } from "./world.ts"

const stock = Stream.fromEffect(reserve("MUG-1"))
const payments = Stream.fromEffect(Effect.andThen(reserve("MUG-1"), charge("o-1")))

// ── a state of a stream that can fail ──
export const fallible = stateIn(stock, { initial: 0, whileSubscribed: "5 seconds" }) // ✗

// ── a state of a stream that can fail in two ways ──
export const twofold = stateIn(payments, { initial: undefined, whileSubscribed: "5 seconds" }) // ✗

// ── a state of a stream that fails with anything ──
export const anything = (stream: Stream.Stream<number, unknown>) => stateIn(stream, { initial: 0, whileSubscribed: 0 }) // ✗

// ── forgetting that a limit can pass ──
export const limited: Effect.Effect<number, OutOfStock> = withTimeout(reserve("MUG-1"), "1 second") // ✗

// ── catching a limit that is somebody else's ──
export const foreign = withTimeoutOption(sendMail, "1 second").pipe(Effect.catchTag("DeadlineExceeded", () => Effect.void)) // ✗

// ── a critical section without a bound ──
export const unbounded = nonCancellable(sendMail, { name: "mail" }) // ✗

// ── forgetting what a critical section can fail with ──
export const section: Effect.Effect<unknown, PaymentDeclined> = nonCancellable(sendMail, { within: "1 second" }) // ✗
