/**
 * Calling the `UncaughtHandler`: once for each failure, never for a cancellation, and never letting it do harm.
 *
 * A durable run is replayed, and meets its failures again: what was reported is remembered until the execution has
 * completed. (In this process only. An engine that writes down runs the handlers itself: `HandlerRunner`.)
 */
import { Context, Effect, Scope } from "effect"
import type { Cause } from "effect"
import { HandlerRunner } from "../ScopeBoundary.ts"
import { logUncaught, UncaughtHandler } from "../UncaughtHandler.ts"
import { inPlace } from "./inPlace.ts"
import type { ScopeCore } from "./ScopeCore.ts"

/** Tells the handler that stands around the caller. */
export const report = (job: string, cause: Cause.Cause<unknown>): Effect.Effect<void> =>
  Effect.suspend(() => UncaughtHandler.use((handle) => handle({ job, cause }))).pipe(
    // A handler that dies hides nothing: both are logged.
    Effect.catchCause((handlerCause) =>
      Effect.andThen(logUncaught({ job, cause }), logUncaught({ job: `${job} / UncaughtHandler`, cause: handlerCause }))
    ),
    // A logger that throws leaves nobody to tell; what is to run after the report runs all the same.
    Effect.catchCause(() => Effect.void)
  )

/** Tells the handler that stands around a scope, once in a durable run. */
export const reportUncaught = (scope: ScopeCore, job: string, cause: Cause.Cause<unknown>): Effect.Effect<void> =>
  inPlace(onceInItsRun(scope, job)(report(job, cause)), scope.context)

/** The same, where no fiber can wait for it. */
export const reportDetached = (scope: ScopeCore, job: string, cause: Cause.Cause<unknown>): void => {
  Effect.runForkWith(scope.context)(reportUncaught(scope, job, cause), { uninterruptible: true })
}

/** By execution, what was reported; by run, how often a path has been met in it. */
const reported = new Map<string, Set<string>>()
const met = new WeakMap<object, Map<string, number>>()

/** A path is no key: several jobs may go by one. The first of that path in a run is the first in its replay. */
const occurrence = (run: object, job: string): string => {
  const counts = met.get(run) ?? new Map<string, number>()
  met.set(run, counts)
  const count = (counts.get(job) ?? 0) + 1
  counts.set(job, count)
  return `${job} #${count}`
}

const onceInItsRun =
  (scope: ScopeCore, job: string) =>
  (report: Effect.Effect<void>): Effect.Effect<void> =>
    Effect.suspend(() => {
      const run = scope.run
      if (run === undefined || Context.get(scope.context, HandlerRunner) !== undefined) return report
      const key = occurrence(run, job)
      const known = reported.get(run.executionId)
      if (known?.has(key) === true) return Effect.void
      if (known !== undefined) {
        known.add(key)
        return report
      }
      reported.set(run.executionId, new Set([key]))
      const forget = Effect.sync(() => reported.delete(run.executionId))
      return Effect.andThen(Scope.addFinalizer(run.scope, forget), report)
    })
