/**
 * One outside call of a story: what it does, under which key, and how it is taken back.
 *
 * The special rule: a step that began is never left half way. Whoever cancels the order waits for the answer, and a call
 * that took effect is known to the undo before anything else happens.
 *
 * Not here: which steps there are (`ProcessOrder.ts`), and surviving a crash (that takes an engine that writes down).
 */
import { Cause, Context, Effect, Fiber, Schedule, Schema } from "effect"
import { make as makeActivity } from "effect/workflow/Activity"
import { withCompensation } from "effect/workflow/Workflow"
import { WorkflowInstance } from "effect/workflow/WorkflowEngine"
import { OrderStuck } from "./errors.ts"
import { type StepKey, stepKey } from "./StepKey.ts"

/** What a step does and how that is taken back. */
export interface StepOptions<S extends Schema.Constraint, F extends Schema.Constraint, R, R2> {
  readonly success: S
  readonly error: F
  readonly do: (key: StepKey) => Effect.Effect<S["Type"], F["Type"], R>
  /** Runs when the execution fails, dies or is cancelled after the step was done: newest step first. */
  readonly undo: (done: S["Type"], key: StepKey) => Effect.Effect<void, { readonly message: string }, R2>
}

/**
 * Runs one step of a workflow.
 *
 * **Details** — an undo that fails is tried again for about a second and a half; then the execution ends with the
 * defect {@link OrderStuck}, and the undos of older steps run all the same.
 *
 * **Gotchas** — the step cannot be interrupted, so `do` bounds its own time. The name is unique in its workflow.
 */
export const step = <S extends Schema.Constraint, F extends Schema.Constraint, R, R2>(
  name: string,
  options: StepOptions<S, F, R, R2>
) =>
  Effect.uninterruptible(
    withCompensation(record(name, options.success, options.error, options.do), (done, cause) =>
      record(`${name}/undo`, Schema.Void, Schema.String, (key) =>
        options.undo(done, key).pipe(
          Effect.retry(patiently),
          Effect.mapError((error) => error.message)
        )).pipe(
          Effect.catchCause((failed) => new OrderStuck({ step: name, reason: inWords(failed), because: inWords(cause) })),
          Effect.orDie,
          Effect.andThen(tellUndone(name))
        ))
  )

/** Hears of each step that was taken back. Nobody listens unless one is provided. */
export const StepUndone = Context.Reference<(step: string) => Effect.Effect<void>>("firebreak/StepUndone", {
  defaultValue: () => () => Effect.void
})

const tellUndone = (name: string) => Effect.flatMap(StepUndone, (tell) => tell(name))

// 50, 100, … 800 ms. Times are those of the fiber's Clock.
const patiently = { schedule: Schedule.exponential("50 millis"), times: 5 }

/**
 * An activity on a fiber that nobody else can interrupt. An engine makes the inside of an activity interruptible
 * whatever surrounds it: an interrupt in the middle of a charge would throw its answer away, and one that is already
 * pending when an undo begins would keep it from beginning. The fiber begins in a turn of its own, when the engine has
 * parked: before that, the memory engine does not wait for a run that somebody interrupts.
 */
const record = <S extends Schema.Constraint, F extends Schema.Constraint, R>(
  name: string,
  success: S,
  error: F,
  call: (key: StepKey) => Effect.Effect<S["Type"], F["Type"], R>
) =>
  Effect.uninterruptible(
    Effect.flatMap(
      Effect.forkDetach(
        makeActivity({
          name,
          success,
          error,
          execute: Effect.flatMap(WorkflowInstance, (instance) => call(stepKey(instance.executionId, name))),
          interruptRetryPolicy: Schedule.recurs(0) // by default an interrupted activity runs up to ten times more
        })
      ),
      Fiber.join
    )
  )

const inWords = (cause: Cause.Cause<unknown>): string => {
  if (Cause.hasInterruptsOnly(cause)) return "the order was cancelled"
  const error = Cause.squash(cause)
  return error instanceof Error ? error.message : String(error)
}
