/**
 * The durable run that a scope may stand in, as far as a scope must know it.
 *
 * Effect's workflow engines say "this run is suspended" by interrupting a fiber while the `WorkflowInstance` is marked.
 * The key is Effect's own, so that supervision need not load the workflow modules; a test pins that it still is.
 */
import { Context } from "effect"
import type { Scope } from "effect"

export class SuspendableRun extends Context.Service<
  SuspendableRun,
  {
    readonly suspended: boolean
    readonly executionId: string
    readonly workflow: { readonly _tag: string }
    /** Closed when the execution has completed, not when a run of it suspends. */
    readonly scope: Scope.Scope
  }
>()("effect/workflow/WorkflowEngine/WorkflowInstance") {}
