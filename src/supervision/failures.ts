/**
 * All failures of a scope, none lost.
 *
 * The first is the scope's: it leads the cause, and `catchTag` finds it. Other typed failures follow it in the cause. A
 * defect of another job must not stand beside a typed failure there, or nothing could catch the typed one any more: it
 * rides with the first as an annotation. {@link failuresOf} gives all of them back, in the order they happened.
 */
import { Cause, Context, Equal, Hash } from "effect"
import type { Owner } from "./internal/Owner.ts"

/** One failure in a scope, and whose it was. */
export interface JobFailure {
  /** The path of the job that failed, or of the scope for its body. */
  readonly job: string
  readonly cause: Cause.Cause<unknown>
}

export class RecordedFailure implements JobFailure {
  private readonly owner: Owner
  readonly cause: Cause.Cause<unknown>
  constructor(owner: Owner, cause: Cause.Cause<unknown>) {
    this.owner = owner
    this.cause = cause
  }
  get job(): string {
    return this.owner.path
  }
}

/** Equal to itself only: Effect compares causes by what is in them, and must not walk through a tree of scopes. */
class FailureList implements Equal.Equal {
  readonly failures: ReadonlyArray<JobFailure>
  constructor(failures: ReadonlyArray<JobFailure>) {
    this.failures = failures
  }
  [Equal.symbol](that: Equal.Equal): boolean {
    return this === that
  }
  [Hash.symbol](): number {
    return Hash.random(this)
  }
}

const Recorded = Context.Service<FailureList>("firebreak/supervision/Failures")

const recordedIn = (cause: Cause.Cause<unknown>): ReadonlyArray<JobFailure> | undefined => {
  const first = cause.reasons[0]
  return first === undefined ? undefined : Context.getOrUndefined(Cause.reasonAnnotations(first), Recorded)?.failures
}

/** The one cause with which a scope fails. */
export const combineFailures = (failures: ReadonlyArray<RecordedFailure>): Cause.Cause<unknown> => {
  const all = failures.flatMap((failure): ReadonlyArray<JobFailure> => recordedIn(failure.cause) ?? [failure])
  const [primary, ...others] = failures.map((failure) => failure.cause)
  const [first, ...rest] = primary!.reasons
  const typed = Cause.isFailReason(first!)
  const following = others.flatMap((cause) => cause.reasons).filter((reason) => !typed || Cause.isFailReason(reason))
  const annotated = first!.annotate(Context.make(Recorded, new FailureList(all)) as Context.Context<never>, {
    overwrite: true
  }) // sound: an annotation is read back by its key only
  return Cause.fromReasons([annotated, ...rest, ...following])
}

/**
 * All failures behind a scope's cause, in the order they happened, each with its job's path; the first is the scope's.
 *
 * **When to use** — where a failure is logged or shown to somebody who has to find out what went wrong.
 *
 * **Example**
 *
 * ```ts
 * program.pipe(Effect.tapCause((cause) => Effect.forEach(failuresOf(cause), ({ job }) => Effect.logError(job))))
 * ```
 */
export const failuresOf = (cause: Cause.Cause<unknown>): ReadonlyArray<JobFailure> => recordedIn(cause) ?? []

/**
 * A cause for people: the first failure, then the others, each under the path of its job.
 *
 * **Details** — for a cause that does not come from a scope it is `Cause.pretty`.
 */
export const prettyFailures = (cause: Cause.Cause<unknown>): string => {
  const failures = failuresOf(cause)
  if (failures.length === 0) return Cause.pretty(cause)
  return failures
    .map(
      ({ cause, job }, index) =>
        `${index === 0 ? "failed first" : "then failed"}: ${job}\n${indent(Cause.pretty(cause))}`
    )
    .join("\n")
}

const indent = (text: string): string => text.replaceAll(/^/gm, "  ")
