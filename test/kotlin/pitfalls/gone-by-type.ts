/**
 * Kotlin's pitfalls that do not compile here, each with the answer that the compiler gives.
 *
 * The project's own check holds every directive to its line; `gone-by-type.test.ts` holds the compiler to the sentence
 * behind the directive.
 */
// @effect-diagnostics missingEffectError:off missingEffectContext:off -- they are missing on purpose
import { Data, Effect, Stream } from "effect"
import {
  coroutineScope,
  nonCancellable,
  stateIn,
  type SupervisedJob,
  Supervisor,
  supervisorScope
} from "firebreak/supervision"

class SmtpDown extends Data.TaggedError("SmtpDown")<{}> {}
const sendMail: Effect.Effect<void, SmtpDown> = Effect.fail(new SmtpDown())
const tick: Effect.Effect<void> = Effect.void

// ── P1: try/catch around await ──
export const P1 = coroutineScope(function* (scope) {
  const mail = yield* scope.async(sendMail)
  // @ts-expect-error: ⛔ a fail-fast job's failure is its scope's: write yield* job.await, or yield* awaitAll([…]), in the scope's own story, and catch around coroutineScope or inside the job
  yield* mail.await.pipe(Effect.catch(() => Effect.void))
})

// ── P3: another parent as an argument of launch ──
export const P3 = coroutineScope(function* (scope) {
  const other = yield* scope.launch(tick)
  // @ts-expect-error: Object literal may only specify known properties, and 'parent' does not exist in type 'FailFastOptions'.
  yield* scope.launch(tick, { parent: other })
})

// ── P5: a handler on a child ──
export const P5 = coroutineScope(function* (scope) {
  // @ts-expect-error: ⛔ in a coroutineScope a failure is the scope's: catch it inside the job or around the scope, or use supervisorScope
  yield* scope.launch(sendMail, { onFailure: () => Effect.void })
})

// ── P6: no handler at all ──
export const P6 = supervisorScope(function* (scope) {
  // @ts-expect-error: ⛔ this job can fail with SmtpDown: write launch(job, { onFailure: (error) => … }), or async(job) and await it
  yield* scope.launch(sendMail)
})

// ── P7: the handler as recovery ──
export const P7 = supervisorScope(function* (scope) {
  // @ts-expect-error: Type 'SupervisedJob<void, SmtpDown>' is not assignable to type 'SupervisedJob<void, never>'.
  const mail: SupervisedJob<void> = yield* scope.launch(sendMail, { onFailure: () => Effect.log("sent by post") })
  yield* mail.await
})

// ── P19: a job that is launched as non-cancellable ──
export const P19 = coroutineScope(function* (scope) {
  // @ts-expect-error: Object literal may only specify known properties, and 'nonCancellable' does not exist in type 'FailFastOptions'.
  yield* scope.launch(tick, { nonCancellable: true })
})

// ── P20: a critical section without a bound ──
// @ts-expect-error: Property 'within' is missing in type '{}' but required in type 'NonCancellableOptions'.
export const P20 = nonCancellable(tick, {})

// ── P29: a long-lived scope that nobody closes ──
const forMail = Supervisor.make({ name: "mail", onFailure: (error: SmtpDown) => Effect.log(error._tag) })
// @ts-expect-error: Argument of type 'Effect<Supervisor<SmtpDown>, never, Scope>' is not assignable to parameter of type 'Effect<Supervisor<SmtpDown>, never, never>' with 'exactOptionalPropertyTypes: true'. Consider adding 'undefined' to the types of the target's properties.
export const P29 = () => Effect.runFork(forMail)

// ── P34: a catch that is believed to cover the collector ──
const collecting = Stream.fromEffect(sendMail).pipe(
  Stream.catch(() => Stream.empty),
  Stream.runForEach(() => sendMail)
)
// @ts-expect-error: Type 'Effect<void, SmtpDown, never>' is not assignable to type 'Effect<void, never, never>' with 'exactOptionalPropertyTypes: true'. Consider adding 'undefined' to the types of the target's properties.
export const P34: Effect.Effect<void> = collecting

// ── P35: a state whose upstream can fail ──
// @ts-expect-error: ⛔ a state cannot fail, and this stream can with SmtpDown: make that a value first, with Stream.catch before stateIn
export const P35 = stateIn(Stream.fromEffect(sendMail), { initial: undefined, whileSubscribed: "5 seconds" })
