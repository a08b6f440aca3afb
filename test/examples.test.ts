/**
 * The examples run and print what they say they print; the documents quote them as they are.
 */
import { execFile } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, assert, describe, it } from "vitest"

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const read = (file: string) => readFileSync(join(root, file), "utf8")
const examples = readdirSync(join(root, "examples")).filter((file) => /^\d\d-.*\.ts$/.test(file))

/** The lines after `// > `: what the program prints. */
const promised = (source: string) => [...source.matchAll(/^\/\/ > ?(.*)$/gm)].map((match) => match[1])

/** Journals that examples make lie here, and are gone afterwards. */
const folder = mkdtempSync(join(tmpdir(), "firebreak-examples-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = async (file: string) => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=firebreak-source", "--disable-warning=ExperimentalWarning", join(root, "examples", file)],
    { cwd: folder, env: { ...process.env, NO_COLOR: "1" } }
  )
  return stdout.trimEnd().split("\n")
}

describe("the examples", () => {
  it.each(examples)("%s prints what its last lines say", async (file) => {
    const expected = promised(read(join("examples", file)))
    assert.isNotEmpty(expected, "an example says what it prints in lines that begin with // >")
    assert.deepStrictEqual(await run(file), expected)
  })
})

describe("the README", () => {
  const readme = read("README.md")

  it("says what its programs print", () => {
    for (const program of ["examples/07-first-workflow.ts", "examples/01-two-jobs.ts"]) {
      const said = promised(read(program)).map((line) => `\`${line}\``)
      assert.include(readme, `It prints ${said.join(", ")}`)
    }
  })

  it("keeps its programs to a dozen lines of code each, and itself to 120", () => {
    for (const [, program = ""] of readme.matchAll(/```ts\n([\s\S]*?)```/g))
      assert.isAtMost(program.split("\n").filter((line) => line.trim() !== "").length, 12)
    assert.isAtMost(readme.split("\n").length, 120)
  })
})

/** TypeScript blocks, and the region of an example that stands before them: `<!-- examples/05-search.ts#search -->`. */
const quotes = (text: string) =>
  [...text.matchAll(/(?:<!-- (\S+)#(\w+) -->\n)?```ts\n([\s\S]*?)```/g)].map(([, file, region, code]) => ({
    file,
    region,
    code
  }))

const regionOf = (file: string, name: string) =>
  new RegExp(`// #region ${name}\\n([\\s\\S]*?)// #endregion`).exec(read(file))?.[1]

/** Blocks without a language: what a program printed. */
const printed = (text: string) =>
  [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)].filter(([, language]) => language === "").map(([, , said]) => said!)

describe("the documents", () => {
  it.each(["README.md", "docs/supervision.md", "docs/workflows.md"])(
    "%s quotes each of its programs from an example",
    (document) => {
      const found = quotes(read(document))
      assert.isNotEmpty(found)
      for (const { code, file, region } of found) {
        assert.isDefined(file, `a program without an example before it:\n${code}`)
        assert.strictEqual(code, regionOf(file!, region!))
      }
    }
  )

  it("docs/workflows.md shows what examples print", () => {
    const found = printed(read("docs/workflows.md"))
    assert.isNotEmpty(found)
    const all = examples.map((file) => `\n${promised(read(join("examples", file))).join("\n")}\n`)
    for (const said of found)
      assert.isTrue(
        all.some((output) => output.includes(`\n${said}`)),
        `no example prints:\n${said}`
      )
  })

  const pages = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file.replaceAll("\\", "/")}`)

  it.each(["README.md", ...pages])("%s links to what is there", (file) => {
    const missing = [...read(file).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)]
      .map((match) => join(dirname(file), match[1]!))
      .filter((target) => !existsSync(join(root, target)))
    assert.deepStrictEqual(missing, [])
  })
})
