/**
 * Calling the `UncaughtHandler`: once for each failure, never for a cancellation, and never letting it do harm.
 */
import { Effect } from "effect"
import type { Cause } from "effect"
import { logUncaught, UncaughtHandler } from "../UncaughtHandler.ts"
import type { ScopeCore } from "./ScopeCore.ts"

/** Reports to the handler of a scope. */
export const reportUncaught = (scope: ScopeCore, job: string, cause: Cause.Cause<unknown>): Effect.Effect<void> =>
  Effect.provideContext(report(job, cause), scope.context)

/** Reports to the handler of whoever runs it. */
export const report = (job: string, cause: Cause.Cause<unknown>): Effect.Effect<void> =>
  Effect.suspend(() => UncaughtHandler.use((handle) => handle({ job, cause }))).pipe(
    // A handler that dies hides nothing: both are logged.
    Effect.catchCause((handlerCause) =>
      Effect.andThen(
        logUncaught({ job, cause }),
        logUncaught({ job: `${job} / UncaughtHandler`, cause: handlerCause })
      )
    )
  )
