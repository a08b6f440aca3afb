/**
 * What the project says, and what it must not say: it stands alone, on any machine.
 */
import { assert, describe, it } from "@effect/vitest"
import { allFiles, filesIn, read } from "./tree.ts"

const isText = (file: string) => !/\/fixtures\/|\.(png|svg|ico|csv|ndjson)$/.test(file)
const texts = allFiles.filter((file) => isText(file) && file !== "test/house/prose.test.ts")

const linesThat = (files: ReadonlyArray<string>, unwanted: RegExp) =>
  files.flatMap((file) =>
    read(file)
      .split("\n")
      .flatMap((line, index) => (unwanted.test(line) ? [`${file}:${index + 1}: ${line.trim().slice(0, 120)}`] : []))
  )

describe("no text of the project", () => {
  it("names a path of one machine", () => {
    assert.deepStrictEqual(linesThat(texts, /(?<![\w.:/*-])\/(work|root|tmp|home|Users)\/\w/), [])
  })

  it("names the host of a package registry", () => {
    assert.deepStrictEqual(
      linesThat(texts, /registry\.(npmjs|yarnpkg)\.|https?:\/\/[\w.-]*(registry|artifactory|verdaccio|nexus)\b/),
      []
    )
  })

  it("speaks of how the project was made", () => {
    assert.deepStrictEqual(
      linesThat(
        texts,
        /\b(design\.md|style\.md|scope-notes\.md|semantics\.md|tests-to-port\.md|LLM|Claude|ChatGPT)\b|\bshared\/(kotlin|inputs|seeds|prototypes)/
      ),
      []
    )
  })
})

describe("the documents", () => {
  it("begin with a README of at most 120 lines", () => {
    const long = allFiles.filter((file) => file === "README.md" && read(file).trimEnd().split("\n").length > 120)
    assert.deepStrictEqual(long, [])
  })

  it("include a change log that has a section for the version of the package", () => {
    const { version } = JSON.parse(read("package.json")) as { version: string }
    assert.include(read("CHANGELOG.md"), `## ${version}`)
  })

  it("on public functions have the four headings and no others", () => {
    const heading = /^\s*\*\s+\*\*([^*]+)\*\*/
    const known = new Set(["When to use", "Details", "Gotchas", "Example"])
    const others = filesIn("src").flatMap((file) =>
      read(file)
        .split("\n")
        .flatMap((line, index) => {
          const name = heading.exec(line)?.[1]
          return name === undefined || known.has(name) ? [] : [`${file}:${index + 1}: ${name}`]
        })
    )
    assert.deepStrictEqual(others, [])
  })
})
