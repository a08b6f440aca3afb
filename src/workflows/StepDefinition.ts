/**
 * What a step is to whoever runs it: data, and functions that say how it is done, looked for and taken back.
 *
 * The special rule: everything in it is known where it is defined. Nothing of a body is closed over, because an undo may
 * run in a process that never ran the body.
 *
 * Not here: how a step is written (`Step.ts`), and who runs it (`adapters/engine`, through `StepRunner`).
 */
import type { Effect } from "effect"
import type { StepKey } from "./StepKey.ts"
import type { Found } from "./outcomes.ts"

/** Values on their way into the journal, as JSON, and back. Both ways are synchronous and throw what they cannot do. */
export interface Written {
  readonly encode: (value: unknown) => unknown
  readonly decode: (json: unknown) => unknown
}

/** How often, how long and how densely a step is attempted. Plain data, in milliseconds: a journal can hold on to it. */
export interface RetryPolicy {
  /** Attempts in all, the first included. */
  readonly attempts: number
  /** The pause after the first attempt; each further one is `factor` times as long, at most `longest`. */
  readonly first: number
  readonly factor: number
  readonly longest: number
  /** No further attempt starts when this long has passed since the first one started. */
  readonly within: number
  /** The part of a pause that is left to chance, 0 to 1. */
  readonly jitter: number
}

/** Says what came of an attempt that nobody knows about. It may fail: then it is not known yet. */
export type Look = (input: unknown, key: StepKey) => Effect.Effect<Found<unknown, unknown>, unknown>

/** How a step that was done is taken back. */
export interface UndoDefinition {
  readonly do: (value: unknown, key: StepKey, input: unknown) => Effect.Effect<unknown, unknown>
  /** Says whether it was taken back, when nobody knows; `"repeat"` does it again with the same key. */
  readonly unknown:
    | ((value: unknown, key: StepKey, input: unknown) => Effect.Effect<Found<unknown, unknown>, unknown>)
    | "repeat"
  readonly retry: RetryPolicy
  /** How long one attempt may take, in milliseconds; as long as it likes without one. */
  readonly timeout: number | undefined
}

/**
 * A step without its types: values are what its schemas decoded, and its effects want the services of the layer in which
 * its workflow was registered. Who runs it gives them both.
 */
export interface StepDefinition {
  readonly name: string
  /** `encode` throws `StepInputUnusable`. What it gives may be the very value it was given: write it down at once. */
  readonly input: Written
  readonly success: Written
  readonly error: Written
  /** Whether `do` failed with one of the refusals that the error schema lists. */
  readonly isRefusal: (error: unknown) => boolean
  readonly do: (input: unknown, key: StepKey) => Effect.Effect<unknown, unknown>
  readonly undo: UndoDefinition | "irreversible" | "nothing"
  readonly unknown: Look | "repeat" | "ask" | "leave"
  readonly retry: RetryPolicy
  /** How long one attempt may take, in milliseconds; as long as it likes without one. */
  readonly timeout: number | undefined
  /** How long the other side remembers a key, in milliseconds: a repeat later than that might do it twice. */
  readonly keyLifetime: number
  /** The refusal that stands for an effect that surely did not happen, however often it was tried: else `StepGaveUp`. */
  readonly gaveUp: ((last: string, input: unknown) => unknown) | undefined
}
