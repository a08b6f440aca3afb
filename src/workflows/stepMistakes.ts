/**
 * Mistakes in the definition and the use of steps. They are defects: the program is wrong, and the message says what to
 * write instead.
 */
import { Data } from "effect"

/** A step is defined, or called, with something that cannot work. `field` is the option that is wrong. */
export class StepUnusable extends Data.TaggedError("StepUnusable")<{
  readonly step: string
  readonly field: string
  readonly reason: string
}> {
  override get message(): string {
    return `the step "${this.step}" cannot be used: ${this.field} ${this.reason}`
  }
}

/** A step was defined while a workflow ran. Its undo could not be found again by another process. */
export class StepDefinedInside extends Data.TaggedError("StepDefinedInside")<{
  readonly step: string
  readonly workflow: string | undefined
}> {
  override get message(): string {
    const where = this.workflow === undefined ? "a workflow" : `the workflow "${this.workflow}"`
    return `the step "${this.step}" is defined inside of ${where}: move Step.make to module level and pass what it needs as its input, because its undo may run in a process that never ran the workflow`
  }
}

/** The input of a step has something in it that a journal would lose or change. */
export class StepInputUnusable extends Data.TaggedError("StepInputUnusable")<{
  readonly step: string
  /** The field, such as `lines[0].at`; empty for the input itself. */
  readonly path: string
  readonly reason: string
}> {
  override get message(): string {
    const where = this.path === "" ? "it" : this.path
    return `the input of the step "${this.step}" cannot be written down: ${where} ${this.reason}. Give the step an input schema (input: …), or pass plain data`
  }
}

/** A value does not fit the schema that the step was given for it, on its way into the journal or out of it. */
export class StepValueUnusable extends Data.TaggedError("StepValueUnusable")<{
  readonly step: string
  /** The schema that it does not fit. */
  readonly schema: "input" | "success" | "error"
  readonly way: "written down" | "read back"
  readonly reason: string
}> {
  override get message(): string {
    return `what is of the ${this.schema} schema of the step "${this.step}" cannot be ${this.way}: ${this.reason}`
  }
}

/** A step was called where nothing is written down. */
export class StepNeedsJournal extends Data.TaggedError("StepNeedsJournal")<{
  readonly step: string
  readonly workflow: string | undefined
}> {
  override get message(): string {
    const where = this.workflow === undefined ? "outside of a workflow" : `in the workflow "${this.workflow}"`
    return `the step "${this.step}" was called ${where} without a journal: run the workflow on layerSqlite({ file }), layerPostgres({ url }) or, in tests, layerMemory(), all from "firebreak/journal"`
  }
}
