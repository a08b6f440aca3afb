/**
 * Values on their way into a journal and back, by the schemas of a step.
 *
 * The special rule: a schema is turned into its JSON codec once, where the step is defined. A step that is run a thousand
 * times in a second encodes a thousand times and compiles nothing.
 *
 * Not here: which values have no schema (`plainJson.ts`).
 */
import { Schema, SchemaIssue, SchemaParser } from "effect"
import type { Written } from "../StepDefinition.ts"
import { StepInputUnusable, StepUnusable, StepValueUnusable } from "../stepMistakes.ts"
import { changeByJson } from "./plainJson.ts"
import { contentsOf } from "./secrets.ts"

/** A schema that needs no services: a journal is read by processes that have none of them. */
export type StepSchema<A = unknown> = Schema.ConstraintCodec<A, unknown>

/** By a schema. Throws `StepUnusable` at once when it lets secrets through. */
export const writtenBy = (step: string, field: "input" | "success" | "error", schema: StepSchema): Written => {
  const codec = Schema.toCodecJson(schema)
  const encode = SchemaParser.encodeUnknownSync(codec)
  const decode = SchemaParser.decodeUnknownSync(codec)
  const look = () => {
    const contents = contentsOf(schema.ast)
    if (contents.secret !== undefined) throw new StepUnusable({ step, field, reason: secretAt(contents.secret) })
    return contents
  }
  let contents = look()
  return {
    encode: (value) => {
      if (contents.isPartial) contents = look()
      const json = attempt(
        encode,
        value,
        (reason) => new StepValueUnusable({ step, schema: field, way: "written down", reason })
      )
      const change = contents.takesAnything ? changeByJson(json) : undefined
      if (change === undefined) return json
      const reason = `${change.path || "it"} ${change.what}`
      throw new StepValueUnusable({ step, schema: field, way: "written down", reason })
    },
    decode: (json) =>
      attempt(decode, json, (reason) => new StepValueUnusable({ step, schema: field, way: "read back", reason }))
  }
}

/** Without a schema: plain data as it is, nothing as `null`. */
export const writtenPlainly = (step: string): Written => ({
  encode: (value) => {
    if (value === undefined) return null
    const change = changeByJson(value)
    if (change === undefined) return value
    throw new StepInputUnusable({ step, path: change.path, reason: change.what })
  },
  decode: (json) => json
})

const secretAt = (path: string): string =>
  `has a secret (Schema.Redacted)${path === "" ? "" : ` at ${path}`}, and everybody who reads the journal could read it: leave it out, and fetch it where it is needed`

const attempt = <A>(way: (value: unknown) => A, value: unknown, failed: (reason: string) => Error): A => {
  try {
    return way(value)
  } catch (error) {
    throw failed(inWords(error))
  }
}

const format = SchemaIssue.makeFormatterDefault()

const inWords = (error: unknown): string => {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  if (SchemaIssue.isIssue(cause)) return format(cause).replaceAll(/\s*\n\s*/g, " ")
  return cause instanceof Error ? cause.message : String(cause)
}
