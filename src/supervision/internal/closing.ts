/**
 * What runs when everything in a job or a scope has settled, before it has ended: `onFailure`, reports that are owed, and
 * the hook of the boundary. `undefined` where nothing is to run, which is the usual case.
 */
import { Cause, Context, Effect } from "effect"
import type { Exit } from "effect"
import { failuresOf } from "../failures.ts"
import { HandlerRunner, type Settled } from "../ScopeBoundary.ts"
import { cascade } from "./cascade.ts"
import { failureIn } from "./exits.ts"
import type { JobCore } from "./JobCore.ts"
import { CurrentOwner, type Owner } from "./Owner.ts"
import type { ScopeCore } from "./ScopeCore.ts"
import { reportUncaught } from "./uncaught.ts"

type Closing = Effect.Effect<void> | undefined

export const closingOfScope = (scope: ScopeCore, exit: Exit.Exit<unknown, unknown>): Closing => {
  const lost = scope.lost()
  if (scope.boundary === undefined && lost === undefined) return undefined
  let reports: Closing
  for (const job of lost ?? []) reports = then(reports, reportUncaught(scope, job.path, job.failure!))
  return then(outside(scope, reports), hook(scope, scope, scope.kind, exit))
}

export const closingOfJob = (job: JobCore, exit: Exit.Exit<unknown, unknown>): Closing => {
  const { scope } = job
  if (scope.boundary === undefined && job.failure === undefined) return undefined
  // A supervised launch has nobody who awaits it: its failure is dealt with before it has ended.
  const isNobodys = job.failure !== undefined && scope.kind !== "coroutineScope" && job.kind === "launch"
  // The hook comes first: what was done in the job has been taken back by the time anybody sees its failure.
  return then(hook(scope, job, "job", exit), isNobodys ? outside(job, dealWith(job, job.failure!)) : undefined)
}

/** Handlers run here, unless somebody else is to run them. */
const outside = (owner: Owner, handlers: Closing): Closing => {
  if (handlers === undefined) return undefined
  const runner = Context.get(owner.scope.context, HandlerRunner)
  return runner === undefined ? handlers : runner.run(owner.place, handlers)
}

/** Runs what closes `owner`, where no interruption reaches it. */
export const runClosing = (owner: Owner, closing: Effect.Effect<void>, then: () => void): void => {
  const { context, scheduler } = owner.scope
  const run = Effect.runForkWith(Context.add(context, CurrentOwner, owner))
  run(closing, { uninterruptible: true }).addObserver(() => cascade(scheduler, then, undefined, undefined))
}

/** The typed failure goes to `onFailure`; what that does not take (defects, and what died beside it) is reported. */
const dealWith = (job: JobCore, failure: Cause.Cause<unknown>): Effect.Effect<void> => {
  job.observed = true
  const report = (path: string, cause: Cause.Cause<unknown>) => reportUncaught(job.scope, path, cause)
  const onFailure = job.options?.onFailure
  const typed = failure.reasons.find(Cause.isFailReason)
  if (onFailure === undefined || typed === undefined) return report(job.path, failure)
  let dealt: Closing = Effect.catchCause(onFailure(typed.error), (cause) => {
    const defect = failureIn(cause) // that the handler interrupted itself is not a failure of anything
    return defect === undefined ? Effect.void : report(`${job.path} / onFailure`, defect)
  })
  for (const each of defectsIn(failure, job.path)) dealt = then(dealt, report(each.job, each.cause))
  return dealt!
}

const defectsIn = (failure: Cause.Cause<unknown>, path: string) => {
  const all = failuresOf(failure)
  return (all.length > 0 ? all : [{ job: path, cause: failure }]).flatMap(({ cause, job }) => {
    const defects = cause.reasons.filter(Cause.isDieReason)
    return defects.length === 0 ? [] : [{ job, cause: Cause.fromReasons<never>(defects) }]
  })
}

const hook = (scope: ScopeCore, owner: Owner, kind: Settled["kind"], exit: Exit.Exit<unknown, unknown>): Closing => {
  const boundary = scope.boundary
  if (boundary === undefined) return undefined
  let closing: Closing
  try {
    closing = boundary(new SettledOwner(owner, kind, exit))
  } catch (defect) {
    closing = Effect.die(defect)
  }
  if (closing === undefined) return undefined
  return Effect.catchCause(closing, (cause) => Effect.sync(() => scope.closingFailed(owner, failureIn(cause) ?? cause)))
}

/** Names and places are made up only for a hook that asks: most want to know only how it went. */
class SettledOwner implements Settled {
  declare readonly kind: Settled["kind"]
  declare readonly exit: Exit.Exit<unknown, unknown>
  declare private readonly owner: Owner
  constructor(owner: Owner, kind: Settled["kind"], exit: Exit.Exit<unknown, unknown>) {
    this.owner = owner
    this.kind = kind
    this.exit = exit
  }
  get path(): string {
    return this.owner.path
  }
  get place(): string {
    return this.owner.place
  }
  get isEnclosed(): boolean {
    return this.owner.isEnclosed
  }
}

const then = (first: Closing, second: Closing): Closing =>
  first === undefined ? second : second === undefined ? first : Effect.andThen(first, second)
