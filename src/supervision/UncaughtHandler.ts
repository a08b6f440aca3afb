/**
 * The last resort for what has nowhere else to go: defects of supervised jobs, and failures that nobody awaited.
 *
 * It runs once for each of them, after the job's descendants have ended and before the job has; never for a
 * cancellation. It cannot recover anything: the job has failed.
 *
 * Not here: handling the failures one expects. That is `onFailure`, or `await`.
 */
import { Cause, Context, Effect } from "effect"

/** A failure with nowhere else to go. */
export interface Uncaught {
  /** The job's path, for people. */
  readonly job: string
  readonly cause: Cause.Cause<unknown>
}

/** Logs at error level, with the job's path. The default. */
export const logUncaught = ({ cause, job }: Uncaught): Effect.Effect<void> =>
  Effect.logError(`uncaught failure of job "${job}"`, cause).pipe(Effect.annotateLogs({ job }))

/**
 * What is done with uncaught failures in everything below the place where it is provided.
 *
 * **When to use** — for crash reporting: one place that hears of every bug.
 *
 * **Gotchas** — a handler that dies itself is logged together with what it was called for.
 *
 * **Example**
 *
 * ```ts
 * program.pipe(Effect.provideService(UncaughtHandler, ({ job, cause }) => crashReporter.send(job, cause)))
 * ```
 */
export const UncaughtHandler = Context.Reference<(uncaught: Uncaught) => Effect.Effect<void>>(
  "firebreak/supervision/UncaughtHandler",
  { defaultValue: () => logUncaught }
)
