/**
 * One attempt at something outside: an effect that is run, and what came of it.
 *
 * The special rule: only a refusal that the step lists is a refusal, and only `Unavailable` means that nothing happened.
 * Everything else, a defect, a timeout, an interruption, a value that cannot be written down, is `Unknown`.
 */
import { Cause, Data, Effect, Exit } from "effect"
import type { Fiber } from "effect"
import { Indeterminate, Unavailable } from "../../workflows/outcomes.ts"
import type { RetryPolicy, Written } from "../../workflows/StepDefinition.ts"
import type { Run } from "./Run.ts"

export type Attempted =
  | { readonly _tag: "Done"; readonly json: string }
  | { readonly _tag: "Refused"; readonly json: string }
  | { readonly _tag: "Unavailable"; readonly reason: string }
  | { readonly _tag: "Unknown"; readonly reason: string }

/** It took longer than its step allows. */
export class TookTooLong extends Data.TaggedError("TookTooLong")<{ readonly milliseconds: number }> {
  override get message() {
    return `it took longer than ${this.milliseconds} ms`
  }
}

/**
 * Runs `effect` in a fiber of its own; `ended` is called once, perhaps before this returns. Who takes too long is asked
 * to end and left behind: what becomes of it is found out by looking.
 */
export const runOutside = <A, E>(
  effect: () => Effect.Effect<A, E>,
  timeout: number | undefined,
  run: Run,
  ended: (exit: Exit.Exit<A, E | TookTooLong>) => void
): Fiber.Fiber<A, E> | undefined => {
  const { engine } = run
  const registered = run.registered
  const fiber = Effect.runForkWith(registered.services)(Effect.suspend(effect))
  const exit = fiber.pollUnsafe()
  if (exit !== undefined) {
    ended(exit)
    return undefined
  }
  registered.runningOutside++
  fiber.addObserver(() => registered.runningOutside--)
  if (timeout === undefined) {
    fiber.addObserver(ended)
    return fiber
  }
  let isOver = false
  const off = engine.timers.at(engine.now() + timeout, () => {
    isOver = true
    fiber.interruptUnsafe()
    ended(Exit.fail(new TookTooLong({ milliseconds: timeout })))
  })
  fiber.addObserver((exit) => {
    off()
    if (!isOver) ended(exit)
  })
  return fiber
}

interface Outcomes {
  readonly success: Written
  readonly error: Written
  readonly isRefusal: (error: unknown) => boolean
}

/** What an attempt came to. `limit` is the size that a journal takes, in characters. */
export const judge = (exit: Exit.Exit<unknown, unknown>, step: Outcomes, limit: number): Attempted => {
  if (Exit.isSuccess(exit)) return written("Done", step.success, exit.value, limit)
  const { reasons } = exit.cause
  const only = reasons.length === 1 ? reasons[0]! : undefined
  if (only === undefined || !Cause.isFailReason(only)) return { _tag: "Unknown", reason: wordsOf(exit.cause) }
  const error = only.error
  if (error instanceof Unavailable) return { _tag: "Unavailable", reason: error.reason }
  if (error instanceof Indeterminate) return { _tag: "Unknown", reason: error.reason }
  if (step.isRefusal(error)) return written("Refused", step.error, error, limit)
  return { _tag: "Unknown", reason: wordsOf(exit.cause) }
}

const written = (tag: "Done" | "Refused", as: Written, value: unknown, limit: number): Attempted => {
  try {
    const json = JSON.stringify(as.encode(value)) ?? "null"
    if (json.length <= limit) return { _tag: tag, json }
    return { _tag: "Unknown", reason: `its result has ${json.length} characters, and the journal takes ${limit}` }
  } catch (problem) {
    return { _tag: "Unknown", reason: `its result cannot be written down: ${sentence(problem)}` }
  }
}

/** What went wrong, in words. Of an object that is no error only its tag and its message: the rest may be private. */
export const sentence = (problem: unknown): string => {
  if (typeof problem !== "object" || problem === null) return String(problem)
  try {
    const { _tag, message, name } = problem as { _tag?: unknown; message?: unknown; name?: unknown } // sound: asked for, not trusted
    const words = [_tag ?? (problem instanceof Error && message === "" ? name : undefined), message]
    if (problem instanceof Error && typeof message === "string" && message !== "") return message
    const known = words.filter((word) => typeof word === "string" && word !== "")
    return known.length > 0 ? known.join(": ") : `an object with ${Object.keys(problem).join(", ") || "nothing in it"}`
  } catch {
    return "something that cannot be described"
  }
}

export const wordsOf = (cause: Cause.Cause<unknown>): string => {
  if (Cause.hasInterruptsOnly(cause)) return "it was interrupted"
  const problem = Cause.squash(cause)
  return sentence(problem)
}

/** The pause after attempt number `attempts`, in milliseconds. `chance` is between 0 and 1. */
export const pauseAfter = (policy: RetryPolicy, attempts: number, chance: number): number => {
  const pause = Math.min(policy.first * policy.factor ** (attempts - 1), policy.longest)
  return Math.round(pause * (1 - policy.jitter * chance))
}

/** Pauses between looks: patient, because it may take days until somebody knows. */
export const looking: RetryPolicy = {
  attempts: Number.POSITIVE_INFINITY,
  first: 250,
  factor: 2,
  longest: 3_600_000,
  within: Number.POSITIVE_INFINITY,
  jitter: 0.2
}
