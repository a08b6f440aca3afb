/**
 * One scope: its body, its jobs, and the meaning of a failure among them.
 *
 *   open ──▶ (all ended) ──▶ settled ──▶ closing runs ──▶ completed
 *     ╰─ failing / cancelled: everything in it is asked to end, and still waited for
 *
 * The whole difference between the two kinds is one line in `jobFailed`. A scope completes exactly once, when its body
 * has ended and no job of it lives; what it completes with is decided there, in `outcome`.
 *
 * Not here: the body itself (`bodyInFiber.ts`, `storyByHand.ts`), and the jobs (`JobCore.ts`).
 */
import { Cause, Context, Effect, Exit, type Scheduler } from "effect"
import { combineFailures, RecordedFailure } from "../failures.ts"
import { ScopeBoundary, type Settled } from "../ScopeBoundary.ts"
import { cascade } from "./cascade.ts"
import { closingOfScope, runClosing } from "./closing.ts"
import { failureIn, interrupted, onlyFailuresTo } from "./exits.ts"
import type { JobCore } from "./JobCore.ts"
import { Owner } from "./Owner.ts"
import { ordinalOf, outerIn, segmentOf } from "./placing.ts"
import { ScopeTrace } from "./ScopeTrace.ts"
import { SuspendableRun } from "./SuspendableRun.ts"
import { reportDetached } from "./uncaught.ts"

export type ScopeKind = "coroutineScope" | "supervisorScope" | "Supervisor"

/** The part of a body that the scope needs: a way to ask it to end. It answers with `bodyEnded`, once. */
export interface Body {
  cancel(): void
}

export class ScopeCore extends Owner {
  declare readonly scope: ScopeCore
  declare readonly kind: ScopeKind
  declare readonly label: string | undefined
  /** The scope or job in which it was opened. */
  declare readonly outer: Owner | undefined
  declare context: Context.Context<never>
  declare readonly scheduler: Scheduler.Scheduler
  declare readonly fiberId: number
  declare readonly trace: ScopeTrace | undefined
  declare readonly boundary: ((settled: Settled) => Effect.Effect<void> | undefined) | undefined
  declare readonly ordinal: string
  declare private phase: "open" | "failing" | "cancelled" | "settled" | "completed"
  declare body: Body | undefined
  declare private bodyExit: Exit.Exit<unknown, unknown> | undefined
  declare private failures: Array<RecordedFailure> | undefined
  declare private unobserved: Array<JobCore> | undefined
  declare private suspended: boolean
  declare private cancelled: boolean
  /** Jobs that ended while everything was being cancelled. */
  declare private heldBack: Array<JobCore> | undefined
  declare private resume: (exit: Exit.Exit<any, any>) => void

  constructor(
    kind: ScopeKind,
    label: string | undefined,
    opener: { readonly id: number; readonly context: Context.Context<never> },
    scheduler: Scheduler.Scheduler,
    resume: (exit: Exit.Exit<any, any>) => void
  ) {
    super()
    this.kind = kind
    this.label = label
    this.context = opener.context
    this.fiberId = opener.id
    this.scheduler = scheduler
    this.resume = resume
    this.scope = this
    this.phase = "open"
    this.body = undefined
    this.bodyExit = undefined
    this.failures = undefined
    this.unobserved = undefined
    this.suspended = false
    this.cancelled = false
    this.heldBack = undefined
    this.outer = outerIn(opener.context)
    this.trace = Context.get(opener.context, ScopeTrace)
    this.boundary = Context.get(opener.context, ScopeBoundary)
    if (this.boundary !== undefined) this.ordinal = ordinalOf(this.outer, this.boundary)
    this.trace?.opened(this)
  }

  get segment(): string {
    return segmentOf(this)
  }

  get around(): Owner | undefined {
    return this.outer
  }

  get isClosing(): boolean {
    return this.phase !== "open"
  }

  get isSettled(): boolean {
    return this.phase === "completed" || this.phase === "settled"
  }

  get hasEnded(): boolean {
    return this.phase === "completed"
  }

  get run(): SuspendableRun["Service"] | undefined {
    return Context.getOrUndefined(this.context, SuspendableRun)
  }

  // ── What happens in it ───────────────────────────────────────────────────────────────────────────────────────────

  bodyEnded(exit: Exit.Exit<unknown, unknown>): void {
    this.bodyExit = exit
    if (Exit.isFailure(exit)) {
      const failure = failureIn(exit.cause)
      if (failure !== undefined) this.fail(this, failure)
      else if (this.phase === "open" && this.run?.suspended === true) this.suspended = true
      else {
        if (this.phase === "open") this.phase = "cancelled"
        this.cancelJobs(this)
      }
    }
    this.completeIfDone()
  }

