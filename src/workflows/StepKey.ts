/**
 * The key that makes an outside call harmless to repeat.
 *
 * The special rule: a key is made by who runs the step, of the journal, the execution and the step; of nothing else. The
 * same step of the same execution has the same key whoever runs it and however often, so a payment gateway that has seen
 * it charges no second time.
 *
 * Not here: how it is made (`adapters/engine`), and what a repeated key promises (each port, on each method).
 */
import { Schema } from "effect"

/** An idempotency key: a sha256 in hex, so nothing personal is in it and every gateway takes it. */
export const StepKey = Schema.String.check(
  Schema.isPattern(/^[0-9a-f]{64}$/, { message: "is not a key of a step: 64 hexadecimal characters" })
).pipe(Schema.brand("StepKey"))
export type StepKey = typeof StepKey.Type
