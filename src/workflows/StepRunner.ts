/**
 * Who runs the steps of the execution that a fiber belongs to: the port that an engine with a journal fulfils.
 *
 * The special rule: without one a step does not run at all. On an engine that writes nothing down, a step could be
 * repeated or lost blindly, so it refuses at once and says what is missing.
 *
 * Not here: who fulfils it (`adapters/engine`).
 */
import { Context } from "effect"
import type { Effect } from "effect"
import type { StepDefinition } from "./StepDefinition.ts"

export interface RunsSteps {
  /** Runs one step of the execution in which it is evaluated. `key` tells several calls of the same step apart. */
  readonly step: (step: StepDefinition, input: unknown, key: string | undefined) => Effect.Effect<unknown, unknown>
}

export const StepRunner = Context.Reference<RunsSteps | undefined>("firebreak/workflows/StepRunner", {
  defaultValue: () => undefined
})
