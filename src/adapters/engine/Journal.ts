/**
 * A journal and what can be asked of it: the typed side of durable executions.
 *
 * The special rule: an answer that says something has happened is given only after that has been written down.
 *
 * Not here: how executions run (`Run.ts`), and where a journal is kept (`Store.ts`).
 */
import { Context, Data } from "effect"
import type { Duration, Effect, Exit, Schema } from "effect"
import type * as DurableDeferred from "effect/workflow/DurableDeferred"
import type * as Workflow from "effect/workflow/Workflow"
import type { ListFilter, Status, StoreError } from "./Store.ts"
import type { CancelReceipt, ExecutionHistory, ExecutionSummary, Pending, Why } from "./views.ts"

/** There is no execution of that id or name. */
export class ExecutionNotFound extends Data.TaggedError("ExecutionNotFound")<{ readonly id: string }> {
  override get message() {
    return `the journal knows no execution "${this.id}"`
  }
}

/** Executions of several workflows have that name, and nobody guesses which one is meant. */
export class NameAmbiguous extends Data.TaggedError("NameAmbiguous")<{
  readonly name: string
  readonly executions: ReadonlyArray<{ readonly workflow: string; readonly id: string }>
}> {
  override get message() {
    const [few, more] = [this.executions.slice(0, 5), this.executions.length - 5]
    const all = few.map(({ id, workflow }) => `${workflow} ${id}`).join(", ") + (more > 0 ? ` and ${more} more` : "")
    return `the journal knows several executions "${this.name}": ${all}. Say which by its id`
  }
}

/** The same idempotency key was used before, for another payload. */
export class PayloadConflict extends Data.TaggedError("PayloadConflict")<{
  readonly workflow: string
  readonly name: string
  readonly recorded: string
  readonly asked: string
  /** The fields that differ. */
  readonly differs: ReadonlyArray<string>
}> {
  override get message() {
    return `${this.workflow} "${this.name}" was started before with another payload (differs: ${this.differs.join(", ")}; recorded ${this.recorded.slice(0, 12)}, asked ${this.asked.slice(0, 12)})`
  }
}

/** What was asked does not fit what the execution is at: it is not stuck, has ended already, knows no such step. */
export class RequestRefused extends Data.TaggedError("RequestRefused")<{
  readonly id: string
  readonly request: string
  readonly reason: string
}> {
  override get message() {
    return `${this.request} ${this.id}: ${this.reason}`
  }
}

/** How an execution came to rest: it has ended, or cannot go on without a person. */
export interface Rest<A, E> {
  readonly id: string
  readonly status: Status
  /** Whether this asking started it, found it unfinished, or found it ended. */
  readonly found: "new" | "resumed" | "finished"
  /** What it ended with; none while it is stuck or blocked. */
  readonly exit: Exit.Exit<A, E> | undefined
  readonly why: Why | null
  /** The steps that were taken back, newest first. */
  readonly undone: ReadonlyArray<string>
}

/** What a person says of a step that nobody knows about, or that could not be taken back. */
export type Verdict =
  | { readonly _tag: "Done"; /** the value, as JSON of the step's success schema */ readonly value?: unknown }
  | { readonly _tag: "Absent" }
  | { readonly _tag: "Undone" }

/**
 * What anybody may ask, whether or not somebody owns the journal. Who visits gets `Pending` where no owner answers in time.
 *
 * **Details** — an execution is named by its id, which `start` answers, or by the name people use: the idempotency key it
 * was started with, such as the id of an order. A name means what was started for itself rather than somebody's child.
 * Where executions of several workflows are left it is refused as `NameAmbiguous`, which has the ids of all of them.
 */
export interface JournalVisit {
  readonly list: (filter?: Partial<ListFilter>) => Effect.Effect<ReadonlyArray<ExecutionSummary>, StoreError>
  /** By id, or by name. */
  readonly show: (id: string) => Effect.Effect<ExecutionHistory, ExecutionNotFound | NameAmbiguous | StoreError>
  readonly why: (id: string) => Effect.Effect<Why | null, ExecutionNotFound | NameAmbiguous | StoreError>
  readonly counts: Effect.Effect<ReadonlyMap<Status, number>, StoreError>
  /** Cancels an execution. Asking again gives the receipt as it is then. */
  readonly cancel: (
    id: string
  ) => Effect.Effect<CancelReceipt | Pending, ExecutionNotFound | NameAmbiguous | RequestRefused | StoreError>
  /** Tries a stuck or blocked execution again. */
  readonly retry: (
    id: string
  ) => Effect.Effect<Status | Pending, ExecutionNotFound | NameAmbiguous | RequestRefused | StoreError>
  /** Says what became of a step. `step` is its name, or name and key as `name/key`. */
  readonly settle: (
    id: string,
    step: string,
    verdict: Verdict
  ) => Effect.Effect<Status | Pending, ExecutionNotFound | NameAmbiguous | RequestRefused | StoreError>
  /**
   * Completes a durable deferred of an execution, from any process: who waits for it goes on, and who comes to it later
   * finds it. The first one counts. An execution that is not there yet is meant by its execution id, and told when it is.
   */
  readonly signal: <S extends Schema.Constraint, E extends Schema.Constraint>(
    id: string,
    deferred: DurableDeferred.DurableDeferred<S, E>,
    exit: Exit.Exit<S["Type"], E["Type"]>
  ) => Effect.Effect<
    "told" | "not waiting" | Pending,
    NameAmbiguous | RequestRefused | StoreError,
    S["EncodingServices"] | E["EncodingServices"]
  >
}

/** A workflow with its schemas; what `Workflow.make` gives. */
type AnyWorkflow<P extends Workflow.AnyStructSchema, S extends Schema.Top, E extends Schema.Top> = Workflow.Workflow<
  string,
  P,
  S,
  E
>

/** A journal that this process owns: the layer of a store provides it, together with Effect's `WorkflowEngine`. */
export class Journal extends Context.Service<
  Journal,
  JournalVisit & {
    /**
     * Runs a workflow to its rest: starts it, joins it, or looks up how it ended. Interrupting the wait does not cancel
     * the execution.
     */
    readonly run: <P extends Workflow.AnyStructSchema, S extends Schema.Top, E extends Schema.Top>(
      workflow: AnyWorkflow<P, S, E>,
      payload: P["~type.make.in"]
    ) => Effect.Effect<Rest<S["Type"], E["Type"]>, PayloadConflict>
    /** Starts it and answers its id as soon as that is written down. */
    readonly start: <P extends Workflow.AnyStructSchema, S extends Schema.Top, E extends Schema.Top>(
      workflow: AnyWorkflow<P, S, E>,
      payload: P["~type.make.in"]
    ) => Effect.Effect<string, PayloadConflict>
    /** Turns ended executions into tombstones. Never touches one that has not ended. Answers how many. */
    readonly remove: (which: {
      readonly status?: ReadonlyArray<"completed" | "refused" | "failed" | "cancelled">
      readonly olderThan: Duration.Input
    }) => Effect.Effect<number, StoreError>
    /** How many executions are in memory, and how many are waited for. */
    readonly load: Effect.Effect<{ readonly inMemory: number; readonly awaited: number }>
  }
>()("firebreak/Journal") {}
