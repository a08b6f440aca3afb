/**
 * The handle of a scope where it must not be, and the mark of a launch used as if it were a service.
 */
import { Effect } from "effect"
import { coroutineScope, supervisorScope } from "firebreak/supervision"
import type { CoroutineScope, InsideCoroutineScope, SupervisorScope } from "firebreak/supervision"
import { sendMail, tick } from "./world.ts"

const mailInto = (scope: CoroutineScope) => scope.launch(sendMail)
const mailOnItsOwn = (scope: SupervisorScope) => scope.launch(sendMail, { onFailure: () => Effect.void })

// ── a handle returned from its scope and used ──
const returned = Effect.flatMap(coroutineScope(function*(scope) { return scope }), mailInto)
export const runReturned = Effect.runPromise(returned) // ✗

// ── a handle stored outside of its scope and used ──
let stored: CoroutineScope | undefined
export const storing = coroutineScope(function*(scope) { stored = scope })
export const runStored = () => stored && Effect.runPromise(stored.launch(tick)) // ✗

// ── a launch that is run from inside the scope, behind its back ──
export const behind = coroutineScope(function*(scope) {
  yield* Effect.promise(() => Effect.runPromise(scope.async(sendMail))) // ✗
})

// ── a supervisor's handle where all or nothing is wanted ──
export const wantsFailFast = supervisorScope(function*(scope) {
  yield* mailInto(scope) // ✗
})

// ── a fail-fast handle where each is on its own ──
export const wantsSupervisor = coroutineScope(function*(scope) {
  yield* mailOnItsOwn(scope) // ✗
})

// ── the mark of a launch, provided by hand ──
export const provided = (scope: CoroutineScope) =>
  mailInto(scope).pipe(Effect.provideService(InsideCoroutineScope, {})) // ✗

// ── the mark of a launch, made by hand ──
export const made: InsideCoroutineScope<never> = {} // ✗
