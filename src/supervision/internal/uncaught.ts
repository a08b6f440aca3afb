/**
 * Calling the `UncaughtHandler`: once for each failure, never for a cancellation, and never letting it do harm.
 */
import { Cause, Effect } from "effect"
import { logUncaught, UncaughtHandler } from "../UncaughtHandler.ts"
import type { ScopeCore } from "./ScopeCore.ts"

export const reportUncaught = (scope: ScopeCore, job: string, cause: Cause.Cause<unknown>): Effect.Effect<void> =>
  Effect.suspend(() => UncaughtHandler.use((handle) => handle({ job, cause }))).pipe(
    // A handler that dies hides nothing: both are logged.
    Effect.catchCause((handlerCause) =>
      logUncaught({ job, cause }).pipe(Effect.andThen(logUncaught({ job: `${job} / UncaughtHandler`, cause: handlerCause })))
    ),
    Effect.provideContext(scope.context)
  )
