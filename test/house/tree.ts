/**
 * The project's own files, as the house tests read them: which there are, what each imports and exports.
 *
 * Read from text, because what is asked for is how the sources are written. A form of import or
 * export that is not understood here is an error, never silently left out.
 */
import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("../..", import.meta.url))

/** Every file that is, or would be, in version control; paths from the root, with `/`. */
export const allFiles: ReadonlyArray<string> = execFileSync(
  "git",
  ["ls-files", "--cached", "--others", "--exclude-standard", "-z"],
  { cwd: root, encoding: "utf8", maxBuffer: 1e8 }
)
  .split("\0")
  .filter((file) => file !== "" && existsSync(path.join(root, file)))

export const filesIn = (room: string, ending = ".ts") =>
  allFiles.filter((file) => file.startsWith(`${room}/`) && file.endsWith(ending))

export const read = (file: string) => readFileSync(path.join(root, file), "utf8")

/** Without comments, whose examples import and export too. Strings that hold comment signs are left as they are. */
const code = (file: string) =>
  read(file).replace(/"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (found) =>
    found.startsWith("/") ? "" : found
  )

export interface Import {
  readonly from: string
  /** The file in this project that is imported, or `undefined` for a package. */
  readonly target: string | undefined
}

export function importsOf(file: string): ReadonlyArray<Import> {
  const text = code(file)
  const statements = text.matchAll(/^\s*(?:import|export)\b[^"'`;]*?\bfrom\s*"([^"]+)"/gm)
  const bare = text.matchAll(/^\s*import\s+"([^"]+)"/gm)
  const dynamic = text.matchAll(/\bimport\(\s*"([^"]+)"/g)
  return [...statements, ...bare, ...dynamic].map(([, from = ""]) => ({
    from,
    target: from.startsWith(".") ? path.posix.join(path.posix.dirname(file), from) : undefined
  }))
}

const erased = /^(type|interface)$/

export interface Export {
  readonly name: string
  /** `const`, `function`, `class`, `interface`, `type`, `namespace`; `type-only class` where just the type is exported. */
  readonly kind: string
}

/** What `file` exports, its re-exports followed to where they are declared. */
export function exportsOf(file: string): ReadonlyArray<Export> {
  const found: Array<Export> = []
  for (const [statement] of code(file).matchAll(/^export\b[^\n{]*(?:\{[^}]*\}[^\n]*)?/gm)) {
    found.push(...exportsOfStatement(file, statement))
  }
  return found
}

function exportsOfStatement(file: string, statement: string): ReadonlyArray<Export> {
  const target = (from: string) => path.posix.join(path.posix.dirname(file), from)

  const declared =
    /^export\s+(?:declare\s+|abstract\s+|async\s+)*(const|function\*?|class|interface|type|namespace)\s+(\w+)/.exec(
      statement
    )
  if (declared?.[1] !== undefined && declared[2] !== undefined) {
    return [{ name: declared[2], kind: declared[1].replace("*", "") }]
  }
  const all = /^export\s+\*\s+from\s+"(\.[^"]+)"/.exec(statement)
  if (all?.[1] !== undefined) return exportsOf(target(all[1]))

  const room = /^export\s+\*\s+as\s+(\w+)\s+from\s+"(\.[^"]+)"/.exec(statement)
  if (room?.[1] !== undefined) return [{ name: room[1], kind: "namespace" }]

  const some = /^export\s+(type\s+)?\{([^}]*)\}(?:\s+from\s+"(\.[^"]+)")?/.exec(statement)
  if (some?.[2] !== undefined) {
    const [, onlyTypes, names, from] = some
    const there = from === undefined ? [] : exportsOf(target(from))
    return names
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "")
      .flatMap((written) => {
        const [, type, original = "", name = original] = /^(type\s+)?(\w+)(?:\s+as\s+(\w+))?$/.exec(written) ?? []
        const isType = type !== undefined || onlyTypes !== undefined
        const origin = there.filter((each) => each.name === original)
        if (original === "" || (from !== undefined && origin.length === 0)) {
          throw new Error(`${file}: what is exported as "${written}" was not found`)
        }
        if (origin.length > 0)
          return origin.map(({ kind }) => ({ name, kind: isType && !erased.test(kind) ? `type-only ${kind}` : kind }))
        return [{ name, kind: isType ? "type" : "local" }]
      })
  }
  throw new Error(`${file}: this form of export is not understood: ${statement}`)
}
