/**
 * How deep synchronous starts and endings may nest.
 *
 * A job that ends at once, inside a job that ends at once, and so on, would otherwise grow the JavaScript stack with
 * each level; Node aborts at a few thousand. At the limit the next start or ending goes through the scheduler instead.
 */
import { Effect } from "effect"
import type { Context, Fiber, Scheduler } from "effect"

const limit = 32
let depth = 0

/** Runs `step` now, or through the scheduler where the stack is deep already. */
export const cascade = <Self, Argument>(
  scheduler: Scheduler.Scheduler,
  step: (self: Self, argument: Argument) => void,
  self: Self,
  argument: Argument
): void => {
  if (depth >= limit) {
    scheduler.makeDispatcher().scheduleTask(() => cascade(scheduler, step, self, argument), 0)
    return
  }
  depth++
  try {
    step(self, argument)
  } finally {
    depth--
  }
}

/** Runs `effect` in a fiber, from now; where the stack is deep already, it begins with a turn of the scheduler. */
export const startFiber = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  context: Context.Context<R>,
  options?: Effect.RunOptions
): Fiber.Fiber<A, E> => {
  if (depth >= limit) return Effect.runForkWith(context)(Effect.andThen(Effect.yieldNow, effect), options)
  depth++
  try {
    return Effect.runForkWith(context)(effect, options)
  } finally {
    depth--
  }
}
