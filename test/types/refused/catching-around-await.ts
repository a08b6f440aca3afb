/**
 * Catching the failure of a fail-fast job where it is awaited: it would compile, log, and contain nothing, since the
 * failure is already the scope's. In each of the ways that Effect offers.
 */
import { Effect, Schedule } from "effect"
import { awaitAll, coroutineScope } from "firebreak/supervision"
import { charge, reserve } from "./world.ts"

// ── Effect.catch around await ──
export const caught = coroutineScope(function*(scope) {
  const job = yield* scope.async(charge("o-1"))
  return yield* Effect.catch(job.await, () => Effect.succeed(undefined)) // ✗
})

// ── await piped into Effect.catch ──
export const piped = coroutineScope(function*(scope) {
  const job = yield* scope.async(charge("o-1"))
  return yield* job.await.pipe(Effect.catch(() => Effect.succeed(undefined))) // ✗
})

// ── await piped into Effect.catchTag ──
export const pipedByTag = coroutineScope(function*(scope) {
  const job = yield* scope.async(charge("o-1"))
  return yield* job.await.pipe(Effect.catchTag("PaymentDeclined", () => Effect.succeed(undefined))) // ✗
})

// ── Effect.catchCause around await ──
export const caughtWithDefects = coroutineScope(function*(scope) {
  const job = yield* scope.async(charge("o-1"))
  return yield* Effect.catchCause(job.await, () => Effect.succeed(undefined)) // ✗
})

// ── Effect.exit of await ──
export const asExit = coroutineScope(function*(scope) {
  const job = yield* scope.async(charge("o-1"))
  return yield* Effect.exit(job.await) // ✗
})

// ── Effect.option of await ──
export const asOption = coroutineScope(function*(scope) {
  const job = yield* scope.async(charge("o-1"))
  return yield* Effect.option(job.await) // ✗
})

// ── Effect.result of await ──
export const asResult = coroutineScope(function*(scope) {
  const job = yield* scope.async(charge("o-1"))
  return yield* Effect.result(job.await) // ✗
})

// ── Effect.orElseSucceed on await ──
export const orElse = coroutineScope(function*(scope) {
  const job = yield* scope.async(charge("o-1"))
  return yield* Effect.orElseSucceed(job.await, () => undefined) // ✗
})

// ── await piped into Effect.ignore ──
export const ignored = coroutineScope(function*(scope) {
  const job = yield* scope.async(charge("o-1"))
  yield* job.await.pipe(Effect.ignore) // ✗
})

// ── Effect.matchEffect on await ──
export const matched = coroutineScope(function*(scope) {
  const job = yield* scope.async(charge("o-1"))
  return yield* Effect.matchEffect(job.await, { onFailure: () => Effect.void, onSuccess: () => Effect.void }) // ✗
})

// ── await piped into Effect.retry ──
export const retried = coroutineScope(function*(scope) {
  const job = yield* scope.async(charge("o-1"))
  return yield* job.await.pipe(Effect.retry(Schedule.recurs(3))) // ✗
})

// ── Effect.timeoutOption on await ──
export const timed = coroutineScope(function*(scope) {
  const job = yield* scope.async(charge("o-1"))
  return yield* Effect.timeoutOption(job.await, "1 second") // ✗
})

// ── await hidden in an Effect.gen ──
export const hidden = coroutineScope(function*(scope) {
  const job = yield* scope.async(charge("o-1"))
  const awaiting = Effect.gen(function*() { return yield* job.await }) // ✗
  return yield* Effect.option(awaiting)
})

// ── two awaits in Effect.all ──
export const both = coroutineScope(function*(scope) {
  const payment = yield* scope.async(charge("o-1"))
  const stock = yield* scope.async(reserve("MUG-1"))
  const awaiting = Effect.all([payment.await, stock.await]) // ✗
  return awaiting
})

// ── Effect.exit of awaitAll ──
export const allAsExit = coroutineScope(function*(scope) {
  const payment = yield* scope.async(charge("o-1"))
  const stock = yield* scope.async(reserve("MUG-1"))
  return yield* Effect.exit(awaitAll([payment, stock])) // ✗
})

// ── the job itself as an Effect ──
export const jobItself = coroutineScope(function*(scope) {
  const job = yield* scope.async(charge("o-1"))
  return yield* job // ✗
})
