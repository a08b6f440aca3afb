/**
 * A launch, as an Effect: it can be yielded, mapped over a list, or returned by a helper.
 *
 * The story of the scope itself recognises it and launches without a fiber step. Anywhere else it looks where it stands,
 * and refuses to launch where the types would lie or nobody would wait.
 */
import { Effect, Effectable, Fiber } from "effect"
import type { Context } from "effect"
import { LaunchRefused } from "../defects.ts"
import { inPlace } from "./inPlace.ts"
import { JobCore, type LaunchOptions } from "./JobCore.ts"
import { CurrentOwner, isInside, type Owner } from "./Owner.ts"
import { timeLimit } from "./placing.ts"
import type { ScopeCore } from "./ScopeCore.ts"

export class Launch extends Effectable.Class<JobCore> {
  declare readonly scope: ScopeCore
  declare private readonly kind: "async" | "launch"
  declare private readonly effect: Effect.Effect<unknown, unknown>
  declare private readonly options: LaunchOptions | undefined
  declare private taken: boolean
  declare private sent: boolean
  declare value: unknown
  declare done: boolean
  constructor(
    scope: ScopeCore,
    kind: "async" | "launch",
    effect: Effect.Effect<unknown, unknown>,
    options: LaunchOptions | undefined
  ) {
    super()
    this.scope = scope
    this.kind = kind
    this.effect = effect
    this.options = options
    this.taken = false
    this.sent = false
    this.value = this
    this.done = false
  }

  /** The first time it is yielded it is its own iterator, and its own steps: a launch allocates one object. */
  override [Symbol.iterator](): any {
    const iterator = this.taken ? new Launch(this.scope, this.kind, this.effect, this.options) : this
    iterator.taken = true
    return iterator
  }

  next(value: unknown): this {
    if (this.sent) {
      this.value = value
      this.done = true
    } else this.sent = true
    return this
  }

  override asEffect(): Effect.Effect<JobCore> {
    const fiber = Fiber.getCurrent()! // an effect is evaluated by a fiber
    const owner = placeOf(this.scope, fiber.getRef(CurrentOwner))
    if (owner instanceof LaunchRefused) return Effect.die(owner)
    return Effect.succeed(this.launchUnder(owner, fiber.context))
  }

  launchUnder(owner: Owner, context: Context.Context<never>): JobCore {
    return launchJob(owner, this.kind, this.effect, context, this.options)
  }
}

export const launchJob = (
  owner: Owner,
  kind: "async" | "launch",
  effect: Effect.Effect<unknown, unknown>,
  context: Context.Context<never>,
  options: LaunchOptions | undefined
): JobCore => {
  const onFailure = options?.onFailure
  // The handler runs when the job has settled, in the surroundings of the launch.
  const bound = onFailure && {
    ...options,
    onFailure: (error: unknown) =>
      inPlace(
        Effect.suspend(() => onFailure(error)),
        context
      )
  }
  const job = new JobCore(owner, kind, bound ?? options)
  job.start(effect, context)
  return job
}

/** The owner of what is launched on `scope` by somebody who stands at `here`, or why it must not be. */
const placeOf = (scope: ScopeCore, here: Owner | undefined): Owner | LaunchRefused => {
  const refuse = (because: LaunchRefused["because"]) =>
    new LaunchRefused({
      because,
      scope: scope.path,
      from: here === undefined ? "outside of all scopes" : `"${here.path}"`
    })
  if (scope.isSettled) return refuse("Completed")
  // A time limit is no scope to launch in: what is launched in it belongs to the scope around it.
  while (here !== undefined && here === here.scope && here.scope !== scope && here.scope.label === timeLimit) {
    here = here.scope.outer
  }
  if (here === undefined || here.scope !== scope)
    return refuse(isInside(here, scope) ? "OuterHandle" : "OutsideOfScope")
  if (here === scope) return scope
  if (scope.kind === "supervisorScope") return refuse("InsideSupervisedJob")
  return (here as JobCore).isSettled ? refuse("Completed") : here
}
