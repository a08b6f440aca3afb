/**
 * What an editor shows of scopes. A line `// ^?` says what is shown where its arrow points, one line above.
 */
import { Effect, Stream } from "effect"
import {
  awaitAll,
  type CoroutineScope,
  coroutineScope,
  nonCancellable,
  stateIn,
  Supervisor,
  supervisorScope,
  withTimeout,
  withTimeoutOption
} from "firebreak/supervision"
import { charge, mailAndReserve, reserve, sendMail, type SmtpDown, tick } from "../types/refused/world.ts"

// ── A scope is its list of failures ──

export const order = coroutineScope(function* (scope) {
  //         ^?
  //= const order: Effect.Effect<{ payment: Payment; stock: number; }, OutOfStock | PaymentDeclined | SmtpDown, Bank>
  const payment = yield* scope.async(charge("o-1"))
  const stock = yield* scope.async(reserve("MUG-1"))
  yield* scope.launch(sendMail)
  return { payment: yield* payment.await, stock: yield* stock.await }
})

export const cannotFail = coroutineScope(function* (scope) {
  //         ^?
  //= const cannotFail: Effect.Effect<void, never, never>
  yield* scope.launch(tick)
})

export const caughtInside = coroutineScope(function* (scope) {
  //         ^?
  //= const caughtInside: Effect.Effect<void, OutOfStock, never>
  yield* scope.launch(Effect.catchTag(mailAndReserve, "SmtpDown", () => Effect.void))
})

export const caughtOutside = Effect.catchTag(order, "PaymentDeclined", () => Effect.succeed(undefined))
//           ^?
//= const caughtOutside: Effect.Effect<{ payment: Payment; stock: number; } | undefined, OutOfStock | SmtpDown, Bank>

export const inALoop = (skus: ReadonlyArray<string>) =>
  //         ^?
  //= const inALoop: (skus: ReadonlyArray<string>) => Effect.Effect<void, OutOfStock, never>
  coroutineScope(function* (scope) {
    for (const sku of skus) yield* scope.launch(reserve(sku))
  })

export const inACallback = (skus: ReadonlyArray<string>) =>
  //         ^?
  //= const inACallback: (skus: ReadonlyArray<string>) => Effect.Effect<number[], OutOfStock, never>
  coroutineScope(function* (scope) {
    return yield* awaitAll(yield* Effect.forEach(skus, (sku) => scope.async(reserve(sku))))
  })

const launchBoth = (scope: CoroutineScope) => Effect.andThen(scope.launch(sendMail), scope.async(reserve("MUG-1")))

export const byAHelper = coroutineScope(function* (scope) {
  //         ^?
  //= const byAHelper: Effect.Effect<number, OutOfStock | SmtpDown, never>
  const stock = yield* launchBoth(scope)
  return yield* stock.await
})

export const byAJob = coroutineScope(function* (scope) {
  //         ^?
  //= const byAJob: Effect.Effect<void, OutOfStock | SmtpDown, never>
  yield* scope.launch(Effect.andThen(scope.launch(sendMail), reserve("MUG-1")))
})

export const generic = <A, E, R>(job: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  //         ^?
  //= const generic: <A, E, R>(job: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  coroutineScope(function* (scope) {
    return yield* (yield* scope.async(job)).await
  })

export const instantiated = generic(charge("o-1"))
//           ^?
//= const instantiated: Effect.Effect<Payment, PaymentDeclined, Bank>

// ── Supervisors ──

export const onItsOwn = supervisorScope(function* (scope) {
  //         ^?
  //= const onItsOwn: Effect.Effect<number, OutOfStock, never>
  yield* scope.launch(mailAndReserve, { onFailure: (error) => Effect.logWarning(error._tag) })
  //                                                ^?
  //= (parameter) error: OutOfStock | SmtpDown
  const stock = yield* scope.async(reserve("MUG-1"))
  return yield* stock.await
})

export const handled = supervisorScope(function* (scope) {
  //         ^?
  //= const handled: Effect.Effect<void, never, never>
  const mail = yield* scope.async(sendMail)
  yield* Effect.catchTag(mail.await, "SmtpDown", () => Effect.void)
})

export const supervisorInside = coroutineScope(function* (outer) {
  //         ^?
  //= const supervisorInside: Effect.Effect<number, OutOfStock | SmtpDown, never>
  yield* outer.launch(sendMail)
  return yield* onItsOwn
})

export const longLived = Supervisor.make({
  //         ^?
  //= const longLived: Effect.Effect<Supervisor<SmtpDown>, never, Scope>
  name: "mail",
  onFailure: (error: SmtpDown) => Effect.logWarning(error.host)
})

export const launched = Effect.flatMap(longLived, (supervisor) => supervisor.launch(sendMail))
//           ^?                                     ^?
//= const launched: Effect.Effect<SupervisedJob<void, SmtpDown>, ScopeClosed, Scope>
//= (parameter) supervisor: Supervisor<SmtpDown>

// ── Limits and states ──

export const limited = withTimeout(order, "10 seconds")
//           ^?
//= const limited: Effect.Effect<{ payment: Payment; stock: number; }, DeadlineExceeded | OutOfStock | PaymentDeclined | SmtpDown, Bank>

export const optional = withTimeoutOption(sendMail, "1 second")
//           ^?
//= const optional: Effect.Effect<Option<void>, SmtpDown, never>

export const critical = nonCancellable(sendMail, { within: "1 second" })
//           ^?
//= const critical: Effect.Effect<void, SmtpDown, never>

export const state = stateIn(Stream.make("open"), { initial: undefined, whileSubscribed: "5 seconds" })
//           ^?
//= const state: Effect.Effect<StateView<"open" | undefined>, never, Scope>
