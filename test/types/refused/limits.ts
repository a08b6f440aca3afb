/**
 * Limits without a limit, and states that could not be kept.
 */
import { Effect, Stream } from "effect"
import { coroutineScope, nonCancellable, stateIn, withTimeout } from "firebreak/supervision"
import { charge, reserve, sendMail, type SmtpDown } from "./world.ts"

const shelf = Stream.fromEffect(reserve("MUG-1"))

// ── a critical section without a bound ──
export const unbounded = nonCancellable(sendMail, { name: "mail" }) // ✗

// ── forgetting that a limit may pass ──
export const forgotten: Effect.Effect<void, SmtpDown> = withTimeout(sendMail, "1 second") // ✗

// ── a limit around await ──
export const limited = coroutineScope(function*(scope) {
  const job = yield* scope.async(charge("o-1"))
  const waiting = withTimeout(job.await, "1 second") // ✗
  return waiting
})

// ── a state of a stream that can fail ──
export const failing = stateIn(shelf, { initial: 0, whileSubscribed: "5 seconds" }) // ✗

// ── a state of a stream whose failure is caught for one tag of two ──
export const half = stateIn(
  shelf.pipe(Stream.concat(Stream.fromEffect(sendMail)), Stream.catchTag("SmtpDown", () => Stream.empty)), // ✗
  { initial: undefined, whileSubscribed: "5 seconds" }
)

// ── a state that nobody closes ──
export const leaked = Effect.runPromise(stateIn(Stream.make(1), { initial: 0, whileSubscribed: "5 seconds" })) // ✗

// ── a state that is said to be only what comes after the first value ──
export const early = stateIn(Stream.make("open"), { initial: 0, whileSubscribed: "5 seconds" }).pipe(
  Effect.flatMap((state) => state.value),
  Effect.map((value) => value.toUpperCase()) // ✗
)
