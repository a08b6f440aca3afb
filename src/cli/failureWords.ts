/**
 * What an execution failed with, in words: its message, and where the error has none of its own, its fields.
 *
 * The special rule: an error is named once. The fields are those that its schema wrote down, so nothing is said that is
 * not in the journal anyway.
 */
import { Predicate } from "effect"
import type { ExecutionHistory } from "../app.ts"
import { printable } from "./printable.ts"

/** Why it failed or cannot go on, in one sentence. */
export const reasonOf = ({ outcome, why }: Pick<ExecutionHistory, "outcome" | "why">): string => {
  if (why === null) return ""
  const tag = why.failures[0]?.tag ?? null
  return tag !== null && why.message === tag ? failureWords({ tag, message: tag }, outcome) : printable(why.message)
}

/** One failure: its tag, and its message or else its fields. `outcome` is what the execution ended with. */
export const failureWords = (
  { message, tag }: { readonly message: string; readonly tag: string | null },
  outcome: unknown
): string => {
  if (tag === null) return printable(message)
  const said = message === tag || message === "" ? fieldsOf(outcome, tag) : printable(message)
  return said === "" ? printable(tag, 80) : `${printable(tag, 80)}: ${said}`
}

/** The fields of the typed failure that an execution ended with, if it is the one of that tag. */
const fieldsOf = (outcome: unknown, tag: string): string => {
  const causes = Predicate.hasProperty(outcome, "cause") && Array.isArray(outcome.cause) ? outcome.cause : []
  const failed: unknown = causes.find((reason) => Predicate.hasProperty(reason, "fail"))?.fail
  if (!Predicate.isObject(failed) || !Predicate.hasProperty(failed, "_tag") || failed._tag !== tag) return ""
  const fields = Object.entries(failed).filter(([name]) => name !== "_tag")
  return printable(fields.map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(", "), 200)
}
