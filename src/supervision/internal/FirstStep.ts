/**
 * The first thing that the fiber of a job or body does: it says which fiber it is.
 *
 * A fiber runs at once, up to where it parks, and only then is it handed to whoever started it. Something that happens
 * in that first stretch may make the scope fail, and then the fiber must be within reach.
 */
import { Effectable } from "effect"
import type { Effect, Fiber } from "effect"

interface HasFiber {
  fiber: Fiber.Fiber<unknown, unknown> | undefined
}

const FirstStepBase: new () => Effect.Effect<unknown, unknown> = (() => {
  const Base = function () {}
  Base.prototype = Effectable.Prototype<FirstStep>({
    label: "firebreak/FirstStep",
    evaluate(fiber) {
      this.of.fiber = fiber
      return this.effect
    }
  })
  return Base as unknown as new () => Effect.Effect<unknown, unknown> // sound: a constructor function with Effect's own prototype
})()

export class FirstStep extends FirstStepBase {
  declare readonly of: HasFiber
  declare readonly effect: Effect.Effect<unknown, unknown>
  constructor(of: HasFiber, effect: Effect.Effect<unknown, unknown>) {
    super()
    this.of = of
    this.effect = effect
  }
}
