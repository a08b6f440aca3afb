/**
 * Where a scope stands: the owner around it, and its part of the path, for people.
 */
import { Context } from "effect"
import { CurrentOwner, type Owner } from "./Owner.ts"
import type { ScopeCore } from "./ScopeCore.ts"
import { SuspendableRun } from "./SuspendableRun.ts"

/**
 * The owner around a new scope. What only was inherited does not count: an owner that has ended (an engine woke a run from
 * a fiber of an earlier one), or that belongs to another run (a workflow started from inside a job).
 */
export const outerIn = (context: Context.Context<never>): Owner | undefined => {
  const here = Context.get(context, CurrentOwner)
  if (here === undefined || here.hasEnded) return undefined
  const run = Context.getOrUndefined(context, SuspendableRun)
  return run?.executionId === here.scope.run?.executionId ? here : undefined
}

export const segmentOf = (scope: ScopeCore): string => {
  const name = scope.label ?? (scope.kind === "coroutineScope" ? "scope" : "supervisor")
  const workflow = scope.outer === undefined ? scope.run?.workflow._tag : undefined
  if (workflow === undefined) return name
  // The outermost scope of a workflow goes by the workflow's name, or by its own where that says more.
  if (scope.label?.startsWith(workflow) === true) return scope.label
  return scope.kind === "coroutineScope" && scope.label === undefined ? workflow : `${workflow} / ${name}`
}

/** The name of the scope that a time limit is, where a hook wants to know of it. */
export const timeLimit = "time limit"

/** Scopes that were opened outside of all others, by the hook that hears of them. */
const outermost = new WeakMap<object, number>()

/** The ordinal of the next scope that is opened in `outer`, or outside of all others. */
export const ordinalOf = (outer: Owner | undefined, boundary: object): string => {
  if (outer !== undefined) return `s${(outer.opened = (outer.opened ?? 0) + 1)}`
  const opened = (outermost.get(boundary) ?? 0) + 1
  outermost.set(boundary, opened)
  return `s${opened}`
}
