/**
 * Waiting for a job: what `await`, `settled` and `join` give, and what a job answers when it has ended.
 *
 * In a fail-fast scope `await` is an instruction to the story, not an Effect; everything else that waits is an Effect
 * that a story recognises, so that it can wait without a fiber of its own.
 */
import { Cause, Effect, Effectable, Exit, Fiber } from "effect"
import { JobCancelled, JobFailedElsewhere } from "../defects.ts"
import type { AwaitJob } from "../Job.ts"
import { interrupted } from "./exits.ts"
import type { JobCore } from "./JobCore.ts"
import { CurrentOwner, isInside, type Owner } from "./Owner.ts"
import { reportDetached } from "./uncaught.ts"

/** Who is told when a job has ended: first the handlers, then those who wait, each in order of registration. */
export interface Waiter {
  readonly isHandler?: boolean
  jobEnded(job: JobCore): void
}

export const addWaiter = (job: JobCore, waiter: Waiter): void => {
  const waiters = job.waiters
  if (waiters === undefined) job.waiters = waiter
  else if (waiters instanceof Set) waiters.add(waiter)
  else job.waiters = new Set([waiters, waiter])
}

export const removeWaiter = (job: JobCore, waiter: Waiter): void => {
  const waiters = job.waiters
  if (waiters === waiter) job.waiters = undefined
  else if (waiters instanceof Set) waiters.delete(waiter)
}

/** Tells all waiters of a job that has ended. A handler may take another one away: a set is walked as it is. */
export const tellWaiters = (job: JobCore): void => {
  const waiters = job.waiters
  if (waiters === undefined) return
  if (waiters instanceof Set) {
    for (const waiter of waiters) if (waiter.isHandler === true) waiter.jobEnded(job)
    for (const waiter of waiters) if (waiter.isHandler !== true) waiter.jobEnded(job)
  } else waiters.jobEnded(job)
  job.waiters = undefined
}

/** What awaiting an ended job comes to, for somebody who stands at `owner`. */
const answerOf = (job: JobCore, owner: Owner | undefined): Exit.Exit<unknown, unknown> => {
  const exit = job.exit!
  if (Exit.isSuccess(exit) || job.suspended) return exit
  if (job.failure !== undefined) {
    if (job.scope.kind !== "coroutineScope") return exit
    // The scope is failing with it, and everything in the scope is being cancelled.
    return isInside(owner, job.scope) ? interrupted : Exit.die(new JobFailedElsewhere(job.path, job.failure))
  }
  // Cancelled: with the whole scope, then the waiting ends as well; or on purpose.
  if (job.scope.isClosing && isInside(owner, job.scope)) return interrupted
  return Exit.die(new JobCancelled(job.path, describe(job, job.cancelledBy)))
}

const describe = (job: JobCore, by: Owner | undefined): string =>
  by === undefined ? "from outside of all scopes" : by === job ? "by itself" : `by ${by.path}`

// ── Fail-fast: an instruction ────────────────────────────────────────────────────────────────────────────────────────

/**
 * Yielded by `yield* job.await` in a fail-fast scope. The first time it is yielded it is its own iterator, and its own
 * steps: an await allocates one object.
 */
export class AwaitInstruction {
  declare readonly job: JobCore
  declare private taken: boolean
  declare private sent: boolean
  declare value: unknown
  declare done: boolean
  constructor(job: JobCore) {
    this.job = job
    this.taken = false
    this.sent = false
    this.value = this
    this.done = false
  }
  [Symbol.iterator](): Iterator<AwaitJob, any, any> {
    const iterator = this.taken ? new AwaitInstruction(this.job) : this
    iterator.taken = true
    return iterator as unknown as Iterator<AwaitJob, any, any> // sound: AwaitJob is this class, seen from outside
  }
  next(value: unknown): this {
    if (this.sent) {
      this.value = value
      this.done = true
    } else this.sent = true
    return this
  }
  /** What Effect's run loop says when it is given one, past the compiler. */
  toString(): string {
    return `await of the fail-fast job "${this.job.path}", which only the story of a scope can yield`
  }
}

// ── An Effect that a story recognises ────────────────────────────────────────────────────────────────────────────────

export type WaitMode = "await" | "settled" | "join"

export class Wait extends Effectable.Class<any, any> {
  declare readonly job: JobCore
  declare readonly mode: WaitMode
  constructor(job: JobCore, mode: WaitMode) {
    super()
    this.job = job
    this.mode = mode
  }
  override asEffect(): Effect.Effect<any, any> {
    return waitIn(this.job, this.mode, Fiber.getCurrent()!.getRef(CurrentOwner)) // an effect is evaluated by a fiber
  }
}

/** The exit with which waiting for an ended job ends. */
export const resultOf = (job: JobCore, mode: WaitMode, owner: Owner | undefined): Exit.Exit<unknown, unknown> => {
  if (mode !== "join") job.observed = true // its failure is in somebody's hands now
  if (mode === "await") return answerOf(job, owner)
  if (job.suspended && isInside(owner, job.scope)) return interrupted
  return mode === "settled" ? Exit.succeed(job.exit!) : Exit.void
}

/** Waits as an Effect, for somebody who stands at `owner`. */
export const waitIn = (job: JobCore, mode: WaitMode, owner: Owner | undefined): Effect.Effect<any, any> => {
  if (job.exit !== undefined) return resultOf(job, mode, owner)
  return Effect.callback((resume) => {
    if (job.exit !== undefined) return resume(resultOf(job, mode, owner))
    const waiter: Waiter = { jobEnded: (job) => resume(resultOf(job, mode, owner)) }
    addWaiter(job, waiter)
    return Effect.sync(() => removeWaiter(job, waiter))
  })
}

/** `settled` and `join`: they cannot fail, and give what `resultOf` says for the mode. */
export const waitFor = <A>(job: JobCore, mode: "settled" | "join"): Effect.Effect<A> =>
  new Wait(job, mode) as Effect.Effect<A, any> as Effect.Effect<A>

export const awaitJob = (job: JobCore): AwaitInstruction | Wait =>
  job.scope.kind === "coroutineScope" ? new AwaitInstruction(job) : new Wait(job, "await")

export const onCompletion = (
  job: JobCore,
  handler: (exit: Exit.Exit<unknown, unknown>) => void
): Effect.Effect<() => void> =>
  Effect.sync(() => {
    const waiter: Waiter = {
      isHandler: true,
      jobEnded: () => {
        try {
          handler(job.exit!)
        } catch (defect) {
          reportDetached(job.scope, job.path, Cause.die(defect))
        }
      }
    }
    if (job.exit !== undefined) waiter.jobEnded(job)
    else addWaiter(job, waiter)
    return () => removeWaiter(job, waiter)
  })
