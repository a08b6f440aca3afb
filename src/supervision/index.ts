/**
 * Supervision: who ends when someone fails. Table of contents.
 */
export { awaitAll, type FailuresOf, joinAll, type ValuesOf } from "./awaitAll.ts"
export {
  type ChildFailures,
  type CoroutineScope,
  coroutineScope,
  type ErrorOf,
  type FailFastOptions,
  type InsideCoroutineScope,
  type Outside,
  type ScopeOptions,
  type ServicesOf
} from "./CoroutineScope.ts"
export { JobCancelled, JobFailedElsewhere, LaunchRefused } from "./defects.ts"
export { failuresOf, type JobFailure, prettyFailures } from "./failures.ts"
export type {
  AnyJob,
  AwaitedOnlyByYield,
  AwaitJob,
  Job,
  JobOptions,
  JobStatus,
  OnlyYielded,
  SupervisedJob
} from "./Job.ts"
export { withJobPath } from "./jobLogger.ts"
export type { Join, Tags } from "./messages.ts"
export { CriticalSectionOverran, nonCancellable, type NonCancellableOptions } from "./nonCancellable.ts"
export { currentPlace, outsideOfScopes, type Place } from "./currentPlace.ts"
export { HandlerRunner, ScopeBoundary, type Settled } from "./ScopeBoundary.ts"
export { stateIn, type StateOptions, type StateView } from "./stateIn.ts"
export { ScopeClosed, Supervisor, type SupervisorOptions } from "./Supervisor.ts"
export {
  type AsyncOptions,
  type HandlesFailure,
  type Launchable,
  type SupervisorScope,
  supervisorScope
} from "./SupervisorScope.ts"
export type {
  BlastRadius,
  FailureTrace,
  TraceFailure,
  TraceNode,
  TraceReason,
  TraceState
} from "./trace/FailureTrace.ts"
export { failureTraceSvg, type FailureTraceSvgOptions } from "./trace/failureTraceSvg.ts"
export { failureTraceText, type FailureTraceTextOptions } from "./trace/failureTraceText.ts"
export {
  FailureRecorder,
  recordFailures,
  type FailureRecording,
  type FailureRecordingOptions
} from "./trace/recordFailures.ts"
export { DeadlineExceeded, type TimeLimitOptions, withTimeout, withTimeoutOption } from "./timeLimits.ts"
export { logUncaught, type Uncaught, UncaughtHandler } from "./UncaughtHandler.ts"
