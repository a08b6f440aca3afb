/**
 * Listens to scopes and keeps what they tell: one record for each scope and job.
 *
 * It must cost little and hold on to nothing that lives: records are found by owner in a weak map, and when there are more
 * than `keep`, what went well is dropped as it ends, and counted.
 *
 * Not here: making sense of it (`blame.ts`, `takeTrace.ts`).
 */
import { Cause, Clock, Effect, Exit } from "effect"
import { failureIn } from "../internal/exits.ts"
import type { JobCore } from "../internal/JobCore.ts"
import type { Owner } from "../internal/Owner.ts"
import type { ScopeCore } from "../internal/ScopeCore.ts"
import type { ScopeTrace } from "../internal/ScopeTrace.ts"
import type { TraceNode, TraceState } from "./FailureTrace.ts"

/** A point in the story: when, and after what. */
export interface Moment {
  readonly at: number
  readonly turn: number
}

/** What is known of one scope or job. */
export class Recorded {
  readonly id: number
  readonly parent: Recorded | undefined
  readonly depth: number
  readonly kind: TraceNode["kind"]
  readonly name: string
  readonly execution: string | undefined
  readonly from: Moment
  to: Moment | undefined = undefined
  state: TraceState = "running"
  readonly children = new Set<Recorded>()
  omitted = 0
  /** Something other than success happened in it. */
  eventful = false

  failedAt: Moment | undefined = undefined
  cause: Cause.Cause<unknown> | undefined = undefined
  /** Whose failure it passes on, and where that began; its own failure begins with itself. */
  failedBecause: Recorded | undefined = undefined
  origin: Recorded | undefined = undefined
  failedChildren: Array<Recorded> | undefined = undefined

  cancelAsked: Moment | undefined = undefined
  cancelledBy: Recorded | undefined = undefined

  constructor(id: number, parent: Recorded | undefined, owner: JobCore | ScopeCore, from: Moment) {
    this.id = id
    this.parent = parent
    this.depth = parent === undefined ? 0 : parent.depth + 1
    this.kind = owner.kind
    this.name = parent === undefined ? owner.path : nameOf(owner)
    this.execution = parent === undefined ? owner.scope.run?.executionId : undefined
    this.from = from
  }

  get isJob(): boolean {
    return this.kind === "launch" || this.kind === "async"
  }

  /** It, and everything in it, outer before inner; without recursion, for scopes may be nested as deep as one likes. */
  withAllIn(): ReadonlyArray<Recorded> {
    const all: Array<Recorded> = []
    const next: Array<Recorded> = [this]
    for (let at = next.pop(); at !== undefined; at = next.pop()) {
      all.push(at)
      for (const child of [...at.children].reverse()) next.push(child)
    }
    return all
  }
}

const nameOf = (owner: JobCore | ScopeCore): string => {
  if ("owner" in owner) return owner.name
  return owner.label ?? (owner.kind === "coroutineScope" ? "scope" : "supervisor")
}

export class Recorder implements ScopeTrace {
  readonly startedAt: number
  readonly roots = new Set<Recorded>()
  omitted = 0
  private readonly clock: Clock.Clock
  private readonly startedNanos: bigint
  private readonly keep: number
  private readonly records = new WeakMap<Owner, Recorded>()
  private kept = 0
  private ids = 0
  private turns = 0

  constructor(clock: Clock.Clock, keep: number) {
    this.clock = clock
    this.keep = keep
    this.startedAt = clock.currentTimeMillisUnsafe()
    this.startedNanos = clock.monotonicTimeNanosUnsafe()
  }

  /** Milliseconds since it began, to the microsecond. */
  get now(): number {
    return Number((this.clock.monotonicTimeNanosUnsafe() - this.startedNanos) / 1000n) / 1000
  }

  // ── What scopes tell ─────────────────────────────────────────────────────────────────────────────────────────────

  opened(scope: ScopeCore): void {
    this.add(scope, scope.outer)
  }

  launched(job: JobCore): void {
    this.add(job, job.owner)
  }

  failed(job: JobCore, cause: Cause.Cause<unknown>): void {
    const record = this.records.get(job)
    if (record !== undefined) this.fail(record, cause)
  }

