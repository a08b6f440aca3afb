/**
 * The parts of a step as a program hands them over, also where no compiler has looked: a name, functions, words.
 *
 * The special rule: what can never work is refused where the step is defined, by the name of the option, and the message
 * says what is taken instead.
 *
 * Not here: its times and numbers (`policies.ts`), and its schemas (`written.ts`).
 */
import { StepUnusable } from "../stepMistakes.ts"

/** Control characters, line separators, and the marks that turn the writing direction; a NUL is one of them. */
const unseen = /[\p{Cc}\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/u

/** A name stands in the journal, in keys, and in lines that people read: it comes back as it is, and is seen as it is. */
export const refuseName = (name: string): void => {
  const reason = wrongWithName(name)
  if (reason !== undefined) throw new StepUnusable({ step: visible(String(name).slice(0, 100)), field: "name", reason })
}

const wrongWithName = (name: unknown): string | undefined => {
  if (typeof name !== "string") return `is ${inWords(name)}: it must be a text`
  if (name.length === 0) return "is empty"
  if (name.length > 100) return `is ${name.length} characters long: at most 100 are taken`
  // Where people see a step with its sub-key, they see `name/key`.
  if (name.includes("/")) return "contains a slash, which stands between name and key"
  if (!name.isWellFormed()) return "contains half of a surrogate pair, which is no character"
  const control = unseen.exec(name)
  if (control === null) return undefined
  return `contains the control character ${escaped(control[0])}, which no line shows: letters, digits, signs and spaces are taken`
}

/** Refuses `value` unless it is a function or one of `words`. `must` says what it is to be. */
export const refuseUnless = (
  step: string,
  field: string,
  value: unknown,
  must: string,
  ...words: ReadonlyArray<string>
): void => {
  if (typeof value === "function" || words.some((word) => word === value)) return
  throw new StepUnusable({ step, field, reason: `is ${inWords(value)}: it must be ${must}` })
}

const inWords = (value: unknown): string => {
  if (typeof value === "string") return `"${visible(value.slice(0, 40))}"`
  return typeof value === "object" && value !== null ? "an object" : String(value)
}

const visible = (text: string): string => text.toWellFormed().replace(new RegExp(unseen, "gu"), escaped)

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
