/**
 * What may come of a step, in the words that `do` and a look answer with.
 *
 * The special rule: only a refusal is a refusal. A port that is not sure says `Indeterminate`, never an error of the
 * domain; one that is sure that nothing happened says `Unavailable`.
 *
 * Not here: how they are told apart and written down (`adapters/engine`).
 */
import { Schema } from "effect"

/** It surely did not happen, and asking again may help: the step's retry policy decides how often. */
export class Unavailable extends Schema.TaggedError<Unavailable>()("Unavailable", { reason: Schema.String }) {
  override get message() {
    return `it did not happen: ${this.reason}`
  }
}

/** It may have happened: the step's `unknown` says how that is found out. */
export class Indeterminate extends Schema.TaggedError<Indeterminate>()("Indeterminate", { reason: Schema.String }) {
  override get message() {
    return `nobody knows whether it happened: ${this.reason}`
  }
}

/** A step was `Unavailable` until its attempts or its time were used up. It did not happen. */
export class StepGaveUp extends Schema.TaggedError<StepGaveUp>()("StepGaveUp", {
  step: Schema.String,
  attempts: Schema.Int,
  reason: Schema.String
}) {
  override get message() {
    return `the step "${this.step}" was given up after ${this.attempts} attempts: ${this.reason}`
  }
}

/** A step that says `unknown: "leave"` may or may not have happened, and nobody will ever know. */
export class OutcomeUnknown extends Schema.TaggedError<OutcomeUnknown>()("OutcomeUnknown", {
  step: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `nobody knows whether the step "${this.step}" happened: ${this.reason}`
  }
}

// ── What a look finds ────────────────────────────────────────────────────────────────────────────────────────────────

/** It happened. */
export interface Done<out A> {
  readonly _tag: "Done"
  readonly value: A
}
/** It did not happen, and asking again with the same key will not change that. */
export interface Refused<out E> {
  readonly _tag: "Refused"
  readonly error: E
}
/** It did not happen, and with this key it cannot happen any more: whoever looked has made sure of that. */
export interface Absent {
  readonly _tag: "Absent"
}
/** It cannot be said yet: look again later. */
export interface Unknown {
  readonly _tag: "Unknown"
}
export type Found<A, E> = Done<A> | Refused<E> | Absent | Unknown

const absent: Absent = { _tag: "Absent" }
const unknown: Unknown = { _tag: "Unknown" }

/** The answers of a look. */
export const Found = {
  done: <A>(value: A): Done<A> => ({ _tag: "Done", value }),
  refused: <E>(error: E): Refused<E> => ({ _tag: "Refused", error }),
  absent,
  unknown
}
