/**
 * The type of a scope is the exact list of what can go wrong in it: nothing missing, nothing extra.
 *
 * Each line of `Exact` compares two types; the compiler refuses the line when they differ.
 */
import { Effect, type Exit } from "effect"
import {
  awaitAll,
  type CoroutineScope,
  coroutineScope,
  type InsideCoroutineScope,
  type Job,
  joinAll,
  type ScopeClosed,
  type SupervisedJob,
  Supervisor,
  type SupervisorScope,
  supervisorScope
} from "firebreak/supervision"
import {
  type Bank,
  charge,
  mailAndReserve,
  type OutOfStock,
  type Payment,
  type PaymentDeclined,
  reserve,
  sendMail,
  type SmtpDown,
  tick
} from "./refused/world.ts"

/** Equal, not only assignable in both directions: `any` equals nothing but itself. */
export type Same<X, Y> = (<T>() => T extends X ? 1 : 2) extends <T>() => T extends Y ? 1 : 2 ? true : false

type Holds<Equal extends true> = Equal

// ── One scope ──

const nothing = coroutineScope(function* () {})

const cannotFail = coroutineScope(function* (scope) {
  const job = yield* scope.async(Effect.succeed(1))
  yield* scope.launch(tick)
  return yield* job.await
})

const three = coroutineScope(function* (scope) {
  const payment = yield* scope.async(charge("o-1"))
  const stock = yield* scope.async(reserve("MUG-1"))
  yield* scope.launch(sendMail)
  return { payment: yield* payment.await, stock: yield* stock.await }
})

const twiceTheSame = coroutineScope(function* (scope) {
  yield* scope.launch(sendMail)
  yield* scope.launch(sendMail)
})

const inTheBodyToo = coroutineScope(function* (scope) {
  yield* scope.launch(sendMail)
  return yield* reserve("MUG-1")
})

const caughtInside = coroutineScope(function* (scope) {
  yield* scope.launch(Effect.catchTag(mailAndReserve, "SmtpDown", () => Effect.void))
})

const neverReturns = coroutineScope(function* (scope) {
  yield* scope.launch(sendMail)
  return yield* Effect.never
})

const inConditions = (gift: boolean) =>
  coroutineScope(function* (scope) {
    if (gift) return undefined
    return yield* (yield* scope.async(charge("o-1"))).await
  })

const onlyAwaits = (job: Job<number>) =>
  coroutineScope(function* () {
    return yield* job.await
  })

const onlyAwaitsSupervised = (job: Job<number>) =>
  supervisorScope(function* () {
    return yield* job.await
  })

// ── Where jobs are launched ──

const loop = coroutineScope(function* (scope) {
  for (const sku of ["A", "B"]) yield* scope.launch(reserve(sku))
})

const callback = coroutineScope(function* (scope) {
  return (yield* Effect.forEach(["A", "B"], (sku) => scope.async(reserve(sku)))).length
})

const launchBoth = (scope: CoroutineScope) => Effect.andThen(scope.launch(sendMail), scope.async(reserve("MUG-1")))
const helper = coroutineScope(function* (scope) {
  const stock = yield* launchBoth(scope)
  return yield* stock.await
})

const nestedJob = coroutineScope(function* (scope) {
  yield* scope.launch(
    Effect.gen(function* () {
      yield* scope.launch(sendMail)
      yield* reserve("MUG-1")
    })
  )
})

const ofMany: ReadonlyArray<Effect.Effect<void, SmtpDown | OutOfStock>> = [sendMail, Effect.asVoid(reserve("MUG-1"))]
const unionOfEffects = coroutineScope(function* (scope) {
  for (const job of ofMany) yield* scope.launch(job)
})

// ── Generic code ──

const pair = <A, E, R, B, E2, R2>(left: Effect.Effect<A, E, R>, right: Effect.Effect<B, E2, R2>) =>
  coroutineScope(function* (scope) {
    const a = yield* scope.async(left)
    const b = yield* scope.async(right)
    return [yield* a.await, yield* b.await] as const
  })
const paired = pair(charge("o-1"), sendMail)
const pairedSafely = pair(Effect.succeed(1), tick)

