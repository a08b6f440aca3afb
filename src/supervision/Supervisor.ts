/**
 * The long-lived supervisor: a component's own place to launch into, from anywhere, for as long as the component lives.
 *
 * It is a scoped resource: closing it cancels its jobs and waits for them. What may be launched is decided once, by what
 * its `onFailure` takes.
 *
 * Not here: supervision of one piece of work (`SupervisorScope.ts`), which waits for its jobs instead of cancelling them.
 */
import { Context, Deferred, Effect, Exit, Schema, Scheduler } from "effect"
import type { Scope } from "effect"
import { onlyFailure } from "./internal/exits.ts"
import { inPlace } from "./internal/inPlace.ts"
import { launchJob } from "./internal/Launch.ts"
import { CurrentOwner, isInside } from "./internal/Owner.ts"
import { ScopeCore } from "./internal/ScopeCore.ts"
import type { AnyJob, JobOptions, SupervisedJob } from "./Job.ts"
import type { Tags } from "./messages.ts"

/** Something was launched on a supervisor that has been closed; it did not run. */
export class ScopeClosed extends Schema.TaggedError<ScopeClosed>()("ScopeClosed", { scope: Schema.String }) {
  override get message(): string {
    return `"${this.scope}" is closed: nothing is launched on it any more`
  }
}

/** A supervisor whose jobs may fail with `E`. */
export interface Supervisor<in E = never> {
  readonly name: string
  /**
   * Launches a job, from anywhere. Its failure goes to the supervisor's `onFailure`; who awaits the job sees it too.
   */
  readonly launch: <A, E1, R>(
    effect: [E1] extends [E]
      ? Effect.Effect<A, E1, R>
      : `⛔ the supervisor's onFailure does not cover ${Tags<Exclude<E1, E>>}: handle it in the job, or widen onFailure`,
    options?: JobOptions
  ) => Effect.Effect<SupervisedJob<A, E1>, ScopeClosed, R>
  /** The jobs that have not ended yet, in order of launching. */
  readonly children: Effect.Effect<ReadonlyArray<AnyJob<unknown, unknown>>>
  /** Asks all jobs to end; the supervisor stays open. */
  readonly cancelChildren: Effect.Effect<void>
  /**
   * Cancels all jobs and waits for them; nothing can be launched any more. Done at the end of its `Scope`, too.
   *
   * **Gotchas** — from inside one of its own jobs, or in `onFailure`, it asks and does not wait.
   */
  readonly close: Effect.Effect<void>
}

/** How a supervisor is made. Without `onFailure` only jobs that cannot fail may be launched. */
export interface SupervisorOptions<E, R> {
  readonly name: string
  /** Told of each failing job once, in the job, after it failed; it cannot recover anything. */
  readonly onFailure?: (error: E) => Effect.Effect<void, never, R>
}

const make = <E = never, R = never>(
  options: SupervisorOptions<E, R>
): Effect.Effect<Supervisor<E>, never, R | Scope.Scope> =>
  Effect.acquireRelease(
    Effect.contextWith((context: Context.Context<R>) =>
      Effect.withFiber((fiber) => {
        const scope = new ScopeCore("Supervisor", options.name, fiber, fiber.getRef(Scheduler.Scheduler), () => {})
        const onFailure = options.onFailure
        // With the maker's services, in the place of the job.
        const told = onFailure && ((error: E) => inPlace(onFailure(error), context))
        return Effect.succeed(supervisorOf(scope, options.name, told))
      })
    ),
    (supervisor) => supervisor.close
  )

const supervisorOf = <E>(
  scope: ScopeCore,
  name: string,
  onFailure: ((error: E) => Effect.Effect<void>) | undefined
): Supervisor<E> => {
  const closed = Deferred.makeUnsafe<void>()
  return {
    name,
    // sound: the parameter is an Effect whenever it is not a sentence, and a sentence is a compile error;
    // the job's A and E1 are the effect's.
    launch: ((effect: Effect.Effect<unknown, E>, job?: JobOptions) =>
      Effect.withFiber((fiber) =>
        scope.isClosing
          ? Effect.fail(new ScopeClosed({ scope: scope.path }))
          : Effect.succeed(launchJob(scope, "launch", effect, fiber.context, { ...job, onFailure }))
      )) as unknown as Supervisor<E>["launch"],
    children: Effect.sync(() => scope.liveChildren() as ReadonlyArray<AnyJob<unknown, unknown>>),
    cancelChildren: Effect.sync(() => scope.cancelJobs(scope)),
    close: Effect.withFiber((fiber) => {
      if (!scope.isClosing) {
        scope.close((exit) => {
          // sound: no job's failure is a supervisor's, so what is left are defects of the boundary's hook
          Deferred.doneUnsafe(closed, onlyFailure(exit) as Exit.Exit<void>)
        })
      }
      // One of its own jobs asks, and does not wait: it would wait for itself.
      return isInside(fiber.getRef(CurrentOwner), scope) ? Effect.void : Deferred.await(closed)
    })
  }
}

/**
 * Long-lived supervisors.
 *
 * **When to use** — a component starts work that outlives the call that starts it: a sync service, a view model.
 *
 * **Details** — `onFailure`'s parameter decides what may be launched. Defects go to the `UncaughtHandler`. Launching after
 * the end is the typed failure `ScopeClosed`, never silence.
 *
 * **Example**
 *
 * ```ts
 * const sync = yield* Supervisor.make({
 *   name: "sync",
 *   onFailure: (error: SyncFailed) => Effect.logError(error.message)
 * })
 * yield* sync.launch(repository.syncAll)
 * ```
 */
export const Supervisor = { make } as const
