/**
 * `coroutineScope`: all or nothing. One failing job cancels the others, and the scope fails with it.
 *
 * The type of the scope is the exact list of what can go wrong in it: each launch leaves its `E` in a phantom
 * requirement, which the scope turns into its own error and removes.
 *
 * Not here: jobs that fail alone (`SupervisorScope.ts`), and how it is done (`internal/`).
 */
import type { Effect } from "effect"
import { openScope } from "./internal/openScope.ts"
import type { AnyJob, AwaitJob, Job, JobOptions } from "./Job.ts"

declare const childFailure: unique symbol

/**
 * The mark that a fail-fast launch leaves in `R` until its scope takes it away. Nothing can provide it but the scope:
 * `InsideCoroutineScope<SmtpDown>` among the missing services means that a launch stands outside of `coroutineScope`.
 */
export interface InsideCoroutineScope<out E> {
  readonly [childFailure]: E
}

// Two rules that generic callers need:
//  · distribute over R by an alias with a naked parameter: a conditional inside the signature is deferred as a whole when
//    R is generic, and TypeScript then takes it for `never`, a failing scope typed as safe;
//  · read E by indexed access, not by `infer`: a deferred `infer` has the constraint `unknown`.
// The aliases are exported: a user's declaration file may have to name them.

/** The failures of the jobs launched under the requirements `R`. */
export type ChildFailures<R> = R extends InsideCoroutineScope<any> ? R[typeof childFailure] : never
/** The requirements `R` without the marks of launches. */
export type Outside<R> = R extends InsideCoroutineScope<any> ? never : R
/** What the effects yielded by a story can fail with. */
export type ErrorOf<Y> = [Y] extends [AwaitJob]
  ? never
  : [Y] extends [Effect.Effect<any, infer E, any>]
    ? E
    : ErrorOf<Exclude<Y, AwaitJob>>
/** What the effects yielded by a story require. */
export type ServicesOf<Y> = [Y] extends [AwaitJob]
  ? never
  : [Y] extends [Effect.Effect<any, any, infer R>]
    ? R
    : ServicesOf<Exclude<Y, AwaitJob>>

/** How a scope is opened. */
export interface ScopeOptions {
  /** What people read in paths; without it `scope` or `supervisor`. */
  readonly name?: string
}

/** How a fail-fast job is launched. */
export interface FailFastOptions extends JobOptions {
  /** Not here: the failure of a job is the scope's. */
  readonly onFailure?: "⛔ in a coroutineScope a failure is the scope's: catch it inside the job or around the scope, or use supervisorScope"
}

/** The handle of a fail-fast scope: ask for it as a parameter to launch into it. */
export interface CoroutineScope {
  /** First, and a sentence: it is what the compiler quotes when the other kind is wanted. */
  readonly kind: "coroutineScope: one failure fails them all"
  /** Launches a job for what it does. */
  readonly launch: <A, E, R>(
    effect: Effect.Effect<A, E, R>,
    options?: FailFastOptions
  ) => Effect.Effect<Job<A>, never, R | InsideCoroutineScope<E>>
  /** Launches a job for its value. */
  readonly async: <A, E, R>(
    effect: Effect.Effect<A, E, R>,
    options?: FailFastOptions
  ) => Effect.Effect<Job<A>, never, R | InsideCoroutineScope<E>>
  /** The jobs that have not ended yet, in order of launching. */
  readonly children: Effect.Effect<ReadonlyArray<AnyJob<unknown, unknown>>>
  /** Asks all jobs to end; the scope itself goes on. */
  readonly cancelChildren: Effect.Effect<void>
}

/**
 * Runs `body` and waits for every job it launched; the first failure cancels the rest and is the scope's.
 *
 * **When to use** — the jobs only make sense together, such as the two halves of one answer.
 *
 * **Details** — it completes when the body, all jobs, the jobs launched by jobs, and the finalizers of all of them have
 * ended, however the scope ends. Of several failures the first is the scope's, and the others are kept with it
 * ({@link failuresOf}). Jobs start at once, before the launcher goes on.
 *
 * **Gotchas** — nothing is rolled back: what a job had done before it was cancelled stays done. Launching on this handle
 * from inside an inner scope is a defect: it would make the types lie.
 *
 * **Example**
 *
 * ```ts
 * const search = coroutineScope(function*(scope) {
 *   const products = yield* scope.async(searchProducts(query))
 *   const stores = yield* scope.async(searchStores(query))
 *   return [yield* products.await, yield* stores.await] as const
 * }) // Effect<readonly [Product[], Store[]], ProductsDown | StoresDown>
 * ```
 */
export const coroutineScope: <A, Y extends Effect.Effect<any, any, any> | AwaitJob>(
  // `Y | AwaitJob`: the awaits are set aside by inference, and Y is the effects alone.
  body: (scope: CoroutineScope) => Generator<Y | AwaitJob, A, any>,
  options?: ScopeOptions
) => Effect.Effect<A, ErrorOf<Y> | ChildFailures<ServicesOf<Y>>, Outside<ServicesOf<Y>>> = (body, options) =>
  openScope("coroutineScope", body, options?.name)
