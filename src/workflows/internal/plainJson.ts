/**
 * Whether a value comes back from JSON as it went in.
 *
 * The special rule: it is asked of every input of every step, so the answer "yes" takes one quick pass that builds
 * nothing. Only a "no" looks a second time, for the place and the reason.
 *
 * Not here: values that have a schema (`written.ts`).
 */
import { Redacted, Schema } from "effect"

/** What JSON would change: where, and what stands there. */
export interface Change {
  /** Such as `lines[0].at`; empty for the value itself. */
  readonly path: string
  /** Such as `is a Date`. */
  readonly what: string
}

/**
 * The first thing in `value` that JSON would drop or turn into something else.
 *
 * **Details** — instances of a `Schema.Class` pass: JSON keeps their fields. So does a field that is `undefined`, which
 * JSON leaves out.
 */
export const changeByJson = (value: unknown): Change | undefined =>
  isPlain(value, 0) ? undefined : (changeIn(value, "", []) ?? undefined)

/** Where a circle, or something like one, is looked for by name. */
const quickDepth = 50
const deepest = 500

const isPlain = (value: unknown, depth: number): boolean => {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true
    case "number":
      return Number.isFinite(value)
    case "object":
      return value === null || (depth < quickDepth && isPlainObject(value, depth + 1))
    default:
      return false
  }
}

const isPlainObject = (value: object, depth: number): boolean => {
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) if (!isPlain(value[index], depth)) return false
    return true
  }
  if (!hasFieldsOnly(value)) return false
  const fields = value as Readonly<Record<string, unknown>> // sound: any object may be read by name
  for (const name of Object.keys(fields)) {
    const field = fields[name]
    if (field !== undefined && !isPlain(field, depth)) return false
  }
  return true
}

/** Objects whose whole state is in their named fields. */
const hasFieldsOnly = (value: object): boolean => {
  const prototype: object | null = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return !("toJSON" in value) && !hasSymbols(value)
  return Schema.isSchema(prototype.constructor) && !("toJSON" in value) // which errors have
}

const hasSymbols = (value: object): boolean => Object.getOwnPropertySymbols(value).length > 0

// ── The place and the reason ─────────────────────────────────────────────────────────────────────────────────────────

const changeIn = (value: unknown, path: string, around: ReadonlyArray<object>): Change | undefined => {
  if (typeof value !== "object" || value === null) {
    return isPlain(value, 0) ? undefined : { path, what: nameOf(value) }
  }
  if (around.includes(value)) return { path, what: "contains itself" }
  if (around.length >= deepest) return { path, what: `lies deeper than ${deepest} levels` }
  const inside = [...around, value]
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const change = changeIn(value[index], `${path}[${index}]`, inside)
      if (change !== undefined) return change
    }
    return undefined
  }
  if (!hasFieldsOnly(value)) return { path, what: nameOfObject(value) }
  for (const [name, field] of Object.entries(value)) {
    const change = field === undefined ? undefined : changeIn(field, below(path, name), inside)
    if (change !== undefined) return change
  }
  return undefined
}

const below = (path: string, name: string): string => {
  if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name)) return `${path}[${JSON.stringify(name)}]`
  return path === "" ? name : `${path}.${name}`
}

const nameOf = (value: unknown): string => {
  switch (typeof value) {
    case "number":
      return `is ${value}`
    case "undefined":
      return "is undefined"
    default:
      return `is a ${typeof value}`
  }
}

const nameOfObject = (value: object): string => {
  if (Redacted.isRedacted(value)) return "is a secret (Redacted), which does not belong into a journal"
  if (value instanceof Error) return `is an error (${value.name})`
  const prototype: object | null = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null || Schema.isSchema(prototype.constructor)) {
    return "toJSON" in value ? "has a toJSON of its own" : "has fields named by symbols"
  }
  const name = prototype.constructor?.name ?? ""
  return name === "" || name === "Object" ? "is an object of a kind that JSON does not know" : `is a ${name}`
}
