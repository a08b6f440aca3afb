/**
 * Kotlin's words, for programs that are to print what their originals print.
 *
 * The three exceptions of the articles are typed errors here; as bugs (`Effect.die`) they are defects. There is no
 * CancellationException: being cancelled is not a value, so nothing here could catch it.
 */
import { Console, Data, Effect } from "effect"
import { type AnyJob, coroutineScope, type Supervisor } from "firebreak/supervision"

export class IOException extends Data.TaggedError("IOException")<{ readonly message: string }> {}
export class HttpException extends Data.TaggedError("HttpException")<{
  readonly message: string
  readonly code: number
}> {}
export class IllegalStateException extends Data.TaggedError("IllegalStateException")<{ readonly message: string }> {}

/** `IOException(reset)` */
export const described = (error: unknown): string =>
  error instanceof Error ? `${"_tag" in error ? String(error._tag) : error.name}(${error.message})` : String(error)

/** Prints how a job stands: `a: succeeded`. */
export const sayStatus = (label: string, job: AnyJob<unknown, unknown>): Effect.Effect<void> =>
  Effect.flatMap(job.status, (status) => Console.log(`${label}: ${status}`))

/** Whether a long-lived scope still takes jobs. */
export const openness = (scope: Supervisor<never>): Effect.Effect<"open" | "closed"> =>
  scope.launch(Effect.void).pipe(
    Effect.as("open" as const),
    Effect.catchTag("ScopeClosed", () => Effect.succeed("closed" as const))
  )

/** Launches `work` as a job, waits for its end, and says how it ended. */
export const toItsEnd = (work: Effect.Effect<void>): Effect.Effect<void> =>
  coroutineScope(function* (scope) {
    const job = yield* scope.launch(work)
    yield* job.join
    yield* sayStatus("job", job)
  })

/** Launches `work` as a job, asks it to end after `millis`, and says how it ended. */
export const cancelledAfter = <E>(millis: number, work: Effect.Effect<unknown, E>): Effect.Effect<void, E> =>
  coroutineScope(function* (scope) {
    const job = yield* scope.launch(work)
    yield* Effect.sleep(millis)
    yield* job.cancelAndJoin
    yield* sayStatus("job", job)
  })
