/**
 * Opening a scope: one callback, in whose registration the body starts.
 *
 * Starting it there leaves no gap: from the first launch on, an interrupt of the opener finds the clean-up in place.
 */
import { Effect, Effectable, Exit, Fiber } from "effect"
import type { Story } from "./bodyInFiber.ts"
import type { LaunchOptions } from "./JobCore.ts"
import { Launch } from "./Launch.ts"
import { ScopeCore, type ScopeKind } from "./ScopeCore.ts"
import { storyByHand } from "./storyByHand.ts"

/** How a body is run; both ways obey the same laws. */
export type RunBody = (scope: ScopeCore, story: Story) => void

export const makeOpenScope =
  (run: RunBody) =>
  (
    kind: ScopeKind,
    body: (handle: any) => Iterator<any, any, any>,
    name: string | undefined
  ): Effect.Effect<any, any, any> =>
    Effect.callback(function (resume) {
      const scope = new ScopeCore(kind, name, Fiber.getCurrent()!, this, resume)
      let story: Story
      try {
        story = body(new Handle(scope))
      } catch (defect) {
        return scope.bodyEnded(Exit.die(defect))
      }
      run(scope, story)
      if (scope.hasEnded) return
      return new CancelFromOutside(scope)
    })

export const openScope = makeOpenScope(storyByHand)

/** What runs when the opener is interrupted; one is made for each scope, and hardly ever run. */
class CancelFromOutside extends Effectable.Class<void> {
  declare readonly scope: ScopeCore
  constructor(scope: ScopeCore) {
    super()
    this.scope = scope
  }
  override asEffect(): Effect.Effect<void> {
    // sound: what the clean-up of an interrupted scope fails with joins the cause of the interruption, by Effect's own rule
    return Effect.callback<any, any>((resume) => this.scope.cancelFromOutside(resume)) as Effect.Effect<void>
  }
}

const kinds: { readonly [K in ScopeKind]: string } = {
  coroutineScope: "coroutineScope: one failure fails them all",
  supervisorScope: "supervisorScope: each on its own",
  Supervisor: "Supervisor: long-lived, each on its own"
}

/** What the body receives. Launching needs no `this`, so that a body may take the handle apart. */
class Handle {
  declare private readonly scope: ScopeCore
  declare readonly launch: (effect: Effect.Effect<unknown, unknown>, options?: LaunchOptions) => Launch
  declare readonly async: (effect: Effect.Effect<unknown, unknown>, options?: LaunchOptions) => Launch
  constructor(scope: ScopeCore) {
    this.scope = scope
    const launch: Handle["launch"] = (effect, options) => new Launch(scope, "launch", effect, options)
    const async: Handle["async"] = (effect, options) => new Launch(scope, "async", effect, options)
    this.launch = launch
    this.async = async
  }
  get kind() {
    return kinds[this.scope.kind]
  }
  get children() {
    return Effect.sync(() => this.scope.liveChildren())
  }
  get cancelChildren() {
    return Effect.sync(() => this.scope.cancelJobs(this.scope))
  }
}
