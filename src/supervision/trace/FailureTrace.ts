/**
 * What happened among jobs: who failed first, who was cancelled because of whom, who was spared.
 *
 * Plain data, ready for `JSON.stringify`; times are milliseconds since the recording began, on the clock of who recorded.
 *
 * Not here: recording (`recordFailures.ts`), and how it is shown (`failureTraceText.ts`, `failureTraceSvg.ts`).
 */

/** Where a scope or job was when the trace was taken. `suspended` occurs only inside durable workflows. */
export type TraceState = "running" | "succeeded" | "failed" | "cancelled" | "suspended"

/** A scope or job. Its children are the scopes opened and the jobs launched in it, in order. */
export interface TraceNode {
  /** Unique in its trace. */
  readonly id: number
  readonly kind: "coroutineScope" | "supervisorScope" | "Supervisor" | "launch" | "async"
  /** For people. Of an outermost scope it is the path. */
  readonly name: string
  /** The durable execution that an outermost scope belongs to. */
  readonly execution?: string
  readonly state: TraceState
  readonly from: number
  /** When it ended, finalizers and everything in it included. */
  readonly to?: number
  /** When it was asked to end, if it was. */
  readonly cancelAskedAt?: number
  /** What it failed with, if it failed. */
  readonly failure?: TraceFailure
  /** Why it failed or was cancelled, when that was not its own doing. */
  readonly because?: TraceReason
  /** It lived through this failure in the scope where the failure stopped. */
  readonly spared?: { readonly id: number; readonly name: string; readonly more: number }
  readonly children: ReadonlyArray<TraceNode>
  /** Descendants that went well and were not kept, because there were too many. */
  readonly omitted?: number
}

/** A failure in words. */
export interface TraceFailure {
  /** The error's tag, or the defect's name. */
  readonly tag: string
  /** The tag with the message. */
  readonly message: string
  readonly kind: "failure" | "defect"
  readonly at: number
}

/** What an end is owed to: somebody's failure, somebody who asked for it, the job itself, or somebody outside. */
export type TraceReason =
  /** `id` is where the failure began, `by` who passed it on. */
  | { readonly kind: "failure"; readonly id: number; readonly name: string; readonly by: number }
  | { readonly kind: "asked"; readonly id: number; readonly name: string }
  | { readonly kind: "itself" }
  | { readonly kind: "outside" }

/** What else ended because of one failure. All by path, for people. */
export interface BlastRadius {
  /** The job that failed, or the scope whose body did. */
  readonly failed: string
  readonly error: string
  readonly at: number
  /** The jobs that contain it and the scopes that failed with it, from the inside out. */
  readonly broughtDown: ReadonlyArray<string>
  /** The jobs that were cancelled because of it. */
  readonly cancelled: ReadonlyArray<string>
  /** The jobs that ran on in the scope where it stopped; the first hundred. */
  readonly spared: ReadonlyArray<string>
  /** How many there were in all. */
  readonly sparedCount: number
}

/** Everything that was recorded. */
export interface FailureTrace {
  /** On the recorder's clock, in milliseconds since 1970. */
  readonly startedAt: number
  /** When the trace was taken. */
  readonly length: number
  readonly roots: ReadonlyArray<TraceNode>
  /** Outermost scopes, with all in them, that were not kept, because there were too many. */
  readonly omitted: number
  /** One for each failure that began somewhere, in the order they happened. */
  readonly blastRadius: ReadonlyArray<BlastRadius>
}
