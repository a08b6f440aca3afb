/**
 * How deep synchronous starts and endings may nest.
 *
 * A job that ends at once, inside a job that ends at once, and so on, would otherwise grow the JavaScript stack with
 * each level; Node aborts at a few thousand. At the limit the next start or ending goes through the scheduler instead.
 */
import { Effect } from "effect"
import type { Scheduler } from "effect"

const limit = 32
let depth = 0

/** Runs `step` now, or through the scheduler where the stack is deep already. */
export const cascade = <A>(scheduler: Scheduler.Scheduler, step: (argument: A) => void, argument: A): void => {
  if (depth >= limit) {
    scheduler.makeDispatcher().scheduleTask(() => cascade(scheduler, step, argument), 0)
    return
  }
  depth++
  try {
    step(argument)
  } finally {
    depth--
  }
}

/** Starts `run` on `effect` now; where the stack is deep already, `effect` begins with a turn of the scheduler. */
export const startShallow = <A, E, R, B>(
  run: (effect: Effect.Effect<A, E, R>) => B,
  effect: Effect.Effect<A, E, R>
): B => {
  if (depth >= limit) return run(Effect.andThen(Effect.yieldNow, effect))
  depth++
  try {
    return run(effect)
  } finally {
    depth--
  }
}
