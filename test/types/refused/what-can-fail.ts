/**
 * Claiming another list of failures than the scope has: more, less, or a service that is not there.
 */
import { Effect } from "effect"
import { coroutineScope, supervisorScope } from "firebreak/supervision"
import type { CoroutineScope } from "firebreak/supervision"
import type { Same } from "../exact.ts"
import { type Bank, charge, type OutOfStock, type Payment, type PaymentDeclined, reserve, sendMail, type SmtpDown } from "./world.ts"

const order = coroutineScope(function*(scope) {
  const payment = yield* scope.async(charge("o-1"))
  yield* scope.launch(reserve("MUG-1"))
  return yield* payment.await
})

// ── catching a tag that cannot occur ──
export const caught = Effect.catchTag(order, "SmtpDown", () => Effect.void) // ✗

// ── catching a tag that was caught inside ──
export const caughtTwice = coroutineScope(function*(scope) {
  yield* scope.launch(Effect.catchTag(sendMail, "SmtpDown", () => Effect.void))
}).pipe(Effect.catchTag("SmtpDown", () => Effect.void)) // ✗

// ── forgetting a service ──
export const forgotten = Effect.runPromise(order) // ✗

// ── a scope that claims less than its jobs can fail with ──
export const less: Effect.Effect<void, SmtpDown> = coroutineScope(function*(scope) { // ✗
  yield* scope.launch(sendMail)
  yield* scope.launch(reserve("MUG-1"))
})

// ── jobs launched in a loop ──
export const loop = (skus: ReadonlyArray<string>): Effect.Effect<void> =>
  coroutineScope(function*(scope) { // ✗
    for (const sku of skus) yield* scope.launch(reserve(sku))
  })

// ── jobs launched in a callback ──
export const callback = (skus: ReadonlyArray<string>): Effect.Effect<number> =>
  coroutineScope(function*(scope) { // ✗
    const jobs = yield* Effect.forEach(skus, (sku) => scope.async(reserve(sku)))
    return jobs.length
  })

// ── jobs launched by a helper ──
const launchBoth = (scope: CoroutineScope) => Effect.andThen(scope.launch(sendMail), scope.launch(reserve("MUG-1")))
export const helped: Effect.Effect<void, SmtpDown> = coroutineScope(function*(scope) { // ✗
  yield* launchBoth(scope)
})

// ── a helper that says it launches nothing that can fail ──
export const helper = (scope: CoroutineScope): Effect.Effect<unknown> => scope.launch(sendMail) // ✗

// ── a job launched by a job ──
export const nested: Effect.Effect<void> = coroutineScope(function*(scope) { // ✗
  yield* scope.launch(Effect.andThen(scope.launch(sendMail), Effect.void))
})

// ── a scope inside a scope ──
export const inner: Effect.Effect<void> = coroutineScope(function*() { // ✗
  yield* supervisorScope(function*(scope) {
    const job = yield* scope.async(sendMail)
    yield* job.await
  })
})

// ── a generic function that claims its scope is safe ──
export const generic = <A, E, R>(job: Effect.Effect<A, E, R>): Effect.Effect<A, never, R> =>
  coroutineScope(function*(scope) { // ✗
    return yield* (yield* scope.async(job)).await
  })

// ── a generic function that forgets what its second job can fail with ──
export const pair = <A, E, R, B, E2, R2>(left: Effect.Effect<A, E, R>, right: Effect.Effect<B, E2, R2>): Effect.Effect<readonly [A, B], E, R | R2> =>
  coroutineScope(function*(scope) { // ✗
    const a = yield* scope.async(left)
    const b = yield* scope.async(right)
    return [yield* a.await, yield* b.await] as const
  })

// ── a generic function that forgets what its list of jobs can fail with ──
export const all = <A, E, R>(jobs: ReadonlyArray<Effect.Effect<A, E, R>>): Effect.Effect<number, never, R> =>
  coroutineScope(function*(scope) { // ✗
    return (yield* Effect.forEach(jobs, (job) => scope.async(job))).length
  })

// ── a generic function that forgets the services of its job ──
export const unserved = <A, E, R>(job: Effect.Effect<A, E, R>): Effect.Effect<A, E> =>
  coroutineScope(function*(scope) { // ✗
    return yield* (yield* scope.async(job)).await
  })

// ── a supervisor that forgets the failure it awaits ──
export const supervised: Effect.Effect<void, PaymentDeclined | OutOfStock> = supervisorScope(function*(scope) { // ✗
  const mail = yield* scope.async(sendMail)
  yield* mail.await
})

// ── a type that is right and not exact: a failure too many ──
export const tooMany: Same<typeof order, Effect.Effect<Payment, PaymentDeclined | OutOfStock | SmtpDown, Bank>> = true // ✗

// ── a type that is right and not exact: any ──
export const any: Same<typeof order, Effect.Effect<Payment, any, Bank>> = true // ✗
