/**
 * Which of several steps with one name is meant, by a process that has not run the story.
 *
 * The special rule: the name of a step is unique in an execution, not in a program. Where two have the same, what is
 * written down of a call says which of them it was, by a digest of what it does; from then on only that one is meant,
 * also when the others are gone. One that was changed since fits none of them: nobody guesses whose undo to run.
 */
import type { StepDefinition } from "../../workflows/StepDefinition.ts"
import { stepsNamed } from "../../workflows/stepsNamed.ts"
import { digestOf } from "./keys.ts"

/** What tells a step from others of its name; none while it is the only one. */
export const markOf = (step: StepDefinition, workflow: string): { readonly mark?: string } =>
  stepsNamed(step.name, workflow).length < 2 ? {} : { mark: digestOfStep(step) }

/** The step of that name; with a mark, the one that it is of. */
export const stepMeant = (name: string, mark: string | null, workflow: string): StepDefinition | undefined => {
  const known = stepsNamed(name, workflow)
  const meant = mark === null ? known : known.filter((step) => digestOfStep(step) === mark)
  return meant.length === 1 ? meant[0] : undefined
}

/** Why none is meant, for who has to see to it. */
export const whyNoneIsMeant = (name: string, mark: string | null, workflow: string): string => {
  const alike = stepsNamed(name, workflow).filter((step) => mark === null || digestOfStep(step) === mark)
  return alike.length > 1
    ? `${alike.length} steps are called "${name}", and nothing tells which of them it was: give each a name of its own`
    : `the program does not have the step "${name}" any more as it was`
}

const digests = new WeakMap<StepDefinition, string>()

const digestOfStep = (step: StepDefinition): string => {
  const known = digests.get(step)
  if (known !== undefined) return known
  const { undo, unknown } = step
  const parts = typeof undo === "string" ? [undo] : [undo.do, undo.unknown]
  const digest = digestOf([step.do, ...parts, unknown].map(String).join("\n")).slice(0, 8)
  digests.set(step, digest)
  return digest
}
