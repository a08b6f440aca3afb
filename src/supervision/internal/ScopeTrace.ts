/**
 * What a scope tells a recorder, when there is one. Looked up once for each scope; nothing is paid without it.
 */
import { Context } from "effect"
import type { Cause, Exit } from "effect"
import type { JobCore } from "./JobCore.ts"
import type { Owner } from "./Owner.ts"
import type { ScopeCore } from "./ScopeCore.ts"

export interface ScopeTrace {
  opened(scope: ScopeCore): void
  launched(job: JobCore): void
  /** A job failed itself, under a supervisor too; what was launched from inside it may still run. */
  failed(job: JobCore, cause: Cause.Cause<unknown>): void
  /** The first failure of a scope; `owner` is the job that failed, or the scope for its body. */
  failing(scope: ScopeCore, owner: Owner, cause: Cause.Cause<unknown>): void
  /** A job was asked to end: by `by`, or from outside of all scopes. */
  cancelRequested(job: JobCore, by: Owner | undefined): void
  ended(job: JobCore): void
  /** The scope was cancelled from outside. */
  cancelled(scope: ScopeCore): void
  completed(scope: ScopeCore, exit: Exit.Exit<unknown, unknown>): void
}

export const ScopeTrace = Context.Reference<ScopeTrace | undefined>("firebreak/supervision/ScopeTrace", {
  defaultValue: () => undefined
})
