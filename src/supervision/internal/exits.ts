/**
 * Telling failures from interruptions in an exit.
 */
import { Cause, Exit } from "effect"

export const interrupted: Exit.Exit<never> = Exit.failCause(Cause.interrupt())

/** The cause without its interruptions; `undefined` when nothing else is in it. */
export const failureIn = <E>(cause: Cause.Cause<E>): Cause.Cause<E> | undefined => {
  const reasons = cause.reasons
  let interrupts = 0
  for (const reason of reasons) if (Cause.isInterruptReason(reason)) interrupts++
  if (interrupts === 0) return reasons.length === 0 ? undefined : cause
  if (interrupts === reasons.length) return undefined
  return Cause.fromReasons(reasons.filter((reason) => !Cause.isInterruptReason(reason)))
}

/** The failure of an exit, if there is one in it: neither its value nor its interruptions. */
export const onlyFailure = <E>(exit: Exit.Exit<unknown, E>): Exit.Exit<void, E> => {
  const failure = Exit.isFailure(exit) ? failureIn(exit.cause) : undefined
  return failure === undefined ? Exit.void : Exit.failCause(failure)
}

/** Tells `resume` of what failed only. */
export const onlyFailuresTo =
  (resume: (exit: Exit.Exit<any, any>) => void) =>
  (exit: Exit.Exit<any, any>): void =>
    resume(onlyFailure(exit))
