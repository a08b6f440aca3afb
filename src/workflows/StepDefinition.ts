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

/** A value on its way into the journal and back. Both ways are synchronous and throw what they cannot do. */
export interface Written<A> {
  readonly encode: (value: A) => unknown
  readonly decode: (json: unknown) => A
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

/** Says what came of an attempt that nobody knows about. */
export type Look = (input: any, key: StepKey) => Effect.Effect<Found<unknown, unknown>, unknown, any>

/** How a step that was done is taken back. */
export interface UndoDefinition {
  readonly do: (value: any, key: StepKey, input: any) => Effect.Effect<unknown, unknown, any>
  /** Says whether it was taken back, when nobody knows; `"repeat"` does it again with the same key. */
  readonly unknown: ((value: any, key: StepKey, input: any) => Effect.Effect<Found<unknown, unknown>, unknown, any>) | "repeat"
  readonly retry: RetryPolicy
  readonly timeout: number | undefined
}

export interface StepDefinition {
  readonly name: string
  readonly input: Written<any>
  readonly success: Written<any>
  readonly error: Written<any>
  /** Whether `do` failed with one of the refusals that the error schema lists. */
  readonly isRefusal: (error: unknown) => boolean
  readonly do: (input: any, key: StepKey) => Effect.Effect<unknown, unknown, any>
  readonly undo: UndoDefinition | "irreversible" | "nothing"
  readonly unknown: Look | "repeat" | "ask" | "leave"
  readonly retry: RetryPolicy
  /** How long one attempt may take, in milliseconds. */
  readonly timeout: number | undefined
  /** How long the other side remembers a key, in milliseconds: a repeat later than that might do it twice. */
  readonly keyLifetime: number
  /** The refusal that stands for an effect that surely did not happen, however often it was tried. */
  readonly gaveUp: ((last: string, input: any) => unknown) | undefined
}
