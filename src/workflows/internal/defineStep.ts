/**
 * How a step comes to be, and what calling it does.
 *
 * The special rule: whatever can be wrong with a step is found where it is defined, before it has had any effect.
 *
 * Not here: its types (`Step.ts`), and its runs (`StepRunner.ts`).
 */
import { Context, Effect, Fiber, Schema, SchemaParser } from "effect"
import type { Duration } from "effect"
import { WorkflowInstance } from "effect/workflow/WorkflowEngine"
import { Indeterminate, Unavailable } from "../outcomes.ts"
import type { StepDefinition, UndoDefinition } from "../StepDefinition.ts"
import { StepDefinedInside, StepNeedsJournal, StepUnusable } from "../stepMistakes.ts"
import { StepRunner } from "../StepRunner.ts"
import { addStep } from "../stepsNamed.ts"
import { refuseName, refuseUnless } from "./parts.ts"
import { millisOf, policyOf, type StepRetry } from "./policies.ts"
import { type StepSchema, writtenBy, writtenPlainly } from "./written.ts"

/** The options of a step without their types. */
export interface AnyStepOptions {
  readonly input?: StepSchema
  readonly success?: StepSchema
  readonly error?: StepSchema
  readonly do: StepDefinition["do"]
  readonly undo: UndoDefinition["do"] | AnyUndoOptions | "irreversible" | "nothing"
  readonly unknown: StepDefinition["unknown"]
  readonly retry?: StepRetry
  readonly timeout?: Duration.Input
  readonly keyLifetime?: Duration.Input
  readonly gaveUp?: (last: Unavailable, input: unknown) => unknown
}

interface AnyUndoOptions {
  readonly do: UndoDefinition["do"]
  readonly unknown?: UndoDefinition["unknown"]
  readonly retry?: StepRetry
  readonly timeout?: Duration.Input
}

export const defineStep = (name: string, options: AnyStepOptions) => {
  refuseName(name)
  refuseInside(name)
  const definition = definitionOf(name, options)
  addStep(definition)
  return callable(definition)
}

const definitionOf = (name: string, options: AnyStepOptions): StepDefinition => {
  const { error = Schema.Never, gaveUp, input, keyLifetime = "24 hours", success = Schema.Void } = options
  refuseUnless(name, "do", options.do, "a function that does it")
  refuseUnless(name, "unknown", options.unknown, lookOrWord, "repeat", "ask", "leave")
  if (gaveUp !== undefined) refuseUnless(name, "gaveUp", gaveUp, "a function that gives the refusal")
  return {
    name,
    input: input === undefined ? writtenPlainly(name) : writtenBy(name, "input", input),
    success: writtenBy(name, "success", success),
    error: writtenBy(name, "error", error),
    isRefusal: refusalsOf(name, error),
    do: options.do,
    undo: undoOf(name, options.undo),
    unknown: options.unknown,
    retry: policyOf(name, "retry", options.retry),
    timeout: options.timeout === undefined ? undefined : millisOf(name, "timeout", options.timeout),
    keyLifetime: millisOf(name, "keyLifetime", keyLifetime, "more than zero, or Infinity"),
    gaveUp: gaveUp === undefined ? undefined : (last, input) => gaveUp(new Unavailable({ reason: last }), input)
  }
}

const lookOrWord = 'a function that looks, or "repeat", "ask" or "leave"'
const undoOrWord = 'a function that takes it back, an object with such a do, or "irreversible" or "nothing"'

const undoOf = (step: string, undo: AnyStepOptions["undo"]): StepDefinition["undo"] => {
  if (typeof undo !== "object" || undo === null) refuseUnless(step, "undo", undo, undoOrWord, "irreversible", "nothing")
  if (typeof undo === "string") return undo
  const {
    do: take,
    retry,
    timeout,
    unknown = "repeat"
  }: AnyUndoOptions = typeof undo === "function" ? { do: undo } : undo
  refuseUnless(step, "undo.do", take, "a function that takes it back")
  refuseUnless(step, "undo.unknown", unknown, 'a function that looks, or "repeat"', "repeat")
  return {
    do: take,
    unknown,
    retry: policyOf(step, "undo.retry", retry),
    timeout: timeout === undefined ? undefined : millisOf(step, "undo.timeout", timeout)
  }
}

/** A schema that takes everything would make refusals of what may have happened. */
const refusalsOf = (step: string, error: StepSchema): ((failure: unknown) => boolean) => {
  const isRefusal = SchemaParser.is(error)
  if (isRefusal(new Unavailable({ reason: "" })) || isRefusal(new Indeterminate({ reason: "" }))) {
    const reason =
      "takes Unavailable or Indeterminate, which are no refusals: list the refusals and leave these two out, do may fail with them all the same"
    throw new StepUnusable({ step, field: "error", reason })
  }
  return isRefusal
}

const refuseInside = (step: string): void => {
  const fiber = Fiber.getCurrent()
  if (fiber?.getRef(StepRunner) !== undefined)
    throw new StepDefinedInside({ step, workflow: workflowOf(fiber.context) })
}

const workflowOf = (context: Context.Context<never>): string | undefined =>
  Context.getOrUndefined(context, WorkflowInstance)?.workflow._tag

const callable = (definition: StepDefinition) => {
  const { name } = definition
  const call = (input: unknown, options?: { readonly key?: string }) =>
    Effect.withFiber<unknown, unknown>((fiber) => {
      const runner = fiber.getRef(StepRunner)
      if (runner === undefined)
        return Effect.die(new StepNeedsJournal({ step: name, workflow: workflowOf(fiber.context) }))
      const key = options?.key
      if (key !== "") return runner.step(definition, input, key)
      return Effect.die(
        new StepUnusable({ step: name, field: "key", reason: "is empty: leave it out, or tell the calls apart by it" })
      )
    })
  // A function's own name can be set, but not by assigning to it.
  return Object.defineProperties(call, { name: { value: name }, definition: { value: definition, enumerable: true } })
}
