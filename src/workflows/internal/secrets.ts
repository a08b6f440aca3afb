/**
 * What a schema would let into a journal: secrets, and values of any kind.
 *
 * The special rule: asked where a step is defined, before anything has happened. Effect writes the text of a `Redacted`
 * into JSON unless it is told not to; once the effect of a step has happened it is too late to refuse.
 *
 * Not here: values (`plainJson.ts`, `written.ts`).
 */
import type { SchemaAST } from "effect"

export interface Contents {
  /** Where a secret stands, such as `card.number`; empty for the schema itself. */
  readonly secret: string | undefined
  /** Whether a part of it takes anything (`Schema.Any`), and so has to be looked at value by value. */
  readonly takesAnything: boolean
  /** Whether a part of it is not defined yet: ask again later. */
  readonly isPartial: boolean
}

export const contentsOf = (schema: SchemaAST.AST): Contents => {
  const seen = new Set<SchemaAST.AST>()
  let secret: string | undefined
  let takesAnything = false
  let isPartial = false

  const visit = (ast: SchemaAST.AST, path: string): void => {
    if (seen.has(ast) || secret !== undefined) return
    seen.add(ast)
    if (ast._tag === "Any") takesAnything = true
    if (ast._tag === "Declaration" && isRedacted(ast)) secret = path
    for (const [name, part] of partsOf(ast)) visit(part, name === "" || path === "" ? path + name : `${path}.${name}`)
    // The written side may hold what the other does not.
    for (const link of ast.encoding ?? []) visit(link.to, path)
  }

  const partsOf = (ast: SchemaAST.AST): ReadonlyArray<readonly [name: string, part: SchemaAST.AST]> => {
    switch (ast._tag) {
      case "Declaration":
        return ast.typeParameters.map((part) => ["", part])
      case "Arrays":
        return [...ast.elements, ...ast.rest].map((part) => ["", part])
      case "Objects":
        return [
          ...ast.propertySignatures.map(({ name, type }) => [String(name), type] as const),
          ...ast.indexSignatures.map(({ type }) => ["", type] as const)
        ]
      case "Union":
        return ast.types.map((part) => ["", part])
      case "Suspend":
        return suspended(ast)
      default:
        return []
    }
  }

  const suspended = (ast: SchemaAST.Suspend): ReadonlyArray<readonly [name: string, part: SchemaAST.AST]> => {
    try {
      return [["", ast.thunk()]]
    } catch {
      isPartial = true // it names a schema of a module that is still being evaluated
      return []
    }
  }

  visit(schema, "")
  return { secret, takesAnything, isPartial }
}

const isRedacted = (ast: SchemaAST.Declaration): boolean => {
  const { representation } = (ast.annotations ?? {}) as { readonly representation?: { readonly id?: unknown } } // sound: only read, and compared
  return representation?.id === "effect/schema/Redacted"
}
