/**
 * Programs that must not compile, and what the compiler says about each.
 *
 * `refused.txt` is the reviewed list of answers. `FIREBREAK_WRITE=1` writes it anew; read the difference.
 */
import { readFile, writeFile } from "node:fs/promises"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { answerTo, compile, type Diagnostic, misplaced, wrongProgramsIn } from "./compiler.ts"

const folder = new URL("refused/", import.meta.url)
const reviewed = new URL("refused.txt", import.meta.url)
const programs = await wrongProgramsIn(folder)

let diagnostics: ReadonlyArray<Diagnostic> = []
let expected: ReadonlyMap<string, string> = new Map()

const heading = ({ file, title }: { readonly file: string; readonly title: string }) => `── ${file}: ${title} ──`

beforeAll(async () => {
  diagnostics = (await compile("test/types/refused")).diagnostics
  if (process.env["FIREBREAK_WRITE"] === "1") {
    const sections = programs.map((program) => `${heading(program)}\n${answerTo(program, diagnostics)}\n`)
    await writeFile(reviewed, sections.join("\n"))
  }
  expected = new Map(
    (await readFile(reviewed, "utf8")).split(/^(?=── )/m).map((section) => {
      const [first, ...answer] = section.trimEnd().split("\n")
      return [first!, answer.join("\n")]
    })
  )
})

describe("the compiler refuses, and says why", () => {
  it.each(programs)("$file: $title", (program) => {
    assert.deepStrictEqual(misplaced(program, diagnostics), [])
    assert.strictEqual(answerTo(program, diagnostics), expected.get(heading(program)))
  })

  it("and nothing else in these files", () => {
    const inPrograms = programs.flatMap((program) =>
      diagnostics.filter(
        ({ file, line }) =>
          file === program.file && line >= program.firstLine && line < program.firstLine + program.lines.length
      )
    )
    assert.deepStrictEqual(
      diagnostics.filter((diagnostic) => !inPrograms.includes(diagnostic)),
      []
    )
  })

  it("the reviewed list has an answer for each program, and no other", () => {
    assert.deepStrictEqual([...expected.keys()], programs.map(heading))
  })
})