  failing(scope: ScopeCore, owner: Owner, cause: Cause.Cause<unknown>): void {
    const record = this.records.get(scope)
    if (record === undefined) return
    if (owner !== scope) record.failedBecause = this.records.get(owner)
    this.fail(record, cause)
  }

  cancelRequested(job: JobCore, by: Owner | undefined): void {
    // What a long-lived supervisor cancels when it is closed, it cancels itself.
    this.cancel(this.records.get(job), job.scope.kind === "Supervisor" && job.scope.isClosing ? job.scope : by)
  }

  cancelled(scope: ScopeCore): void {
    // To be closed is how a long-lived supervisor ends well.
    if (scope.kind !== "Supervisor") this.cancel(this.records.get(scope), scope.outer)
  }

  ended(job: JobCore): void {
    const record = this.records.get(job)
    if (record === undefined) return
    const state = job.statusNow
    // Its own effect did well, and a job launched from inside it did not.
    if (state === "failed" && record.failedAt === undefined) this.fail(record, job.failure!)
    this.end(record, state === "cancelling" ? "cancelled" : state)
  }

  completed(scope: ScopeCore, exit: Exit.Exit<unknown, unknown>): void {
    const record = this.records.get(scope)
    if (record !== undefined) this.end(record, stateOf(scope, exit, record))
  }

  // ── What is kept of it ───────────────────────────────────────────────────────────────────────────────────────────

  private moment(): Moment {
    return { at: this.now, turn: ++this.turns }
  }

  private add(owner: JobCore | ScopeCore, above: Owner | undefined): void {
    const parent = above === undefined ? undefined : this.records.get(above)
    const record = new Recorded(++this.ids, parent, owner, this.moment())
    this.records.set(owner, record)
    ;(parent?.children ?? this.roots).add(record)
    this.kept++
  }

  private fail(record: Recorded, cause: Cause.Cause<unknown>): void {
    record.failedAt = this.moment()
    record.cause = cause
    record.failedBecause ??= record.failedChildren?.find((child) => passesOn(cause, child.cause!))
    record.origin = record.failedBecause?.origin ?? record
    if (record.parent !== undefined) (record.parent.failedChildren ??= []).push(record)
    noteEvent(record)
  }

  private cancel(record: Recorded | undefined, by: Owner | undefined): void {
    if (record === undefined || record.cancelAsked !== undefined) return
    record.cancelAsked = this.moment()
    record.cancelledBy = by === undefined ? undefined : this.records.get(by)
    noteEvent(record)
  }

  private end(record: Recorded, state: TraceState): void {
    record.state = state
    record.to = this.moment()
    if (state !== "succeeded") noteEvent(record)
    if (this.kept <= this.keep || (record.eventful && record.parent !== undefined)) return
    const size = record.withAllIn().length
    if (this.kept - size < this.keep) return
    this.kept -= size
    if (record.parent !== undefined) {
      record.parent.children.delete(record)
      record.parent.omitted += size + record.omitted
    } else {
      this.roots.delete(record)
      this.omitted++
    }
  }
}

const noteEvent = (record: Recorded): void => {
  for (let at: Recorded | undefined = record; at !== undefined && !at.eventful; at = at.parent) at.eventful = true
}

const stateOf = (scope: ScopeCore, exit: Exit.Exit<unknown, unknown>, record: Recorded): TraceState => {
  if (Exit.isSuccess(exit)) return "succeeded"
  if (failureIn(exit.cause) !== undefined) return "failed"
  if (record.cancelAsked === undefined && scope.run?.suspended === true) return "suspended"
  return scope.kind === "Supervisor" ? "succeeded" : "cancelled"
}

/** Whether `cause` is what somebody inside failed with: the very same error came out. */
const passesOn = (cause: Cause.Cause<unknown>, inside: Cause.Cause<unknown>): boolean =>
  cause.reasons.some((reason) => inside.reasons.some((other) => contentOf(reason) === contentOf(other)))

const contentOf = (reason: Cause.Reason<unknown>): unknown =>
  Cause.isFailReason(reason) ? reason.error : Cause.isDieReason(reason) ? reason.defect : reason

/** A recorder on the clock of who makes it. */
export const makeRecorder = (keep: number): Effect.Effect<Recorder> =>
  Clock.clockWith((clock) => Effect.sync(() => new Recorder(clock, keep)))
