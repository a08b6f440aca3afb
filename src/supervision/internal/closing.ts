/**
 * What runs when everything in a job or a scope has settled, before it has ended: reports that are owed, and the hook of
 * the boundary. `undefined` where nothing is to run, which is the usual case.
 */
import { Effect } from "effect"
import type { Exit } from "effect"
import type { Settled } from "../ScopeBoundary.ts"
import { failureIn } from "./exits.ts"
import type { JobCore } from "./JobCore.ts"
import type { Owner } from "./Owner.ts"
import type { ScopeCore } from "./ScopeCore.ts"
import { reportUncaught } from "./uncaught.ts"

type Closing = Effect.Effect<void> | undefined

export const closingOfScope = (scope: ScopeCore, exit: Exit.Exit<unknown, unknown>): Closing => {
  if (scope.boundary === undefined && !scope.mayHaveLost) return undefined
  let reports: Closing
  for (const job of scope.lost()) reports = andThen(reports, reportUncaught(scope, job.path, job.failure!))
  return andThen(reports, hook(scope, scope, scope.kind, exit))
}

export const closingOfJob = (job: JobCore, exit: Exit.Exit<unknown, unknown>): Closing => {
  const { scope } = job
  if (scope.boundary === undefined && job.failure === undefined) return undefined
  let report: Closing
  // A supervised launch has nobody who awaits it: what onFailure did not take is reported before the job has ended.
  if (job.failure !== undefined && scope.kind !== "coroutineScope" && job.kind === "launch" && !job.observed) {
    job.observed = true
    report = reportUncaught(scope, job.path, job.failure)
  }
  return andThen(report, hook(scope, job, "job", exit))
}

const hook = (scope: ScopeCore, owner: Owner, kind: Settled["kind"], exit: Exit.Exit<unknown, unknown>): Closing => {
  const boundary = scope.boundary
  if (boundary === undefined) return undefined
  return Effect.catchCause(
    Effect.suspend(() => boundary({ kind, path: owner.path, exit })),
    (cause) => Effect.sync(() => scope.closingFailed(owner, failureIn(cause) ?? cause))
  )
}

const andThen = (first: Closing, second: Closing): Closing =>
  first === undefined ? second : second === undefined ? first : Effect.andThen(first, second)
