/**
 * Waiting for the outside, in the outside's time: a server does not come back sooner because a test moves its clock.
 *
 * Not here: what the engine waits for; that is on Effect's clock.
 */
import { Effect } from "effect"

export const pause = (milliseconds: number): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const timer = setTimeout(() => resume(Effect.void), milliseconds)
    return Effect.sync(() => clearTimeout(timer))
  })
