/**
 * The first thing that the fiber of a job or body does: it says which fiber it is.
 *
 * A fiber runs at once, up to where it parks, and only then is it handed to whoever started it. Something that happens
 * in that first stretch may make the scope fail, and then the fiber must be within reach.
 */
import { Effectable, Fiber } from "effect"
import type { Effect } from "effect"

interface HasFiber {
  fiber: Fiber.Fiber<unknown, unknown> | undefined
}

export class FirstStep extends Effectable.Class<unknown, unknown> {
  declare readonly of: HasFiber
  declare readonly effect: Effect.Effect<unknown, unknown>
  constructor(of: HasFiber, effect: Effect.Effect<unknown, unknown>) {
    super()
    this.of = of
    this.effect = effect
  }
  override asEffect(): Effect.Effect<unknown, unknown> {
    this.of.fiber = Fiber.getCurrent()
    return this.effect
  }
}
