/**
 * Launching in a supervisor what can fail, and saying nobody's name for it.
 */
import { Effect } from "effect"
import { coroutineScope, supervisorScope } from "firebreak/supervision"
import type { SupervisorScope } from "firebreak/supervision"
import { mailAndReserve, sendMail, type SmtpDown, tick } from "./world.ts"

// ── a silent launch that can fail ──
export const silent = supervisorScope(function*(scope) {
  yield* scope.launch(sendMail) // ✗
})

// ── a silent launch that can fail in two ways ──
export const silentTwice = supervisorScope(function*(scope) {
  yield* scope.launch(mailAndReserve) // ✗
})

// ── a launch with only a name ──
export const named = supervisorScope(function*(scope) {
  yield* scope.launch(sendMail, { name: "mail" }) // ✗
})

// ── an onFailure that misses a tag ──
export const misses = supervisorScope(function*(scope) {
  yield* scope.launch(mailAndReserve, { onFailure: (error: SmtpDown) => Effect.logWarning(error.host) }) // ✗
})

// ── an onFailure that can fail itself ──
export const failsItself = supervisorScope(function*(scope) {
  yield* scope.launch(sendMail, { onFailure: () => sendMail }) // ✗
})

// ── an option that does not exist ──
export const misspelt = supervisorScope(function*(scope) {
  yield* scope.launch(sendMail, { onFailre: () => Effect.void }) // ✗
})

// ── onFailure on a supervised async ──
export const onAsync = supervisorScope(function*(scope) {
  yield* scope.async(sendMail, { onFailure: () => Effect.void }) // ✗
})

// ── onFailure on a fail-fast launch ──
export const onFailFast = coroutineScope(function*(scope) {
  yield* scope.launch(sendMail, { onFailure: () => Effect.void }) // ✗
})

// ── a point-free launch over a list ──
export const pointFree = supervisorScope(function*(scope) {
  const launching = Effect.forEach([tick, tick], scope.launch) // ✗
  return launching
})

// ── a generic launch without onFailure ──
export const generic = <A, E, R>(scope: SupervisorScope, job: Effect.Effect<A, E, R>) =>
  scope.launch(job) // ✗
