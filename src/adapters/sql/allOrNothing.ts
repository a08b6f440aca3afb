/**
 * Opening something that is made of several parts: all of it, or nothing.
 *
 * The special rule: who fails halfway keeps nothing open, although the scope that it opened for lives on. A lock that was
 * taken for a journal which then cannot be read is let go at once.
 */
import { Effect, Scope } from "effect"

/** Closes what `opening` opened as soon as it fails, and otherwise with the scope. */
export const allOrNothing = <A, E, R>(opening: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | Scope.Scope> =>
  Effect.gen(function* () {
    const parts = yield* Scope.fork(yield* Effect.scope)
    return yield* Effect.onExit(Effect.provideService(opening, Scope.Scope, parts), (exit) =>
      exit._tag === "Failure" ? Scope.close(parts, exit) : Effect.void
    )
  })