  jobFailed(job: JobCore, cause: Cause.Cause<unknown>): void {
    this.trace?.failed(job, cause)
    for (let above = job.owner; above !== this; above = (above as JobCore).owner) (above as JobCore).failure ??= cause
    if (this.kind === "coroutineScope") this.fail(job, cause)
  }

  /** A failure that is the scope's own: the body's, or a job's in a fail-fast scope. */
  private fail(owner: Owner, cause: Cause.Cause<unknown>): void {
    const failure = new RecordedFailure(owner, cause)
    if (this.failures !== undefined) {
      this.failures.push(failure)
      return
    }
    this.failures = [failure]
    this.trace?.failing(this, owner, cause)
    if (this.phase === "open") this.phase = "failing"
    this.cancelEverything(owner)
  }

  /**
   * Asks everybody to end: the jobs in order of launching, then the body. Jobs that end meanwhile keep quiet; else one's
   * end could wake somebody who has not been asked yet, and who would go on in a scope that fails. When all have been
   * asked they speak, in order, and then the scope may complete.
   */
  private cancelEverything(by: Owner | undefined): void {
    const isFirstToAsk = this.heldBack === undefined
    this.heldBack ??= []
    this.cancelJobs(by)
    if (this.bodyExit === undefined && this.body !== undefined)
      cascade(this.scheduler, cancelBody, this.body, undefined)
    if (!isFirstToAsk) return
    const ended = this.heldBack
    this.heldBack = undefined
    for (const job of ended) job.tell()
    this.completeIfDone()
  }

  /** Whether `job`, which has ended, must wait with telling so. */
  holdsBack(job: JobCore): boolean {
    return this.heldBack !== undefined && this.heldBack.push(job) > 0
  }

  override childEnded(child: JobCore): void {
    if (child.suspended) this.suspended = true
    else if (child.failure !== undefined && this.kind !== "coroutineScope" && !child.observed) {
      ;(this.unobserved ??= []).push(child)
    }
    this.completeIfDone()
  }

  /** The opener was interrupted, or a long-lived supervisor is closed: everything in it is asked to end. */
  cancelFromOutside(resume: (exit: Exit.Exit<any, any>) => void): void {
    // The interruption is the opener's own already: only a failure is added to it.
    this.resume = onlyFailuresTo(resume)
    if (this.phase === "completed") return resume(Exit.void)
    if (this.phase === "settled") return // what it completes with is decided; who is interrupted waits for it
    this.cancelled = true
    if (this.phase === "open") this.phase = "cancelled"
    this.trace?.cancelled(this)
    this.cancelEverything(this.outer)
  }

  /** The end of a scope without a body. */
  close(resume: (exit: Exit.Exit<any, any>) => void): void {
    this.bodyExit = Exit.void
    this.cancelFromOutside(resume)
  }

  // ── How it completes ─────────────────────────────────────────────────────────────────────────────────────────────

  private completeIfDone(): void {
    if (this.firstChild !== undefined || this.bodyExit === undefined) return
    if (this.isSettled || this.heldBack !== undefined) return
    this.phase = "settled"
    const outcome = this.outcome()
    const closing = closingOfScope(this, outcome)
    if (closing === undefined) this.complete(outcome)
    else runClosing(this, closing, () => this.complete(this.outcome()))
  }

  private outcome(): Exit.Exit<unknown, unknown> {
    if (this.failures !== undefined) return Exit.failCause(combineFailures(this, this.failures))
    if (this.cancelled || this.suspended) return interrupted
    return this.bodyExit!
  }

  private complete(exit: Exit.Exit<unknown, unknown>): void {
    this.phase = "completed"
    this.trace?.completed(this, exit)
    const resume = this.resume
    this.letGo()
    cascade(this.scheduler, answer, resume, exit)
  }

  /** Keeps nothing that only its running needed: a handle may be kept for long, and contexts know earlier owners. */
  private letGo(): void {
    const run = this.outer === undefined ? this.run : undefined
    this.context = run === undefined ? Context.empty() : Context.make(SuspendableRun, run)
    this.body = undefined
    this.bodyExit = undefined
  }

  // ── What runs at the boundary ────────────────────────────────────────────────────────────────────────────────────

  /** Failures that nobody has looked at, at the end of a scope that will not run again. */
  lost(): ReadonlyArray<JobCore> | undefined {
    return this.suspended ? undefined : this.unobserved?.filter((job) => !job.observed)
  }

  /** The boundary's hook died. */
  closingFailed(owner: Owner, defect: Cause.Cause<unknown>): void {
    if (owner === this) this.fail(this, defect)
    else {
      const job = owner as JobCore
      job.failure ??= defect
      this.jobFailed(job, defect)
      if (this.kind !== "Supervisor") return
      // Nobody looks at its end before a supervisor closes.
      job.observed = true
      reportDetached(this, job.path, defect)
    }
  }
}

const answer = <A>(to: (value: A) => void, value: A): void => to(value)
const cancelBody = (body: Body): void => body.cancel()
