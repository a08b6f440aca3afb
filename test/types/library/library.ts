/**
 * A user's library of functions that return scopes, jobs, launches and steps, without a single annotation of what they return:
 * its declaration file has to name everything that ours infer.
 */
import { Effect, Schema } from "effect"
import {
  awaitAll,
  type CoroutineScope,
  coroutineScope,
  joinAll,
  Supervisor,
  type SupervisorScope,
  supervisorScope
} from "firebreak/supervision"
import { Step, type StepSchema, type Unavailable } from "firebreak/workflows"

export class SmtpDown {
  readonly _tag = "SmtpDown"
}
export declare const sendMail: Effect.Effect<void, SmtpDown>

export const plain = coroutineScope(function* (scope) {
  yield* scope.launch(sendMail)
})

export const both = <A, E, R, B, E2, R2>(left: Effect.Effect<A, E, R>, right: Effect.Effect<B, E2, R2>) =>
  coroutineScope(function* (scope) {
    return yield* awaitAll([yield* scope.async(left), yield* scope.async(right)])
  })

export const each = <A, B, E, R>(items: ReadonlyArray<A>, launch: (item: A) => Effect.Effect<B, E, R>) =>
  supervisorScope(function* (scope) {
    const jobs = yield* Effect.forEach(items, (item) => scope.async(launch(item)))
    yield* joinAll(jobs)
    return jobs
  })

export const launchInto = <A, E, R>(scope: CoroutineScope, job: Effect.Effect<A, E, R>) => scope.async(job)

export const launchOnItsOwn = <A, E, R>(scope: SupervisorScope, job: Effect.Effect<A, E, R>) =>
  scope.launch(job, { onFailure: (error) => Effect.logWarning(error) })

export const awaiting = coroutineScope(function* (scope) {
  const job = yield* scope.async(Effect.succeed(1))
  return job.await
})

export const story = function* (scope: CoroutineScope) {
  const job = yield* scope.async(sendMail)
  return yield* job.await
}

export const told = coroutineScope(story)

export const longLived = Supervisor.make({
  name: "mail",
  onFailure: (error: SmtpDown) => Effect.logWarning(error._tag)
})

export class OutOfStock extends Schema.TaggedError<OutOfStock>()("OutOfStock", { sku: Schema.String }) {}
export declare const takeFromShelf: (sku: string) => Effect.Effect<void, OutOfStock | Unavailable>

export const reserve = Step.make("reserve", {
  error: OutOfStock,
  do: (sku: string) => takeFromShelf(sku),
  undo: "nothing",
  unknown: "leave"
})

export const stepOf = <Input, F extends StepSchema, R>(
  error: F,
  call: (input: Input) => Effect.Effect<void, F["Type"] | Unavailable, R>
) => Step.make("call", { error, do: (input: Input) => call(input), undo: "nothing", unknown: "repeat" })
