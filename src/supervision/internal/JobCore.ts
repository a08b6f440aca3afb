/**
 * One job: an effect running in a fiber of its own, and the jobs launched from inside it.
 *
 * A job settles when its effect and all its children have ended; then what closes it runs (uncaught failures, the
 * boundary's hook); then it has ended, and those who wait are told. Everything here is synchronous and guarded: nothing
 * that a user wrote may throw through the fiber whose end is being observed. What a job succeeds or fails with is
 * `unknown` here; the public interfaces (`../Job.ts`) give it its types.
 *
 * Not here: what a failure does to the others (`ScopeCore.ts`), and what waiting looks like (`waiting.ts`).
 */
import { Cause, Context, Effect, Exit } from "effect"
import type { Fiber } from "effect"
import type { JobStatus } from "../Job.ts"
import { cascade, startFiber } from "./cascade.ts"
import { closingOfJob, runClosing } from "./closing.ts"
import { failureIn, interrupted } from "./exits.ts"
import { FirstStep } from "./FirstStep.ts"
import { CurrentOwner, Owner } from "./Owner.ts"
import type { ScopeCore } from "./ScopeCore.ts"
import { awaitJob, onCompletion, tellWaiters, type Waiter, waitFor } from "./waiting.ts"

/** What a launch says besides its effect. `onFailure` takes what the effect can fail with: the public types saw to that. */
export interface LaunchOptions {
  readonly name?: string
  readonly onFailure?: ((error: any) => Effect.Effect<void>) | undefined
}

export class JobCore extends Owner {
  declare readonly scope: ScopeCore
  /** The scope, or the job that launched it. */
  declare readonly owner: Owner
  declare readonly kind: "async" | "launch"
  declare readonly position: number
  declare readonly options: LaunchOptions | undefined
  declare next: JobCore | undefined
  declare previous: JobCore | undefined
  /** Known from its first step on: it can be asked to end in its first stretch already. */
  declare fiber: Fiber.Fiber<unknown, unknown> | undefined
  /** How its own effect ended. */
  declare private main: Exit.Exit<unknown, unknown> | undefined
  /** How it ended, with everything launched from inside it. */
  declare exit: Exit.Exit<unknown, unknown> | undefined
  /** Its own failure, or the first one of a job below it. */
  declare failure: Cause.Cause<unknown> | undefined
  declare cancelRequested: boolean
  declare cancelledBy: Owner | undefined
  declare suspended: boolean
  /** Everything in it has ended: nothing is launched under it any more. */
  declare isSettled: boolean
  /** Its failure is in somebody's hands: it was awaited, looked at, or reported. */
  declare observed: boolean
  declare waiters: Waiter | Set<Waiter> | undefined

  constructor(owner: Owner, kind: "async" | "launch", options: LaunchOptions | undefined) {
    super()
    this.scope = owner.scope
    this.owner = owner
    this.kind = kind
    this.position = ++owner.launched
    this.options = options
    this.next = undefined
    this.previous = undefined
    this.fiber = undefined
    this.main = undefined
    this.exit = undefined
    this.failure = undefined
    this.cancelRequested = false
    this.cancelledBy = undefined
    this.suspended = false
    this.isSettled = false
    this.observed = false
    this.waiters = undefined
  }

  get name(): string {
    return this.options?.name ?? `${this.kind}#${this.position}`
  }

  get segment(): string {
    return this.name
  }

  get around(): Owner {
    return this.owner
  }

  get ordinal(): string {
    return String(this.position)
  }

  get hasEnded(): boolean {
    return this.exit !== undefined
  }

  get isClosing(): boolean {
    return this.cancelRequested || this.failure !== undefined
  }

  start(effect: Effect.Effect<unknown, unknown>, context: Context.Context<never>): void {
    this.owner.attach(this)
    this.scope.trace?.launched(this)
    if (this.scope.isClosing || this.owner.isClosing) {
      this.cancelRequested = true
      this.mainEnded(interrupted)
      return
    }
    const fiber = startFiber(new FirstStep(this, effect), Context.add(context, CurrentOwner, this as Owner))
    const exit = fiber.pollUnsafe()
    if (exit !== undefined) return this.mainEnded(exit)
    this.fiber = fiber
    fiber.addObserver((exit) => cascade(this.scope.scheduler, mainEnded, this, exit))
  }

