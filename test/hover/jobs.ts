/**
 * What an editor shows of handles, of jobs, and of what they give.
 */
import { Effect } from "effect"
import { awaitAll, coroutineScope, supervisorScope } from "firebreak/supervision"
import { charge, mailAndReserve, reserve, sendMail, tick } from "../types/refused/world.ts"

export const failFast = coroutineScope(function* (scope) {
  //                                              ^?
  //= (parameter) scope: CoroutineScope
  const payment = yield* scope.async(charge("o-1"))
  //    ^?
  //= const payment: Job<Payment>
  const mail = yield* scope.launch(sendMail)
  //    ^?
  //= const mail: Job<void>
  const paid = yield* payment.await
  //    ^?                    ^?
  //= const paid: Payment
  //= (property) Job<Payment>.await: AwaitedOnlyByYield<Payment>
  const both = yield* awaitAll([payment, mail])
  //    ^?
  //= const both: [Payment, void]
  const exit = yield* mail.settled
  //    ^?                 ^?
  //= const exit: Exit<void, unknown>
  //= (property) AnyJob<void, unknown>.settled: Effect.Effect<Exit<void, unknown>, never, never>
  const status = yield* mail.status
  //    ^?
  //= const status: JobStatus
  return [paid, both, exit, status] as const
})

export const supervised = supervisorScope(function* (scope) {
  //                                                 ^?
  //= (parameter) scope: SupervisorScope
  const stock = yield* scope.async(reserve("MUG-1"))
  //    ^?
  //= const stock: SupervisedJob<number, OutOfStock>
  const ticking = yield* scope.launch(tick)
  //    ^?
  //= const ticking: SupervisedJob<void, never>
  const both = yield* scope.launch(mailAndReserve, { name: "both", onFailure: (error) => Effect.logWarning(error) })
  //    ^?                                                                     ^?
  //= const both: SupervisedJob<number, OutOfStock | SmtpDown>
  //= (parameter) error: OutOfStock | SmtpDown
  const reserved = stock.await
  //    ^?
  //= const reserved: Effect.Effect<number, OutOfStock, never>
  const all = awaitAll([stock, ticking])
  //    ^?
  //= const all: Effect.Effect<[number, void], OutOfStock, never>
  const exit = yield* both.settled
  //    ^?
  //= const exit: Exit<number, OutOfStock | SmtpDown>
  return [yield* reserved, yield* all, exit] as const
})
