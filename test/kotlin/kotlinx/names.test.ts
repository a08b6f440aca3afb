/**
 * Every test of the list is here, once, in the file of its section, and no test is here that is not in the list.
 */
import { readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { names } from "./names.ts"

const here = new URL("./", import.meta.url)
const files = readdirSync(here).filter((file) => file.endsWith(".test.ts") && file !== "names.test.ts")

/** The name that each test of a file begins with. */
const namesIn = (file: string): ReadonlyArray<string> =>
  [...readFileSync(new URL(file, here), "utf8").matchAll(/^\s*it(?:\.\w+)?\(\s*"(\S+)/gm)].map(([, name]) => name!)

describe("the tests of kotlinx.coroutines", () => {
  it("are 82, each named once in the list", () => {
    const all = Object.values(names).flat()
    assert.deepStrictEqual([all.length, new Set(all).size], [82, 82])
  })

  it.each(Object.keys(names))("of section %s are all in its file, once, in the order of the list", (letter) => {
    const file = files.filter((name) => name.startsWith(`${letter}-`))
    assert.strictEqual(file.length, 1)
    assert.deepStrictEqual(namesIn(file[0]!), names[letter])
  })

  it("have no section beside the list", () => {
    assert.deepStrictEqual(files.map((file) => file[0]).toSorted(), Object.keys(names))
  })
})