  requestCancel(by: Owner | undefined): void {
    if (this.isSettled || this.cancelRequested) return
    this.cancelRequested = true
    this.cancelledBy = by
    this.scope.trace?.cancelRequested(this, by)
    cascade(this.scope.scheduler, interruptJob, this, undefined)
  }

  interrupt(): void {
    this.fiber?.interruptUnsafe(this.scope.fiberId)
    this.cancelJobs(this)
  }

  mainEnded(exit: Exit.Exit<unknown, unknown>): void {
    this.main = exit
    if (Exit.isFailure(exit)) {
      const failure = failureIn(exit.cause)
      if (failure !== undefined) {
        this.failure ??= failure
        this.scope.jobFailed(this, failure)
        this.cancelJobs(this)
      } else if (this.cancelRequested) this.cancelJobs(this)
      else if (this.scope.run?.suspended === true) this.suspended = true
      else this.requestCancel(this) // it interrupted itself
    }
    if (this.firstChild === undefined) this.settle()
  }

  override childEnded(child: JobCore): void {
    if (child.suspended) this.suspended = true
    if (this.firstChild === undefined && this.main !== undefined) this.settle()
  }

  private settle(): void {
    // Telling of its failure may already have ended the jobs below it, and have come back here.
    if (this.isSettled) return
    this.isSettled = true
    if (this.failure !== undefined || this.cancelRequested) this.suspended = false
    const outcome = this.outcome()
    const closing = closingOfJob(this, outcome)
    if (closing === undefined) this.end(outcome)
    else runClosing(this, closing, () => this.end(this.outcome()))
  }

  private outcome(): Exit.Exit<unknown, unknown> {
    if (this.failure !== undefined) return Exit.failCause(this.failure)
    return this.suspended || this.cancelRequested ? interrupted : this.main!
  }

  private end(exit: Exit.Exit<unknown, unknown>): void {
    this.exit = exit
    this.fiber = undefined
    this.scope.trace?.ended(this)
    if (!this.scope.holdsBack(this)) this.tell()
  }

  /** Tells those who wait for it, then its owner. */
  tell(): void {
    tellWaiters(this)
    cascade(this.scope.scheduler, tellOwner, this.owner, this)
  }

  // ── What users see ───────────────────────────────────────────────────────────────────────────────────────────────

  get await() {
    return awaitJob(this)
  }

  get settled(): Effect.Effect<Exit.Exit<unknown, unknown>> {
    return waitFor<Exit.Exit<unknown, unknown>>(this, "settled")
  }

  get join(): Effect.Effect<void> {
    return waitFor<void>(this, "join")
  }

  get cancel(): Effect.Effect<void> {
    return Effect.withFiber((fiber) => {
      this.requestCancel(fiber.getRef(CurrentOwner))
      return Effect.void
    })
  }

  get cancelAndJoin(): Effect.Effect<void> {
    return Effect.andThen(this.cancel, this.join)
  }

  get status(): Effect.Effect<JobStatus> {
    return Effect.sync(() => this.statusNow)
  }

  get statusNow(): JobStatus {
    if (this.exit === undefined) return this.isClosing ? "cancelling" : "running"
    if (this.failure !== undefined) return "failed"
    return this.suspended ? "suspended" : this.cancelRequested ? "cancelled" : "succeeded"
  }

  get children(): Effect.Effect<ReadonlyArray<JobCore>> {
    return Effect.sync(() => this.liveChildren())
  }

  onCompletion(handler: (exit: Exit.Exit<unknown, unknown>) => void): Effect.Effect<() => void> {
    return onCompletion(this, handler)
  }
}

const mainEnded = (job: JobCore, exit: Exit.Exit<unknown, unknown>): void => job.mainEnded(exit)
const interruptJob = (job: JobCore): void => job.interrupt()
// It stays attached until its owner is told: what a waiter does first must not complete the scope without it.
const tellOwner = (owner: Owner, child: JobCore): void => {
  owner.detach(child)
  owner.childEnded(child)
}
