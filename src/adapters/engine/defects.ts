/**
 * Mistakes of a program, and ends that no program can answer: defects, each with what to do about it.
 *
 * The special rule: none of them is among the typed errors of a workflow. What a program can answer is an error of a
 * step, of the workflow, or of the request (`Journal.ts`).
 */
import { Data } from "effect"

/** The same step was asked for twice in one execution. */
export class DuplicateStep extends Data.TaggedError("DuplicateStep")<{
  readonly step: string
  readonly state: string
}> {
  override get message() {
    return `the step "${this.step}" was asked for twice in one execution (the first is ${this.state}): give each call a key of its own, step(input, { key })`
  }
}

/** The execution needs a person: something could not be taken back, or nobody knows whether it happened. */
export class ExecutionStuck extends Data.TaggedError("ExecutionStuck")<{
  readonly id: string
  readonly reason: string
}> {
  override get message() {
    return `execution ${this.id} needs a person: ${this.reason}`
  }
}

/** The execution cannot go on as it is. */
export class ExecutionBlocked extends Data.TaggedError("ExecutionBlocked")<{
  readonly id: string
  readonly reason: string
}> {
  override get message() {
    return `execution ${this.id} is blocked: ${this.reason}`
  }
}

/** A child was cancelled by somebody else, and its parent waits for a result that will not come. */
export class ChildCancelled extends Data.TaggedError("ChildCancelled")<{
  readonly workflow: string
  readonly id: string
}> {
  override get message() {
    return `the child ${this.workflow} ${this.id} was cancelled, but not by its parent, which waits for it`
  }
}

/** This process cannot write the journal any more; what it ran goes on in whoever owns the journal next. */
export class JournalLost extends Data.TaggedError("JournalLost")<{ readonly reason: string }> {
  override get message() {
    return `the journal was lost: ${this.reason}`
  }
}

/** The workflow has no layer here. */
export class WorkflowNotRegistered extends Data.TaggedError("WorkflowNotRegistered")<{ readonly workflow: string }> {
  override get message() {
    return `the workflow "${this.workflow}" is not registered: provide its layer beside the journal's`
  }
}

/** The layer of the workflow is being closed: nothing new of it is started here. */
export class LayerClosing extends Data.TaggedError("LayerClosing")<{ readonly workflow: string }> {
  override get message() {
    return `the layer of the workflow "${this.workflow}" is being closed: nothing new is started`
  }
}

/** What is to be written down is too large. */
export class TooLarge extends Data.TaggedError("TooLarge")<{
  readonly what: string
  readonly characters: number
  readonly limit: number
}> {
  override get message() {
    return `${this.what} has ${this.characters} characters, and the journal takes ${this.limit}: keep large things elsewhere and write down where`
  }
}

/** The workflow cannot be kept in a journal as it is. */
export class WorkflowUnusable extends Data.TaggedError("WorkflowUnusable")<{
  /** None where it is not known yet which one it is. */
  readonly workflow: string | undefined
  readonly reason: string
}> {
  override get message() {
    return `the workflow${this.workflow === undefined ? "" : ` "${this.workflow}"`} ${this.reason}`
  }
}