export const annotated = <A, E, R>(job: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  coroutineScope(function* (scope) {
    return yield* (yield* scope.async(job)).await
  })

const inParallel = <A, B, E, R>(items: ReadonlyArray<A>, each: (item: A) => Effect.Effect<B, E, R>) =>
  coroutineScope(function* (scope) {
    return yield* awaitAll(yield* Effect.forEach(items, (item) => scope.async(each(item))))
  })
const reservedInParallel = inParallel(["A"], reserve)

export const launchLogged = <A, E, R>(scope: SupervisorScope, job: Effect.Effect<A, E, R>) =>
  scope.launch(job, { name: "logged", onFailure: (error) => Effect.logWarning(error) })

// ── Scopes in scopes ──

const supervisorInside = coroutineScope(function* (outer) {
  yield* outer.launch(sendMail)
  return yield* supervisorScope(function* (scope) {
    const stock = yield* scope.async(reserve("MUG-1"))
    yield* scope.launch(mailAndReserve, { name: "mail", onFailure: (error) => Effect.logWarning(error._tag) })
    return yield* stock.await
  })
})

const failFastInside = supervisorScope(function* (outer) {
  const inner = yield* outer.async(
    coroutineScope(function* (scope) {
      yield* scope.launch(sendMail)
      return yield* (yield* scope.async(charge("o-1"))).await
    })
  )
  return yield* Effect.catchTag(inner.await, "PaymentDeclined", () => Effect.succeed(undefined))
})

const failFastInFailFast = coroutineScope(function* (outer) {
  yield* outer.launch(
    coroutineScope(function* (inner) {
      yield* inner.launch(sendMail)
    })
  )
  yield* outer.launch(tick)
})

// ── Supervisors ──

const unawaited = supervisorScope(function* (scope) {
  yield* scope.async(sendMail)
  yield* scope.launch(mailAndReserve, { onFailure: () => Effect.void })
  return 1
})

const supervisedJobs = supervisorScope(function* (scope) {
  return [
    yield* scope.async(sendMail),
    yield* scope.launch(tick),
    yield* scope.launch(mailAndReserve, { onFailure: () => charge("o-1").pipe(Effect.ignore) })
  ] as const
})

const jobs = coroutineScope(function* (scope) {
  return [yield* scope.async(charge("o-1")), yield* scope.launch(tick)] as const
})

const settled = supervisorScope(function* (scope) {
  return yield* (yield* scope.async(sendMail)).settled
})

// ── Several jobs at once ──

const allFailFast = coroutineScope(function* (scope) {
  const payment = yield* scope.async(charge("o-1"))
  const stock = yield* scope.async(reserve("MUG-1"))
  const values = yield* awaitAll([payment, stock, payment])
  yield* joinAll([payment, stock])
  return values
})

const allSupervised = supervisorScope(function* (scope) {
  const mail = yield* scope.async(sendMail)
  const stock = yield* scope.async(reserve("MUG-1"))
  return yield* awaitAll([mail, stock])
})

const manySupervised = supervisorScope(function* (scope) {
  return yield* awaitAll(yield* Effect.forEach(["A", "B"], (sku) => scope.async(reserve(sku))))
})

// ── Long-lived ──

const longLived = Effect.gen(function* () {
  const mail = yield* Supervisor.make({ name: "mail", onFailure: (error: SmtpDown) => Effect.logWarning(error.host) })
  return [yield* mail.launch(sendMail), yield* mail.launch(charge("o-1").pipe(Effect.orElseSucceed(() => 1)))] as const
})

export type Exact = readonly [
  Holds<Same<typeof nothing, Effect.Effect<void>>>,
  Holds<Same<typeof cannotFail, Effect.Effect<number>>>,
  Holds<
    Same<
      typeof three,
      Effect.Effect<{ payment: Payment; stock: number }, PaymentDeclined | OutOfStock | SmtpDown, Bank>
    >
  >,
  Holds<Same<typeof twiceTheSame, Effect.Effect<void, SmtpDown>>>,
  Holds<Same<typeof inTheBodyToo, Effect.Effect<number, SmtpDown | OutOfStock>>>,
  Holds<Same<typeof caughtInside, Effect.Effect<void, OutOfStock>>>,
  Holds<Same<typeof neverReturns, Effect.Effect<never, SmtpDown>>>,
  Holds<Same<ReturnType<typeof inConditions>, Effect.Effect<Payment | undefined, PaymentDeclined, Bank>>>,
  Holds<Same<ReturnType<typeof onlyAwaits>, Effect.Effect<number>>>,
  Holds<Same<ReturnType<typeof onlyAwaitsSupervised>, Effect.Effect<number>>>,
  Holds<Same<typeof loop, Effect.Effect<void, OutOfStock>>>,
  Holds<Same<typeof callback, Effect.Effect<number, OutOfStock>>>,
  Holds<
    Same<
      ReturnType<typeof launchBoth>,
      Effect.Effect<Job<number>, never, InsideCoroutineScope<SmtpDown> | InsideCoroutineScope<OutOfStock>>
    >
  >,
  Holds<Same<typeof helper, Effect.Effect<number, SmtpDown | OutOfStock>>>,
  Holds<Same<typeof nestedJob, Effect.Effect<void, SmtpDown | OutOfStock>>>,
  Holds<Same<typeof unionOfEffects, Effect.Effect<void, SmtpDown | OutOfStock>>>,
  Holds<Same<typeof paired, Effect.Effect<readonly [Payment, void], PaymentDeclined | SmtpDown, Bank>>>,
  Holds<Same<typeof pairedSafely, Effect.Effect<readonly [number, void]>>>,
  Holds<Same<typeof reservedInParallel, Effect.Effect<Array<number>, OutOfStock>>>,
  Holds<Same<typeof supervisorInside, Effect.Effect<number, SmtpDown | OutOfStock>>>,
  Holds<Same<typeof failFastInside, Effect.Effect<Payment | undefined, SmtpDown, Bank>>>,
  Holds<Same<typeof failFastInFailFast, Effect.Effect<void, SmtpDown>>>,
  Holds<Same<typeof unawaited, Effect.Effect<number>>>,
  Holds<
    Same<
      typeof supervisedJobs,
      Effect.Effect<
        readonly [SupervisedJob<void, SmtpDown>, SupervisedJob<void>, SupervisedJob<number, SmtpDown | OutOfStock>],
        never,
        Bank
      >
    >
  >,
  Holds<Same<typeof jobs, Effect.Effect<readonly [Job<Payment>, Job<void>], PaymentDeclined, Bank>>>,
  Holds<Same<typeof settled, Effect.Effect<Exit.Exit<void, SmtpDown>>>>,
  Holds<Same<typeof allFailFast, Effect.Effect<[Payment, number, Payment], PaymentDeclined | OutOfStock, Bank>>>,
  Holds<Same<typeof allSupervised, Effect.Effect<[void, number], SmtpDown | OutOfStock>>>,
  Holds<Same<typeof manySupervised, Effect.Effect<Array<number>, OutOfStock>>>,
  Holds<
    Same<
      typeof longLived,
      Effect.Effect<
        readonly [SupervisedJob<void, SmtpDown>, SupervisedJob<Payment | number>],
        ScopeClosed,
        Bank | import("effect").Scope.Scope
      >
    >
  >
]
