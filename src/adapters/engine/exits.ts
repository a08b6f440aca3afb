/**
 * Exits as JSON and back: what a journal writes of results, failures and defects.
 *
 * The special rule: a defect keeps its name, message and stack, and an interruption is only an interruption: nothing of
 * the process that wrote it down is in it.
 */
import { Cause, Exit } from "effect"

/** The written form of an exit whose value and errors are JSON already. */
export type ExitJson = { readonly ok: unknown } | { readonly cause: ReadonlyArray<ReasonJson> }
export type ReasonJson = { readonly fail: unknown } | { readonly die: DefectJson } | { readonly interrupt: true }
export type DefectJson =
  | {
      readonly error: {
        readonly name: string
        readonly message: string
        readonly stack?: string
        readonly cause?: DefectJson
      }
    }
  | { readonly value: unknown }

export const encodeExit = (exit: Exit.Exit<unknown, unknown>): ExitJson =>
  Exit.isSuccess(exit) ? { ok: exit.value ?? null } : { cause: exit.cause.reasons.map(encodeReason) }

/** Of several reasons the interruptions are dropped: they say only that something else had gone wrong. */
export const withoutInterrupts = <E>(cause: Cause.Cause<E>): Cause.Cause<E> => {
  const reasons = cause.reasons.filter((reason) => !Cause.isInterruptReason(reason))
  return reasons.length === 0 || reasons.length === cause.reasons.length ? cause : Cause.fromReasons(reasons)
}

const encodeReason = (reason: Cause.Reason<unknown>): ReasonJson =>
  Cause.isFailReason(reason)
    ? { fail: reason.error ?? null }
    : Cause.isDieReason(reason)
      ? { die: encodeDefect(reason.defect) }
      : { interrupt: true }

export const encodeDefect = (defect: unknown, depth = 0): DefectJson => {
  if (defect instanceof Error) {
    const { cause, message, name, stack } = defect
    return {
      error: {
        name: String(name),
        message: String(message),
        ...(typeof stack === "string" ? { stack } : {}),
        ...(cause !== undefined && depth < 5 ? { cause: encodeDefect(cause, depth + 1) } : {})
      }
    }
  }
  try {
    return { value: JSON.parse(JSON.stringify(defect) ?? "null") }
  } catch {
    return { value: String(defect) }
  }
}

export const decodeExit = (json: ExitJson): Exit.Exit<unknown, unknown> =>
  "ok" in json ? Exit.succeed(json.ok) : Exit.failCause(Cause.fromReasons(json.cause.map(decodeReason)))

const decodeReason = (json: ReasonJson): Cause.Reason<unknown> =>
  "fail" in json
    ? Cause.makeFailReason(json.fail)
    : "die" in json
      ? Cause.makeDieReason(decodeDefect(json.die))
      : Cause.makeInterruptReason()

export const decodeDefect = (json: DefectJson): unknown => {
  if (!("error" in json)) return json.value
  const { cause, message, name, stack } = json.error
  const error = new Error(message, cause === undefined ? undefined : { cause: decodeDefect(cause) })
  Object.defineProperty(error, "name", { value: name, configurable: true, writable: true, enumerable: false })
  if (stack !== undefined) error.stack = stack
  return error
}
