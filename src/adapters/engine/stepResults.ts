/**
 * What a story is told of a step, and when it may ask for the same step again.
 *
 * The special rule: it is told what stands in the row, also by the process that wrote it: a story sees the same again.
 */
import { Cause, Exit } from "effect"
import { OutcomeUnknown, StepGaveUp } from "../../workflows/outcomes.ts"
import type { StepDefinition } from "../../workflows/StepDefinition.ts"
import type { Call } from "./Call.ts"
import type { Run } from "./Run.ts"
import type { EventRow } from "./Store.ts"

/** The exit that a row stands for; none if it cannot be read, and then the execution is blocked. */
export const stepResult = (
  run: Run,
  step: StepDefinition,
  call: Call,
  row: EventRow
): Exit.Exit<unknown, unknown> | undefined => {
  const read = run.engine.readable(run, call, (): Exit.Exit<unknown, unknown> => {
    const data: unknown = row.data === null ? null : JSON.parse(row.data)
    switch (row.kind) {
      case "done":
        return Exit.succeed(step.success.decode(data))
      case "refused":
        return Exit.fail(step.error.decode(data))
      case "left":
        return Exit.fail(new OutcomeUnknown({ step: call.subject, reason: (data as { reason: string }).reason })) // sound: as `StepCall` wrote it
      case "gave-up": {
        const { error, ...gaveUp } = data as { error?: unknown; step: string; attempts: number; reason: string } // sound: as above
        return Exit.fail(error === undefined ? new StepGaveUp(gaveUp) : step.error.decode(error))
      }
      default:
        return Exit.interrupt()
    }
  })
  if (read !== undefined && Exit.isFailure(read.value)) {
    for (const { error } of read.value.cause.reasons.filter(Cause.isFailReason)) {
      if (typeof error === "object" && error !== null) callOf.set(error, call)
    }
  }
  return read?.value
}

const callOf = new WeakMap<object, Call>()

/** The call that failed with this very error: a story may hand it on from job to job. */
export const callThatFailedWith = (error: unknown): Call | undefined =>
  typeof error === "object" && error !== null ? callOf.get(error) : undefined

/** Whether the same step may be asked for again after this call of it. */
export const mayFollow = (before: Call): boolean =>
  before.undo === "undone" ||
  before.state === "refused" ||
  before.state === "gaveUp" ||
  before.state === "left" ||
  before.state === "cancelled"

/** The key changes after a refusal and after an undo, and never while nobody knows what became of it. */
export const generationAfter = (before: Call | undefined): number => {
  if (before === undefined) return 0
  return before.generation + (before.state === "refused" || before.undo === "undone" ? 1 : 0)
}
