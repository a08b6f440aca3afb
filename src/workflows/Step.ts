/**
 * One durable step of a workflow: what it does, how that is taken back, and how one learns whether it happened.
 *
 * The special rule: a step is defined once, at module level, and closes over nothing of a story. Its undo may run in a
 * process that never ran the story, from what the journal holds: input, result and key.
 *
 * Not here: who runs steps (`StepRunner.ts`), and what may come of them (`outcomes.ts`).
 */
import type { Duration, Effect, Schema } from "effect"
import type { WorkflowEngine, WorkflowInstance } from "effect/workflow/WorkflowEngine"
import { type AnyStepOptions, defineStep } from "./internal/defineStep.ts"
import type { StepRetry } from "./internal/policies.ts"
import type { StepSchema } from "./internal/written.ts"
import type { Found, Indeterminate, OutcomeUnknown, StepGaveUp, Unavailable } from "./outcomes.ts"
import type { StepDefinition } from "./StepDefinition.ts"
import type { StepKey } from "./StepKey.ts"
import type { StepName } from "./stepMessages.ts"

export type { StepRetry, StepSchema }

/** A step: called in the story of a workflow, it runs, or gives what it came to when it ran before. */
export interface Step<in Input, out A, out E, out R> {
  /** `key` tells several calls in one execution apart, such as the article in a loop over articles. */
  (input: Input, options?: { readonly key?: string }): Effect.Effect<A, E, R | WorkflowEngine | WorkflowInstance>
  readonly name: string
  /** What engines work with. */
  readonly definition: StepDefinition
}

/** How a step is taken back, where doing it again with the same key is not harmless for ever. */
export interface StepUndo<in Input, in A, out R, out R2> {
  /**
   * Takes it back. What it gives is of no interest. It is tried again while it fails with
   * `Unavailable`, looked at or repeated after `Indeterminate`, and stuck with anything else: then a person sees to it.
   */
  readonly do: (success: A, key: StepKey, input: Input) => Effect.Effect<unknown, unknown, R>
  /**
   * When nobody knows whether it was taken back: look, or do it again with the same key, which is what is done without
   * an answer. `Found.done` means that it was taken back, `Found.absent` that it was not.
   */
  readonly unknown?:
    | ((success: A, key: StepKey, input: Input) => Effect.Effect<Found<unknown, unknown>, unknown, R2>)
    | "repeat"
  readonly retry?: StepRetry
  /** How long one attempt may take. */
  readonly timeout?: Duration.Input
}

/** A look, whatever it takes. */
export type LookThatFinds<A, E> = (input: never, key: never) => Effect.Effect<Found<A, E>, unknown, unknown>

export interface StepOptions<Input, S, F, A, E, Failure, R, R2, R3, R4, U> {
  /** Of the input. Without one the input is plain data, or an instance of a `Schema.Class` whose fields are. */
  readonly input?: StepSchema<Input>
  /** Of what `do` gives; nothing without one. */
  readonly success?: S
  /** Of the refusals: it did not happen, and asking again with the same key will not change that. None without one. */
  readonly error?: F
  /**
   * Does it. Besides with a refusal it may fail with `Unavailable`: it surely did not happen, and is tried again; or
   * with `Indeterminate`: it may have happened. A defect, a timeout and an interruption mean the latter too.
   */
  readonly do: (input: Input, key: StepKey) => Effect.Effect<A, Failure, R>
  /**
   * How it is taken back: by this, as often as it takes, with a key of its own; or it cannot be (`"irreversible"`); or
   * it leaves nothing to take back (`"nothing"`).
   */
  readonly undo?:
    | ((success: A, key: StepKey, input: Input) => Effect.Effect<unknown, unknown, R3>)
    | StepUndo<Input, A, R3, R4>
    | "irreversible"
    | "nothing"
  /**
   * When nobody knows whether it happened: look; or do it again (`"repeat"`: the same key makes that harmless); or ask a
   * person (`"ask"`: until then the execution is stuck); or go on (`"leave"`: with an `OutcomeUnknown`).
   *
   * A look that finds nothing says `Found.absent` only when it has made sure that it cannot happen any more; else
   * `Found.unknown`, and it is asked again later. A look that fails is asked again as well.
   */
  readonly unknown?: ((input: Input, key: StepKey) => Effect.Effect<Found<A, E>, unknown, R2>) | U
  /** What happens when it is `Unavailable`: 5 attempts within 10 minutes. */
  readonly retry?: StepRetry
  /** How long one attempt may take; as long as it likes without one. After that nobody knows whether it happened. */
  readonly timeout?: Duration.Input
  /** How long the other side remembers a key: 24 hours. Later than that, doing it again might do it twice. */
  readonly keyLifetime?: Duration.Input
  /** The refusal that stands for a step that was `Unavailable` to the last; `StepGaveUp` without one. */
  readonly gaveUp?: (last: Unavailable, input: Input) => E
}

