/**
 * `supervisorScope`: each on its own. A failing job fails alone, and its failure is somebody's, by type.
 *
 * An `async` job hands its failure to whoever awaits it; a `launch` job must not be able to fail, or comes with an
 * `onFailure` that covers exactly what it can fail with.
 *
 * Not here: one for all (`CoroutineScope.ts`), and the long-lived kind (`Supervisor.ts`).
 */
import type { Effect } from "effect"
import type { ErrorOf, ScopeOptions, ServicesOf } from "./CoroutineScope.ts"
import { openScope } from "./internal/openScope.ts"
import type { AnyJob, AwaitJob, JobOptions, SupervisedJob } from "./Job.ts"
import type { Join, Tags } from "./messages.ts"

/** How a supervised job that can fail is launched. `E1` is what the handler takes. */
export interface HandlesFailure<E, E1 = E, R2 = never> extends JobOptions {
  /** Runs once, in the job, after it failed; it cannot recover anything: the job has failed. */
  readonly onFailure: [E] extends [E1]
    ? (error: E1) => Effect.Effect<void, never, R2>
    : `⛔ onFailure does not cover ${Tags<Exclude<E, E1>>}: widen its parameter, or handle it in the job`
}

/** How a supervised job is launched for its value. */
export interface AsyncOptions extends JobOptions {
  /** Not here: the failure of an `async` job is for whoever awaits it. */
  readonly onFailure?: "⛔ the failure of an async job is for whoever awaits it: catch it there, or write launch(job, { onFailure })"
}

/** What may be launched with options whose keys are `K`: what cannot fail, or what comes with `onFailure`. */
export type Launchable<A, E, R, K extends string, Odd extends string = Exclude<K, keyof HandlesFailure<E>>> = [
  Odd
] extends [never]
  ? [E] extends [never]
    ? Effect.Effect<A, E, R>
    : ["onFailure"] extends [K]
      ? Effect.Effect<A, E, R>
      : `⛔ this job can fail with ${Tags<E>}: add onFailure: (error) => … to its options, or async(job) and await it`
  : string extends Odd
    ? "⛔ scope.launch is passed along without its argument: write (job) => scope.launch(job)"
    : `⛔ a launch has no option named ${Join<Odd>}`

/** The handle of a supervisor: ask for it as a parameter to launch into it. */
export interface SupervisorScope {
  /** First, and a sentence: it is what the compiler quotes when the other kind is wanted. */
  readonly kind: "supervisorScope: each on its own"
  /**
   * Launches a job for what it does. It cannot fail, or `onFailure` takes its failure.
   *
   * **Details** — two forms of different arity: a wrong call then has one candidate, and the compiler prints its
   * sentence instead of "No overload matches this call".
   */
  readonly launch: {
    <A, E, R, E1 = E, R2 = never, K extends string = never>(
      effect: Launchable<A, E, R, K>,
      options: ([E] extends [never] ? Partial<HandlesFailure<E, E1, R2>> : HandlesFailure<E, E1, R2>) & {
        // Sees which options are there while the handler's parameter is still being inferred.
        readonly [P in K]?: unknown
      }
    ): Effect.Effect<SupervisedJob<A, E>, never, R | R2>
    <A, E, R>(
      effect: [E] extends [never]
        ? Effect.Effect<A, E, R>
        : `⛔ this job can fail with ${Tags<E>}: write launch(job, { onFailure: (error) => … }), or async(job) and await it`
    ): Effect.Effect<SupervisedJob<A>, never, R>
  }
  /** Launches a job for its value. A failure that nobody awaits or looks at goes to the `UncaughtHandler`. */
  readonly async: <A, E, R>(
    effect: Effect.Effect<A, E, R>,
    options?: AsyncOptions
  ) => Effect.Effect<SupervisedJob<A, E>, never, R>
  /** The jobs that have not ended yet, in order of launching. */
  readonly children: Effect.Effect<ReadonlyArray<AnyJob<unknown, unknown>>>
  /** Asks all jobs to end; the scope itself goes on. */
  readonly cancelChildren: Effect.Effect<void>
}

/**
 * Runs `body` and waits for every job it launched; a failing job fails alone.
 *
 * **When to use** — the jobs are independent favours, such as telling three channels.
 *
 * **Details** — it completes when the body, all jobs and their finalizers have ended. Supervision is one level deep:
 * inside a job, open a scope of its own.
 *
 * **Gotchas** — failing in the *body* (an `await` you did not handle) still cancels the jobs.
 *
 * **Example**
 *
 * ```ts
 * const tell = supervisorScope(function*(scope) {
 *   const email = yield* scope.async(sendEmail(order))
 *   yield* scope.launch(sendSms(order), { onFailure: (error) => Effect.logWarning(error.message) })
 *   yield* email.await.pipe(Effect.catchTag("SmtpDown", () => queueForLater(order)))
 * })
 * ```
 */
export const supervisorScope: <A, Y extends Effect.Effect<any, any, any> | AwaitJob>(
  body: (scope: SupervisorScope) => Generator<Y | AwaitJob, A, any>,
  options?: ScopeOptions
) => Effect.Effect<A, ErrorOf<Y>, ServicesOf<Y>> = (body, options) => openScope("supervisorScope", body, options?.name)
