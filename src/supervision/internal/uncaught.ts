/**
 * Calling the `UncaughtHandler`: once for each failure, never for a cancellation, and never letting it do harm.
 *
 * A durable run is replayed, and meets its failures again: what was reported is remembered until the execution has
 * completed. (In this process only: across processes it is for the engine to remember.)
 */
import { Effect, Scope } from "effect"
import type { Cause } from "effect"
import { logUncaught, UncaughtHandler } from "../UncaughtHandler.ts"
import type { ScopeCore } from "./ScopeCore.ts"

/** Tells the handler that stands around the caller. */
export const report = (job: string, cause: Cause.Cause<unknown>): Effect.Effect<void> =>
  Effect.suspend(() => UncaughtHandler.use((handle) => handle({ job, cause }))).pipe(
    // A handler that dies hides nothing: both are logged.
    Effect.catchCause((handlerCause) =>
      Effect.andThen(logUncaught({ job, cause }), logUncaught({ job: `${job} / UncaughtHandler`, cause: handlerCause }))
    )
  )

/** Tells the handler that stands around a scope, once in a durable run. */
export const reportUncaught = (scope: ScopeCore, job: string, cause: Cause.Cause<unknown>): Effect.Effect<void> =>
  report(job, cause).pipe(onceInItsRun(scope, job), Effect.provideContext(scope.context))

const reported = new Map<string, Set<string>>()

const onceInItsRun =
  (scope: ScopeCore, job: string) =>
  (report: Effect.Effect<void>): Effect.Effect<void> =>
    Effect.suspend(() => {
      const run = scope.run
      if (run === undefined) return report
      const known = reported.get(run.executionId)
      if (known?.has(job) === true) return Effect.void
      if (known !== undefined) {
        known.add(job)
        return report
      }
      reported.set(run.executionId, new Set([job]))
      const forget = Effect.sync(() => reported.delete(run.executionId))
      return Effect.andThen(Scope.addFinalizer(run.scope, forget), report)
    })
