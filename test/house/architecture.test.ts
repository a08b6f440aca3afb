/**
 * The plan of the house: which room may know which, and how a file is written.
 *
 * Imports point inwards only, so that supervision can be read without workflows, and workflows
 * without what fulfils their needs.
 */
import { assert, describe, it } from "@effect/vitest"
import { allFiles, filesIn, importsOf, read } from "./tree.ts"

/** For each room under `src`, the rooms it may import from, and the packages where that is limited too. */
const plan: Record<string, { readonly rooms: ReadonlyArray<string>; readonly packages?: RegExp }> = {
  supervision: { rooms: [], packages: /^effect(\/|$)/ },
  workflows: { rooms: ["supervision"], packages: /^effect(\/|$)/ },
  adapters: { rooms: ["workflows", "supervision"] },
  simulators: { rooms: ["workflows"] },
  testing: { rooms: ["workflows", "supervision", "adapters/engine"] },
  cli: { rooms: ["app.ts"] },
  web: { rooms: ["adapters/http"] }
}

/** The files that know every room: what is wired, and what is listed. */
const knowAll = ["src/app.ts", "src/index.ts"]

/** Benches that compare two insides of the package, which no name leads to, with the reason. */
const looksInside: Record<string, string> = {
  "bench/scopes.ts": "measures a body run by hand beside a body in a fiber"
}

/** Files above 250 lines that are one idea all the same, with the reason. */
const longOnPurpose: Record<string, string> = {
  "src/adapters/engine/Run.ts": "asking and telling are one order of events, and are read together"
}

const sources = filesIn("src")
const lineCount = (file: string) => read(file).trimEnd().split("\n").length

describe("imports", () => {
  it("point inwards: each room knows only the rooms that the plan names", () => {
    const outward = sources
      .filter((file) => !knowAll.includes(file))
      .flatMap((file) => {
        const room = file.split("/")[1] ?? ""
        const allowed = plan[room]
        if (allowed === undefined) return [`${file} is in no room of the plan`]
        return importsOf(file).flatMap(({ from, target }) => {
          const inside = [room, ...allowed.rooms].some((each) => target?.startsWith(`src/${each}`))
          const known = target === undefined ? (allowed.packages?.test(from) ?? true) : inside
          return known ? [] : [`${file} imports ${from}`]
        })
      })
    assert.deepStrictEqual(outward, [])
  })

  it("name the file that they mean", () => {
    const missing = sources.flatMap((file) =>
      importsOf(file)
        .filter(({ target }) => target !== undefined && !allFiles.includes(target))
        .map(({ from }) => `${file} imports ${from}`)
    )
    assert.deepStrictEqual(missing, [])
  })

  it("of examples and benches reach the package by its name", () => {
    const outside = [...filesIn("examples"), ...filesIn("bench")].filter((file) => looksInside[file] === undefined)
    const around = outside.flatMap((file) =>
      importsOf(file)
        .filter(({ target }) => target?.startsWith("src/"))
        .map(({ from }) => `${file} imports ${from}`)
    )
    assert.deepStrictEqual(around, [])
  })
})

describe("files of src", () => {
  it("begin with a door sign: a sentence, and more than a line where the file is more than a page", () => {
    const without = sources.filter((file) => {
      const [, sign = ""] = /^(?:#![^\n]*\n)?\/\*\*([\s\S]*?)\*\//.exec(read(file)) ?? []
      const lines = sign.split("\n").filter((line) => /\w/.test(line))
      return (
        sign.split(/\s+/).filter((word) => /\w/.test(word)).length < 6 || (lineCount(file) > 60 && lines.length < 2)
      )
    })
    assert.deepStrictEqual(without, [])
  })

  it("have at most 250 lines, or a reason", () => {
    const long = sources.filter((file) => lineCount(file) > 250 && longOnPurpose[file] === undefined)
    assert.deepStrictEqual(long, [])
  })

  it("that are long on purpose are still there and still long", () => {
    const settled = Object.keys(longOnPurpose).filter((file) => !sources.includes(file) || lineCount(file) <= 250)
    assert.deepStrictEqual(settled, [])
  })

  it("that is the table of contents of the package holds nothing of its own", () => {
    assert.notMatch(read("src/index.ts"), /^(?:export )?(?:const|let|function|class)\b/m)
  })
})