/** Fails with `StepGaveUp`: a step that may be `Unavailable`, and says nothing of what that means in the end. */
export type GivesUp<Failure, K extends string> = [Extract<Failure, Unavailable>] extends [never]
  ? never
  : ["gaveUp"] extends [K]
    ? never
    : StepGaveUp

/** Fails with `OutcomeUnknown`: a step that is left as it is when nobody knows. */
export type Leaves<U> = "leave" extends U ? OutcomeUnknown : never

/** Durable steps. */
export const Step: {
  /**
   * Defines a step: one call to the world outside, that happens once however often its story is run again.
   *
   * **When to use** — whatever a workflow does that others can see: charge, reserve, send. What it only computes needs
   * no step.
   *
   * **Details** — the name is data: it stands in the journal and in the key, so renaming a step makes another one of
   * it. It has 100 characters at most, none of them a slash or a control character. It is unique in its execution; several calls of one step get a `key` each. `do` gets a key that is the same for
   * every attempt, also after a crash; hand it to the other side as its idempotency key. An attempt ends as *done*, as
   * *refused* (with an error of the error schema) or *unknown* (by anything else); `Unavailable` is tried again. The
   * undo runs when the scope around the step fails or is cancelled, exactly if the step was done, the newest step first.
   * Write `do` before `undo` and `unknown`: they learn the type of the input from it.
   *
   * **Gotchas** — what it did is told by its schemas, so `do` gives an instance where the schema is a class. Without an
   * input schema `do`, `undo` and `unknown` get the plain data of the input back: an instance has lost its methods. An
   * input that JSON would change, such as a `Date`, is refused as the defect `StepInputUnusable`. Schemas with secrets
   * (`Schema.Redacted`) are refused: a journal is read by people. A step needs an engine with a journal; on another one
   * it dies as `StepNeedsJournal` before anything happens.
   *
   * **Example**
   *
   * ```ts
   * const reserve = Step.make("reserve", {
   *   success: Reservation,
   *   error: OutOfStock,
   *   do: (order: Order, key) => Inventory.use((stock) => stock.reserve(key, order.lines)),
   *   undo: (reservation, key) => Inventory.use((stock) => stock.release(key, reservation)),
   *   unknown: "repeat" // reserving twice with one key reserves once
   * })
   *
   * const reservation = yield* reserve(order)
   * ```
   */
  readonly make: <
    Input = void,
    S extends StepSchema = Schema.Void,
    F extends StepSchema = Schema.Never,
    Failure = never,
    R = never,
    R2 = never,
    R3 = never,
    R4 = never,
    U extends "repeat" | "ask" | "leave" | LookThatFinds<S["Type"], F["Type"]> = never,
    K extends string = never
  >(
    name: StepName<K, Failure, F["Type"] | Unavailable | Indeterminate>,
    options: StepOptions<Input, S, F, S["Type"], F["Type"], Failure, R, R2, R3, R4, U> & {
      // Sees which options are there while the parameters of the functions are still being inferred.
      readonly [P in K]: unknown
    }
  ) => Step<Input, S["Type"], F["Type"] | GivesUp<Failure, K> | Leaves<U>, R | R2 | R3 | R4>
} = {
  // Sound: who runs a step hands its functions only what its own schemas decoded, and its effects the services of the
  // layer in which its workflow was registered.
  make: (name, options) => defineStep(name, options as unknown as AnyStepOptions) as never
}
