/**
 * The steps that this process knows, by name: where an engine finds the undo of a step that another process ran.
 *
 * The special rule: names are not unique here. Two modules may each have a step named `charge`, for workflows that never
 * meet; who asks looks for the one that fits.
 *
 * Not here: the steps themselves (`Step.ts` puts them in).
 */
import type { StepDefinition } from "./StepDefinition.ts"

const steps = new Map<string, Array<StepDefinition>>()
const workflows = new WeakMap<StepDefinition, string>()

/** The steps of that name that were defined so far, the oldest first; for a workflow those that may be its own. */
export const stepsNamed = (name: string, workflow?: string): ReadonlyArray<StepDefinition> => {
  const named = steps.get(name) ?? []
  if (workflow === undefined) return named
  return named.filter((step) => (workflows.get(step) ?? workflow) === workflow)
}

/** These steps are of one workflow only, whatever others call theirs. */
export const keepSteps = (workflow: string, ...kept: ReadonlyArray<{ readonly definition: StepDefinition }>): void => {
  for (const { definition } of kept) workflows.set(definition, workflow)
}

/** Steps are defined at module level, so none is ever taken out. */
export const addStep = (step: StepDefinition): void => {
  const sameName = steps.get(step.name)
  if (sameName === undefined) steps.set(step.name, [step])
  else sameName.push(step)
}
