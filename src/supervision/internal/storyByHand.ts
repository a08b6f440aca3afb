/**
 * The body of a scope without a fiber: the fast path.
 *
 * Most bodies launch a few jobs, await them, and return. Those three need no fiber: the generator is driven by hand, a
 * launch is done in place, an await parks the story until the job has ended. The first thing that is anything else moves
 * the rest of the story into a fiber (`bodyInFiber.ts`), where everything has the meaning it has there.
 *
 * What it saves is measured at the top of `bench/scopes.ts`. It obeys the same laws: the suite runs on both.
 */
import { Exit } from "effect"
import { bodyInFiber, type Story } from "./bodyInFiber.ts"
import { interrupted } from "./exits.ts"
import type { JobCore } from "./JobCore.ts"
import { Launch } from "./Launch.ts"
import type { Body, ScopeCore } from "./ScopeCore.ts"
import { addWaiter, AwaitInstruction, removeWaiter, resultOf, Wait, type Waiter, type WaitMode } from "./waiting.ts"

export const storyByHand = (scope: ScopeCore, story: Story): void => {
  const body = new StoryByHand(scope, story)
  scope.body = body
  body.go(undefined)
}

/** A story that launches without end lets others have a turn now and then, as a fiber does. */
const instructionsPerTurn = 2048

class StoryByHand implements Body, Waiter {
  declare private readonly scope: ScopeCore
  declare private readonly story: Story
  /** The job it is parked on, and what it wants to know of it. */
  declare private parkedOn: JobCore | undefined
  declare private mode: WaitMode
  declare private cancelled: boolean
  declare private instructions: number

  constructor(scope: ScopeCore, story: Story) {
    this.scope = scope
    this.story = story
    this.parkedOn = undefined
    this.mode = "await"
    this.cancelled = false
    this.instructions = 0
  }

  /** Goes on with `value` until the story parks, ends, or moves into a fiber. */
  go(value: unknown): void {
    for (;;) {
      if (this.cancelled) return this.scope.bodyEnded(interrupted)
      if (++this.instructions % instructionsPerTurn === 0) return this.goLater(value)
      let step: IteratorResult<unknown, unknown>
      try {
        step = this.story.next(value)
      } catch (defect) {
        return this.scope.bodyEnded(Exit.die(defect))
      }
      if (step.done === true) return this.scope.bodyEnded(this.cancelled ? interrupted : Exit.succeed(step.value))
      const yielded = step.value
      if (yielded instanceof Launch && yielded.scope === this.scope) {
        value = yielded.launchUnder(this.scope, this.scope.context)
      } else if (yielded instanceof AwaitInstruction || yielded instanceof Wait) {
        const job = yielded.job
        this.mode = yielded instanceof Wait ? yielded.mode : "await"
        if (job.exit === undefined) return this.park(job)
        const result = resultOf(job, this.mode, this.scope)
        if (Exit.isFailure(result)) return this.scope.bodyEnded(result)
        value = result.value
      } else if (this.cancelled) return this.scope.bodyEnded(interrupted)
      else return bodyInFiber(this.scope, this.story, step)
    }
  }

  private park(job: JobCore): void {
    if (this.cancelled) return this.scope.bodyEnded(interrupted)
    this.parkedOn = job
    addWaiter(job, this)
  }

  jobEnded(job: JobCore): void {
    this.parkedOn = undefined
    const result = resultOf(job, this.mode, this.scope)
    if (Exit.isFailure(result)) this.scope.bodyEnded(result)
    else this.go(result.value)
  }

  cancel(): void {
    this.cancelled = true
    const job = this.parkedOn
    if (job === undefined) return // it is running, or has a turn coming, and will see it
    this.parkedOn = undefined
    removeWaiter(job, this)
    this.scope.bodyEnded(interrupted)
  }

  private goLater(value: unknown): void {
    this.scope.scheduler.makeDispatcher().scheduleTask(() => this.go(value), 0)
  }
}
