/**
 * The hook at the boundary of a scope: what runs when everything in it has settled, before it completes.
 *
 * This is where a durable engine takes back what was done in a scope that fails. Supervision itself knows nothing of
 * journals: it offers the moment, and waits.
 */
import { Context } from "effect"
import type { Effect, Exit } from "effect"

/** What has settled: a scope, or one of its jobs. */
export interface Settled {
  readonly kind: "coroutineScope" | "supervisorScope" | "Supervisor" | "job"
  readonly path: string
  /**
   * The same in ordinals: `s2.1.s1` is the first scope opened in the first job of the second scope. It is the same each
   * time a deterministic program runs, and what lies inside of it begins with it.
   */
  readonly place: string
  /** Something around it is ending unsuccessfully too, and will settle after it. */
  readonly isEnclosed: boolean
  /** What it is going to complete with. */
  readonly exit: Exit.Exit<unknown, unknown>
}

/**
 * Runs once for each scope and each job in the context that provides it, uninterruptibly; the scope or job has not
 * ended until it has.
 *
 * **Details** — jobs come before their scope, inner scopes before outer ones. A defect of the hook is added to the
 * failures of the scope. A hook that answers `undefined` has nothing to run, which costs no fiber.
 *
 * **Example**
 *
 * ```ts
 * program.pipe(Effect.provideService(ScopeBoundary, ({ path, exit }) =>
 *   Exit.isFailure(exit) ? undoWhatWasDoneIn(path) : Effect.void))
 * ```
 */
export const ScopeBoundary = Context.Reference<((settled: Settled) => Effect.Effect<void> | undefined) | undefined>(
  "firebreak/supervision/ScopeBoundary",
  { defaultValue: () => undefined }
)

/**
 * Runs the handlers of failures (`onFailure`, the `UncaughtHandler`) in place of the scope, which waits for it.
 *
 * **When to use** — a program is run again from its beginning to find out how far it was, and its handlers are to be
 * told once, outside of it.
 */
export const HandlerRunner = Context.Reference<
  | {
      readonly run: (place: string, handlers: Effect.Effect<void>) => Effect.Effect<void>
      /** What stands around a handler, given what stood around the launch it belongs to. */
      readonly surroundings: (context: Context.Context<never>) => Context.Context<never>
    }
  | undefined
>("firebreak/supervision/HandlerRunner", { defaultValue: () => undefined })
