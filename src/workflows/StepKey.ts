/**
 * The key that makes an outside call harmless to repeat.
 *
 * The special rule: a key is made of the execution and the step, of nothing else. The same step of the same order has
 * the same key whoever runs it and however often, so a payment gateway that has seen it charges no second time.
 *
 * Not here: who asks with it (`step.ts`) and what a repeated key promises (each port, on each method).
 */
import { Schema } from "effect"

/** An idempotency key: at most 64 characters, nothing personal in it. */
export const StepKey = Schema.String.check(Schema.isMaxLength(64)).pipe(Schema.brand("StepKey"))
export type StepKey = typeof StepKey.Type

/** The key of the step named `step` in an execution. An execution's id is a digest, so no customer shows in it. */
export const stepKey = (executionId: string, step: string): StepKey => StepKey.make(`${executionId}/${step}`)
