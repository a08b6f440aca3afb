/**
 * The body of a scope as a fiber of its own: the meaning, in its plainest form.
 *
 * The fiber runs the generator to its end. To ask the body to end is to interrupt the fiber. Awaiting a fail-fast job is
 * an instruction that no Effect runtime knows, so it is put into Effect's terms on the way.
 *
 * Not here: the same meaning without the fiber (`storyByHand.ts`).
 */
import { Context, Effect } from "effect"
import type { Exit, Fiber } from "effect"
import { cascade, startFiber } from "./cascade.ts"
import { FirstStep } from "./FirstStep.ts"
import { CurrentOwner, type Owner } from "./Owner.ts"
import type { Body, ScopeCore } from "./ScopeCore.ts"
import { AwaitInstruction, waitIn } from "./waiting.ts"

export type Story = Iterator<unknown, unknown, unknown>

/** Runs the story in a fiber; `first` is the step it has taken already, if it has been run by hand so far. */
export const bodyInFiber = (scope: ScopeCore, story: Story, first?: IteratorYieldResult<unknown>): void => {
  const context = Context.add(scope.context, CurrentOwner, scope as Owner)
  const body = new FiberBody()
  scope.body = body
  const fiber = startFiber(new FirstStep(body, asEffect(scope, story, first)), context)
  body.fiber = fiber
  const exit = fiber.pollUnsafe()
  if (exit !== undefined) scope.bodyEnded(exit)
  else fiber.addObserver((exit) => cascade(scope.scheduler, bodyEnded, scope, exit))
}

const bodyEnded = (scope: ScopeCore, exit: Exit.Exit<unknown, unknown>): void => scope.bodyEnded(exit)

class FiberBody implements Body {
  fiber: Fiber.Fiber<unknown, unknown> | undefined = undefined
  cancel(): void {
    this.fiber?.interruptUnsafe()
  }
}

const asEffect = (
  scope: ScopeCore,
  story: Story,
  first: IteratorYieldResult<unknown> | undefined
): Effect.Effect<unknown, unknown> => {
  let pending = first
  const next = (value: unknown): IteratorResult<unknown, unknown> => {
    const step = pending ?? story.next(value)
    pending = undefined
    if (step.done !== true && step.value instanceof AwaitInstruction) {
      return { value: waitIn(step.value.job, "await", scope), done: false }
    }
    return step
  }
  // sound: Effect.gen asks its generator for nothing but `next`
  return Effect.gen(() => ({ next }) as unknown as Generator<Effect.Effect<unknown, unknown>, unknown, never>)
}
