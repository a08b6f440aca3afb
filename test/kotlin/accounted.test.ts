/**
 * Nothing of Kotlin's is forgotten and nothing is counted twice: 44 programs, 110 rules, 38 pitfalls.
 *
 * It reads texts: the names of the tests, and the lines of `docs/coming-from-kotlin.md` that begin with a number.
 *
 *   a rule      R16 …            a test of that name: it is ours as well
 *               - **R40** …      a line of the page, and a test `differs R40: …` that pins what we do
 *   a pitfall   P8 …             a test of that name: gone by type, or by design
 *               - **P14** …      a line of the page, and a test `still there P14: …`
 *   a program   S01              compared with Kotlin's trace under that number
 */
import { readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { pitfalls, programs, rules } from "./ids.ts"

const here = new URL("./", import.meta.url)
const read = (file: string) => readFileSync(new URL(file, here), "utf8")

const testFilesIn = (folder: string) =>
  readdirSync(new URL(folder, here))
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => `${folder}${name}`)

const all = (text: string, pattern: RegExp): ReadonlyArray<string> =>
  [...text.matchAll(pattern)].map(([, found]) => found!)

/** The names of the tests in a file. */
const namesIn = (file: string) => all(read(file), /^\s*it(?:\.\w+)?\(\s*"([^"]*)"/gm)

/** The numbers with which texts begin, as `begins` finds them. */
const numbers = (texts: ReadonlyArray<string>, begins: RegExp) => texts.flatMap((text) => begins.exec(text)?.[1] ?? [])

const page = read("../../docs/coming-from-kotlin.md")
const linesOfPage = (letter: "R" | "P") => all(page, /^- \*\*([RP]\d+)\*\* /gm).filter((id) => id.startsWith(letter))

/** What is wrong with `found` as an account of `ids`. */
const wrongWith = (found: ReadonlyArray<string>, ids: ReadonlyArray<string>) => {
  const times = (id: string) => found.filter((other) => other === id).length
  return {
    missing: ids.filter((id) => times(id) === 0),
    doubled: [...new Set(found)].filter((id) => times(id) > 1),
    unknown: found.filter((id) => !ids.includes(id))
  }
}
const nothing = { missing: [], doubled: [], unknown: [] }

it("the lists are 44 programs, 110 rules and 38 pitfalls, each number once", () => {
  assert.deepStrictEqual(
    [programs, rules, pitfalls].map((ids) => [ids.length, new Set(ids).size]),
    [
      [44, 44],
      [110, 110],
      [38, 38]
    ]
  )
})

it("every program is compared with Kotlin's trace, once", () => {
  const texts = testFilesIn("programs/").map(read)
  const compared = texts.flatMap((text) => all(text, /^compare\(\w+\.(S\w+), \{/gm))
  const named = testFilesIn("programs/").flatMap((file) => numbers(namesIn(file), /^(S\d+[a-z]?)\b/))
  assert.deepStrictEqual(wrongWith([...compared, ...named], programs), nothing)
})

describe("every rule", () => {
  const names = testFilesIn("rules/").flatMap(namesIn)
  const ours = numbers(names, /^(R\d+) /)
  const pinned = numbers(names, /^differs (R\d+): /)

  it("is a test of that name, or a line of the page, and not both", () => {
    assert.deepStrictEqual(wrongWith([...ours, ...linesOfPage("R")], rules), nothing)
  })

  it("is counted on the page as it is here", () => {
    assert.include(page, `Of ${rules.length} rules of kotlinx.coroutines, ${ours.length} hold here as they stand`)
  })

  it("that differs has a test that pins what we do", () => {
    assert.deepStrictEqual(wrongWith(pinned, linesOfPage("R")), nothing)
  })
})

describe("every pitfall", () => {
  const byType = numbers(namesIn("pitfalls/gone-by-type.test.ts"), /^(P\d+) /)
  const byDesign = numbers(namesIn("pitfalls/gone-by-design.test.ts"), /^(P\d+) /)
  const stillThere = numbers(namesIn("pitfalls/still-there.test.ts"), /^still there (P\d+): /)

  it("is gone by type, gone by design, or a line of the page that says how to see it", () => {
    const others = testFilesIn("pitfalls/").flatMap((file) => numbers(namesIn(file), /^(P\d+) /))
    assert.deepStrictEqual(wrongWith([...others, ...linesOfPage("P")], pitfalls), nothing)
    assert.deepStrictEqual(wrongWith([...byType, ...byDesign], others), nothing)
  })

  it("that is gone by type is refused by the compiler", () => {
    const refused = all(
      read("pitfalls/gone-by-type.ts"),
      /^\/\/ ── (P\d+): [^\n]*\n(?:(?!\/\/ ── )[^\n]*\n)*?\s*\/\/ @ts-expect-error: \S/gm
    )
    assert.deepStrictEqual(wrongWith(refused, byType), nothing)
  })

  it("that is still there has a test that pins it", () => {
    assert.deepStrictEqual(wrongWith(stillThere, linesOfPage("P")), nothing)
  })

  it("stands once in the table of the page, with what became of it", () => {
    const rows = [...page.matchAll(/^\| (P\d+) \| .* \| (gone by type|gone by design|still there) \| .* \|$/gm)]
    const became = (id: string) =>
      byType.includes(id) ? "gone by type" : byDesign.includes(id) ? "gone by design" : "still there"
    assert.deepStrictEqual(
      rows.map(([, id, said]) => [id!, said!]),
      pitfalls.map((id) => [id, became(id)])
    )
  })
})

it("every piece of TypeScript on the page stands in the file that is named above it", () => {
  const pieces = [...page.matchAll(/^(?:<!-- (\S+) -->\n)?```ts\n([\s\S]*?)^```$/gm)]
  assert.isAbove(pieces.length, 5)
  const astray = pieces.filter(([, file, piece]) => file === undefined || !read(`../../${file}`).includes(piece!))
  assert.deepStrictEqual(
    astray.map(([, file, piece]) => `${file}: ${piece!.split("\n")[0]}`),
    []
  )
})
