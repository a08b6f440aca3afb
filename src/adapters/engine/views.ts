/**
 * What a journal tells about executions: the shapes that the command, the service and users read.
 *
 * The special rule: they are made of what is written down, of nothing else. Who owns the journal and who only visits it
 * are told the same.
 */
import type { Status } from "./Store.ts"

/** One execution in a list. Times are milliseconds since 1970. */
export interface ExecutionSummary {
  readonly seq: number
  readonly id: string
  /** What people call it, such as the id of an order. */
  readonly name: string
  readonly workflow: string
  readonly status: Status
  readonly startedAt: number
  readonly changedAt: number
  readonly endedAt: number | null
  readonly wakeAt: number | null
  readonly parent: string | null
}

/** How far a step is. */
export type StepState =
  | "running"
  /** Surely not done yet; another attempt comes. */
  | "retrying"
  /** Nobody knows whether it happened, and that is being found out. */
  | "settling"
  /** Nobody knows whether it happened, and a person has to say. */
  | "asking"
  | "done"
  | "refused"
  | "gaveUp"
  /** Nobody will ever know whether it happened. */
  | "left"
  /** It was cancelled, and did not happen. */
  | "cancelled"

export type UndoState =
  /** There is nothing to take back. */
  | "nothing"
  | "irreversible"
  /** It would be taken back if need be. */
  | "possible"
  | "pending"
  | "undoing"
  | "undone"
  | "stuck"

export interface StepView {
  readonly step: string
  /** What tells several calls of the same step apart. */
  readonly key: string | null
  /** The number of the event that began it. */
  readonly call: number
  /** Where it stands: names of scopes and jobs, outermost first. */
  readonly path: string
  readonly generation: number
  readonly attempts: number
  readonly state: StepState
  readonly undo: UndoState
  readonly startedAt: number
  readonly endedAt: number | null
  readonly input: unknown
  /** Its value or its error, as it is written down. */
  readonly result: unknown
  /** Why it is retrying, settling, asking or stuck. */
  readonly reason: string | null
  /** The idempotency key that the outside sees. */
  readonly idempotencyKey: string
}

export interface SignalView {
  readonly name: string
  readonly at: number
}
export interface TimerView {
  readonly name: string
  readonly due: number
  readonly firedAt: number | null
}
export interface ChildView {
  readonly id: string
  readonly workflow: string
  readonly endedAt: number | null
}

/** One execution with all that happened in it. */
export interface ExecutionHistory extends ExecutionSummary {
  readonly payload: unknown
  /** The encoded exit it ends with, once that is decided. */
  readonly outcome: unknown
  readonly steps: ReadonlyArray<StepView>
  readonly signals: ReadonlyArray<SignalView>
  readonly timers: ReadonlyArray<TimerView>
  readonly children: ReadonlyArray<ChildView>
  readonly cancelledAt: number | null
  readonly why: Why | null
  /** Everything, in order, as it is written down. */
  readonly events: ReadonlyArray<{
    readonly n: number
    readonly at: number
    readonly kind: string
    readonly subject: string | null
    readonly call: number | null
    readonly data: unknown
  }>
}

/** Why an execution failed, or cannot go on: one record, written when that happens. */
export interface Why {
  readonly because: "failure" | "defect" | "cancel" | "stuck" | "blocked"
  readonly message: string
  /** Who failed, in which job; the first is what the execution failed with. */
  readonly failures: ReadonlyArray<{
    readonly job: string
    readonly tag: string | null
    readonly message: string
    readonly stack: string | null
  }>
  /** For a stuck one: the steps a person has to see to. */
  readonly steps: ReadonlyArray<{
    readonly step: string
    readonly key: string | null
    readonly call: number
    readonly reason: string
  }>
}

/** What became of each step of a cancelled execution. */
export interface CancelReceipt {
  readonly id: string
  readonly status: Status
  /** Provisional until everything is settled; then it is final, and the same for everyone who asks. */
  readonly isFinal: boolean
  readonly steps: ReadonlyArray<{
    readonly step: string
    readonly key: string | null
    readonly state:
      | "cancelled"
      | "done and undone"
      | "done and kept"
      | "being undone"
      | "being settled"
      | "nobody knows"
      | "stuck"
      | "refused"
  }>
  /** In words: what the receipt says about the execution as a whole. */
  readonly summary: string
}

/** A request that was written down for an owner to carry out; nobody owns the journal just now, or it has not answered. */
export interface Pending {
  readonly _tag: "Pending"
  readonly request: number
}
