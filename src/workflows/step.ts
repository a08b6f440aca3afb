/**
 * One outside call of a story: what it does, under which key, and how it is taken back.
 *
 * The special rule: a step that began is never left half way. Whoever cancels the order waits for the answer, and a call
 * that took effect is known to the undo before anything else happens.
 *
 * Not here: which steps there are (`ProcessOrder.ts`), and surviving a crash (that takes an engine that writes down).
 */
import { Cause, Context, Effect, Schedule, Schema } from "effect"
import { make as makeActivity } from "effect/workflow/Activity"
import { withCompensation } from "effect/workflow/Workflow"
import { WorkflowInstance } from "effect/workflow/WorkflowEngine"
import { nonCancellable } from "../supervision/nonCancellable.ts"
import { OrderStuck } from "./errors.ts"
import { type StepKey, stepKey } from "./StepKey.ts"

/** What a step does and how that is taken back. */
export interface StepOptions<Input, S extends Schema.Constraint, F extends Schema.Constraint, R, R2> {
  readonly success: S
  readonly error: F
  readonly do: (input: Input, key: StepKey) => Effect.Effect<S["Type"], F["Type"], R>
  /** Runs when the execution fails, dies or is cancelled after the step was done: newest step first. */
  readonly undo: (done: S["Type"], key: StepKey, input: Input) => Effect.Effect<void, { readonly message: string }, R2>
}

/**
 * Defines one step of a workflow; what it gives runs the step on an input.
 *
 * **Details** — an undo that fails is tried again for about a second and a half; then the execution ends with the
 * defect {@link OrderStuck}, and the undos of older steps run all the same.
 *
 * **Gotchas** — the step cannot be cancelled, so `do` bounds its own time; one that takes longer than 30 seconds is told
 * to the `UncaughtHandler`. Define it once, outside of the story: its schemas are compiled where it is defined. The name
 * is unique in its workflow.
 */
export const step = <Input, S extends Schema.Constraint, F extends Schema.Constraint, R, R2>(
  name: string,
  options: StepOptions<Input, S, F, R, R2>
) => {
  const run = record(name, options.success, options.error, options.do)
  const undo = record(`${name}/undo`, Schema.Void, Schema.String, ([input, done]: readonly [Input, S["Type"]], key) =>
    again(options.undo(done, key, input))
  )
  return (input: Input) =>
    toItsEnd(
      name,
      withCompensation(run(input), (done, cause) =>
        toItsEnd(`${name}/undo`, undo([input, done])).pipe(
          Effect.catchCause((failed) =>
            Effect.die(new OrderStuck({ step: name, reason: inWords(failed), because: inWords(cause) }))
          ),
          Effect.andThen(Effect.flatMap(StepUndone, (tell) => tell(name)))
        )
      )
    )
}

/** Hears of each step that was taken back. Nobody listens unless one is provided. */
export const StepUndone = Context.Reference<(step: string) => Effect.Effect<void>>("firebreak/StepUndone", {
  defaultValue: () => () => Effect.void
})

// A critical section is a fiber of its own, and here that matters twice. An engine makes the inside of an activity
// interruptible whatever surrounds it, so an interrupt in the middle of a charge would throw its answer away, and one
// that is pending when an undo begins would keep it from beginning. It begins in a turn of its own, when the engine has
// parked: before that, the memory engine does not wait for a run that somebody interrupts.
const toItsEnd = <A, E, R>(name: string, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  nonCancellable(Effect.andThen(Effect.yieldNow, effect), { name, within: "30 seconds" })

const record = <Input, S extends Schema.Constraint, F extends Schema.Constraint, R>(
  name: string,
  success: S,
  error: F,
  call: (input: Input, key: StepKey) => Effect.Effect<S["Type"], F["Type"], R>
) => {
  const Input = Context.Service<{ readonly step: string }, { readonly input: Input }>(`firebreak/step/${name}`)
  const activity = makeActivity({
    name,
    success,
    error,
    execute: Effect.gen(function* () {
      const { executionId } = yield* WorkflowInstance
      const { input } = yield* Input
      return yield* call(input, stepKey(executionId, name))
    }),
    interruptRetryPolicy: Schedule.recurs(0) // by default an interrupted activity runs up to ten times more
  })
  return (input: Input) => Effect.provideService(activity, Input, { input })
}

// After 50, 100, … 800 ms, with the same key.
const again = <A, R>(undo: Effect.Effect<A, { readonly message: string }, R>): Effect.Effect<A, string, R> =>
  undo.pipe(
    Effect.retry({ schedule: Schedule.exponential("50 millis"), times: 5 }),
    Effect.mapError((error) => error.message)
  )

const inWords = (cause: Cause.Cause<unknown>): string => {
  if (Cause.hasInterruptsOnly(cause)) return "the order was cancelled"
  const error = Cause.squash(cause)
  return error instanceof Error ? error.message : String(error)
}
