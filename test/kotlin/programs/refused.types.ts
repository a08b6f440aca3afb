/**
 * What of the articles' programs does not compile here. Nothing in this file is run: the compiler is the test.
 *
 * Each mistake stands on the line after its `@ts-expect-error`, and above that what the compiler says about it. Were one
 * of them accepted, the compiler would report the directive as unused.
 *
 * Not here: the nearest programs that do compile (`examples/kotlin/`).
 */
// @effect-diagnostics missingEffectError:off -- these errors are missing on purpose
import { Console, Effect, type Stream } from "effect"
import { coroutineScope, stateIn, Supervisor, supervisorScope } from "firebreak/supervision"
import { allOrNothing, supervisedButAwaited } from "../../../examples/kotlin/FanOut.ts"
import type { HttpException, IllegalStateException, IOException } from "../../../examples/kotlin/harness/words.ts"
import type { KitchenFire } from "../../../examples/kotlin/Kitchen.ts"
import type { WorkException } from "../../../examples/kotlin/TestUseCase.ts"

declare const search: Effect.Effect<string, IOException>
declare const doWork: Effect.Effect<number, WorkException>
declare const makeSalad: Effect.Effect<void, KitchenFire>
declare const markSyncAttempted: Effect.Effect<void, IllegalStateException>
declare const refresh: Effect.Effect<void, IOException | HttpException>
declare const orders: Stream.Stream<string, IOException>

/** S01: that one bad event fails the whole batch cannot be overlooked. */
// Type 'BadEvent' is not assignable to type 'never'.
// @ts-expect-error
export const s01: Effect.Effect<unknown> = allOrNothing([])

/** S02x: neither can it where the supervisor's body awaits without handling. */
// Type 'BadEvent' is not assignable to type 'never'.
// @ts-expect-error
export const s02x: Effect.Effect<unknown> = supervisedButAwaited([])

/** S10: a job of a screen without its catch. */
export const s10 = Effect.gen(function* () {
  const viewModelScope = yield* Supervisor.make({ name: "viewModelScope" })
  // ⛔ the supervisor's onFailure does not cover IOException: handle it in the job, or widen onFailure
  // @ts-expect-error
  yield* viewModelScope.launch(search)
})

/** S11a, S11b: a catch around the await of a job whose failure is the scope's. */
export const s11 = coroutineScope(function* (scope) {
  const products = yield* scope.async(search)
  // ⛔ a fail-fast job's failure is its scope's: write yield* job.await, or yield* awaitAll([…]), in the scope's own story, and catch around coroutineScope or inside the job
  // @ts-expect-error
  const caught = Effect.catchTag(products.await, "IOException", () => Effect.succeed("[]"))
  return [yield* products.await, caught]
})

/** S13, S14: a handler on a child of a fail-fast scope, which Kotlin ignores. */
export const s14 = coroutineScope(function* (scope) {
  // ⛔ in a coroutineScope a failure is the scope's: catch it inside the job or around the scope, or use supervisorScope
  // @ts-expect-error
  yield* scope.launch(search, { onFailure: (error: IOException) => Console.log(error.message) })
})

/** S14: forgetting that a closed service launches nothing. */
// Type 'ScopeClosed' is not assignable to type 'never'.
// @ts-expect-error
export const s14closed: Effect.Effect<void> = Effect.gen(function* () {
  const service = yield* Supervisor.make({
    name: "SyncService",
    onFailure: (error: IOException) => Console.log(error.message)
  })
  yield* service.launch(search)
}).pipe(Effect.scoped)

/** S17: a finalizer that can fail, and would hide why it ran. */
// Type 'IllegalStateException' is not assignable to type 'never'.
// @ts-expect-error
export const s17 = Effect.ensuring(search, markSyncAttempted)

/** S18c: a state whose upstream can fail, which in Kotlin leaves a stale value on the screen. */
// ⛔ a state cannot fail, and this stream can with IOException: make that a value first, with Stream.catch before stateIn
// @ts-expect-error
export const s18c = stateIn(orders, { initial: "Loading", whileSubscribed: "5 seconds" })

/** S19b: the failure that `refreshWithFallback` forgot. */
export const s19b = Effect.gen(function* () {
  const viewModelScope = yield* Supervisor.make({ name: "viewModelScope" })
  // ⛔ the supervisor's onFailure does not cover HttpException: handle it in the job, or widen onFailure
  // @ts-expect-error
  yield* viewModelScope.launch(Effect.catchTag(refresh, "IOException", () => Effect.void))
})

/** S21: a failing launch that nobody is told of. */
export const s21 = supervisorScope(function* (scope) {
  // ⛔ this job can fail with WorkException: write launch(job, { onFailure: (error) => … }), or async(job) and await it
  // @ts-expect-error
  yield* scope.launch(doWork)
})

/** S22, S23: a catch around await; a supervisor around the launch (S23) changes nothing about it. */
export const s22 = coroutineScope(function* (scope) {
  const job = yield* scope.async(doWork)
  // ⛔ a fail-fast job's failure is its scope's: write yield* job.await, or yield* awaitAll([…]), in the scope's own story, and catch around coroutineScope or inside the job
  // @ts-expect-error
  const caught = Effect.catchTag(job.await, "WorkException", () => Effect.succeed(0))
  return [yield* job.await, caught]
})

/** S24: a Job passed to launch, which makes it the grandparent of what is launched in it. */
export const s24 = coroutineScope(function* (scope) {
  const supervisorJob = yield* scope.launch(Effect.never)
  // Object literal may only specify known properties, and 'parent' does not exist in type 'FailFastOptions'.
  // @ts-expect-error
  yield* scope.launch(Effect.void, { parent: supervisorJob })
})

/** S25, S25b, S26, S27: a Job passed to async, which takes it out of its scope. */
export const s25 = supervisorScope(function* (scope) {
  // Object literal may only specify known properties, and 'parent' does not exist in type 'AsyncOptions'.
  // @ts-expect-error
  const job = yield* scope.async(doWork, { parent: "SupervisorJob" })
  return yield* job.await
})

/** S31: a kitchen fire that the main program does not know of. */
// Type 'KitchenFire' is not assignable to type 'never'.
// @ts-expect-error
export const s31: Effect.Effect<void> = coroutineScope(function* (scope) {
  yield* scope.launch(makeSalad)
})

/** S33: a kitchen of supervised dishes, and nobody who is told of a fire. */
export const s33 = Effect.gen(function* () {
  const kitchenScope = yield* Supervisor.make({ name: "kitchenScope" })
  // ⛔ the supervisor's onFailure does not cover KitchenFire: handle it in the job, or widen onFailure
  // @ts-expect-error
  yield* kitchenScope.launch(makeSalad)
})
