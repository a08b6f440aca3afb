/**
 * How often and how long a step is attempted, as it is written and as it is kept: plain data, in milliseconds.
 *
 * The special rule: what cannot work is refused where the step is defined, by the name of the option, and never at three
 * in the morning when the first attempt has failed.
 *
 * Not here: who waits (`adapters/engine`).
 */
import { Duration, Option } from "effect"
import type { RetryPolicy } from "../StepDefinition.ts"
import { StepUnusable } from "../stepMistakes.ts"

/** How often, how long and how densely a step is attempted. What is left out has the default of its kind. */
export interface StepRetry {
  /** Attempts in all, the first included: 5, and 10 for an undo. 1 is: once, never again. */
  readonly attempts?: number
  readonly backoff?: {
    /** The pause after the first attempt: 100 ms. */
    readonly first?: Duration.Input
    /** How many times as long each further pause is: 2. */
    readonly factor?: number
    /** The longest pause: 30 seconds. */
    readonly longest?: Duration.Input
  }
  /** No attempt starts when this long has passed since the first one started: 10 minutes, and 1 hour for an undo. */
  readonly within?: Duration.Input
  /** The part of a pause that is left to chance, 0 to 1: 0.2. */
  readonly jitter?: number
}

const ofSteps: RetryPolicy = { attempts: 5, first: 100, factor: 2, longest: 30_000, within: 600_000, jitter: 0.2 }
/** More patient: a step that cannot be taken back waits for a person. */
const ofUndos: RetryPolicy = { ...ofSteps, attempts: 10, within: 3_600_000 }

/** The policy that the options of a step ask for. `field` is where they stand. */
export const policyOf = (step: string, field: "retry" | "undo.retry", retry: StepRetry = {}): RetryPolicy => {
  const otherwise = field === "retry" ? ofSteps : ofUndos
  const { attempts = otherwise.attempts, backoff = {}, jitter = otherwise.jitter } = retry
  const { factor = otherwise.factor } = backoff
  const check = (name: string, holds: boolean, value: unknown, must: string) => {
    if (!holds) throw new StepUnusable({ step, field: `${field}.${name}`, reason: `is ${value}: it must be ${must}` })
  }
  check("attempts", Number.isInteger(attempts) && attempts >= 1, attempts, "a whole number, 1 or more")
  check("backoff.factor", Number.isFinite(factor) && factor >= 1, factor, "1 or more")
  check("jitter", jitter >= 0 && jitter <= 1, jitter, "between 0 and 1")
  const first = millisOf(step, `${field}.backoff.first`, backoff.first ?? otherwise.first, "zero or more")
  // A first pause of a minute means that it is not cut to the 30 seconds that nobody asked for.
  const longest = millisOf(step, `${field}.backoff.longest`, backoff.longest ?? Math.max(otherwise.longest, first))
  check("backoff.longest", longest >= first, `${longest} ms`, `at least as long as the first pause, ${first} ms`)
  return {
    attempts,
    first,
    factor,
    longest,
    within: millisOf(step, `${field}.within`, retry.within ?? otherwise.within),
    jitter
  }
}

/** A length of time in milliseconds. */
export const millisOf = (
  step: string,
  field: string,
  input: Duration.Input,
  bound: "zero or more" | "more than zero" | "more than zero, or Infinity" = "more than zero"
): number => {
  const refuse = (value: string) =>
    new StepUnusable({ step, field, reason: `is ${value}: it must be a length of time, ${bound}` })
  const duration = Duration.fromInput(input)
  if (Option.isNone(duration)) throw refuse(JSON.stringify(input) ?? String(input))
  const millis = Number.isNaN(input) ? NaN : Duration.toMillis(duration.value)
  const isLongEnough = bound === "zero or more" ? millis >= 0 : millis > 0
  if (isLongEnough && (Number.isFinite(millis) || bound === "more than zero, or Infinity")) return millis
  throw refuse(Number.isFinite(millis) ? `${millis} ms` : String(millis))
}
