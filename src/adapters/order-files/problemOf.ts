/**
 * A schema's complaint in a user's words: the field it is about, and what is wrong there.
 *
 * The special rule: only the first problem is told, and values from the file are told by their kind only ("a number"),
 * so that nothing a file contains can reach a terminal or a log through a message. (An amount and the
 * cell of a number are quoted, by `Money` and `columns.ts`, which cut them and take out what does not print.)
 */
import type { SchemaAST, SchemaIssue } from "effect"

export interface Problem {
  readonly path: ReadonlyArray<PropertyKey>
  readonly reason: string
}

export const problemOf = (issue: SchemaIssue.Issue, path: ReadonlyArray<PropertyKey> = []): Problem => {
  switch (issue._tag) {
    case "Pointer":
      return problemOf(issue.issue, [...path, ...issue.path])
    case "Composite":
      return problemOf(issue.issues[0], path)
    case "Encoding":
      return problemOf(issue.issue, path)
    case "Filter": {
      const said = issue.filter.annotations?.message
      return typeof said === "string" ? { path, reason: said } : problemOf(issue.issue, path)
    }
    case "MissingKey":
      // A list's missing first element: the list is what a user looks for.
      return path.at(-1) === 0 ? { path: path.slice(0, -1), reason: "is empty" } : { path, reason: "is missing" }
    case "InvalidType":
      return { path, reason: `must be ${kindOf(issue.ast)}${insteadOf(issue)}` }
    case "AnyOf": {
      // Of the right kind, and wrong in itself: what that kind says about it is the better answer.
      const nearest = issue.issues.find((one) => one._tag !== "InvalidType")
      if (nearest !== undefined) return problemOf(nearest, path)
      return { path, reason: `must be ${kindOf(issue.ast)}${insteadOf(issue)}` }
    }
    default: {
      const said = "annotations" in issue ? issue.annotations?.message : undefined
      return { path, reason: typeof said === "string" ? said : "is not valid" }
    }
  }
}

/** `lines[0].quantity`; the order as a whole is called `order`. */
export const fieldOf = (path: ReadonlyArray<PropertyKey>): string =>
  path.length === 0
    ? "order"
    : path
        .map((key, at) => (typeof key === "number" ? `[${key}]` : at === 0 ? String(key) : `.${String(key)}`))
        .join("")

const kindOf = (ast: SchemaAST.AST): string => {
  switch (ast._tag) {
    case "String":
      return "a text"
    case "Number":
      return "a number"
    case "Objects":
      return "an object"
    case "Arrays":
      return "a list"
    case "Union":
      return [...new Set(ast.types.map(kindOf))].join(" or ")
    case "Null":
      return "null"
    default:
      return "something else"
  }
}

const insteadOf = (issue: SchemaIssue.InvalidType | SchemaIssue.AnyOf): string => {
  // Input is kept in an issue only when it was asked for.
  if (!("input" in issue)) return ""
  const { input } = issue
  if (input === null) return ", not null"
  if (Array.isArray(input)) return ", not a list"
  return typeof input === "string"
    ? ", not a text"
    : typeof input === "object"
      ? ", not an object"
      : `, not a ${typeof input}`
}
