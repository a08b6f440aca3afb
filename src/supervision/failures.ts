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
  /** Whose they are: the path of the scope. */
  readonly scope: () => string
  constructor(failures: ReadonlyArray<JobFailure>, scope: () => string) {
    this.failures = failures
    this.scope = scope
  }
  [Equal.symbol](that: Equal.Equal): boolean {
    return this === that
  }
  [Hash.symbol](): number {
    return Hash.random(this)
  }
}

const Recorded = Context.Service<FailureList>("firebreak/supervision/Failures")

/** The lists that a cause carries: usually one, or none. */
const listsIn = (cause: Cause.Cause<unknown>): ReadonlyArray<FailureList> =>
  cause.reasons.flatMap((reason) => Context.getOrUndefined(Cause.reasonAnnotations(reason), Recorded) ?? [])

const payload = (reason: Cause.Reason<unknown>): unknown =>
  Cause.isFailReason(reason) ? reason.error : Cause.isDieReason(reason) ? reason.defect : reason

/** What a cause holds beside its lists: a finalizer around an inner scope may have died since. */
const besides = (cause: Cause.Cause<unknown>, lists: ReadonlyArray<FailureList>): Cause.Cause<unknown> | undefined => {
  const listed = new Set(lists.flatMap((list) => list.failures.flatMap(({ cause }) => cause.reasons.map(payload))))
  const rest = cause.reasons.filter((reason) => !Cause.isInterruptReason(reason) && !listed.has(payload(reason)))
  return rest.length === 0 ? undefined : Cause.fromReasons(rest)
}

/** A failure as the list of failures that it stands for. */
const expand = (failure: JobFailure): ReadonlyArray<JobFailure> => {
  const lists = listsIn(failure.cause)
  if (lists.length === 0) return [failure]
  const rest = besides(failure.cause, lists)
  const listed = lists.flatMap((list) => list.failures)
  return rest === undefined ? listed : [...listed, { job: failure.job, cause: rest }]
}

/** The one cause with which a scope fails. */
export const combineFailures = (scope: Owner, failures: ReadonlyArray<RecordedFailure>): Cause.Cause<unknown> => {
  const list = new FailureList(failures.flatMap(expand), () => scope.path)
  const [primary, ...others] = failures.map((failure) => failure.cause)
  const [first, ...rest] = primary!.reasons
  const typed = Cause.isFailReason(first!)
  const following = others.flatMap((cause) => cause.reasons).filter((reason) => !typed || Cause.isFailReason(reason))
  const annotated = first!.annotate(Context.make(Recorded, list) as Context.Context<never>, { overwrite: true }) // sound: an annotation is read back by its key only
  return Cause.fromReasons([annotated, ...[...rest, ...following].map(withoutList)])
}

/** Its list is part of the new one. */
const withoutList = <E>(reason: Cause.Reason<E>): Cause.Reason<E> =>
  Context.getOrUndefined(Cause.reasonAnnotations(reason), Recorded) === undefined
    ? reason
    : Cause.isFailReason(reason)
      ? Cause.makeFailReason(reason.error)
      : Cause.isDieReason(reason)
        ? Cause.makeDieReason(reason.defect)
        : reason

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
export const failuresOf = (cause: Cause.Cause<unknown>): ReadonlyArray<JobFailure> => {
  const [list] = listsIn(cause)
  return list === undefined ? [] : expand({ job: `around ${list.scope()}`, cause })
}

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
