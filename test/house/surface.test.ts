/**
 * What users can import, as a reviewed list: `surface.txt`, one line per exported name.
 *
 * After a change on purpose: SURFACE=write npm test -- test/house/surface.test.ts
 */
import { assert, describe, it } from "@effect/vitest"
import { writeFileSync } from "node:fs"
import path from "node:path"
import { exportsOf, filesIn, read, root } from "./tree.ts"

const listed = "test/house/surface.txt"
const isType = (kind: string) => /^(type-only .*|type|interface)$/.test(kind)

/** The entry points of package.json with the source file of each; a pattern stands for each folder it fits. */
const entryPoints: ReadonlyArray<{ readonly name: string; readonly file: string }> = Object.entries(
  JSON.parse(read("package.json")).exports as Record<string, string | null | Record<string, string>>
).flatMap(([subpath, target]) => {
  if (target === null || typeof target === "string") return []
  const source = target["firebreak-source"]?.replace("./", "") ?? ""
  const name = subpath.replace(".", "firebreak")
  const [before = "", after] = source.split("*")
  if (after === undefined) return [{ name, file: source }]
  return filesIn(before.slice(0, -1))
    .map((file) => ({ file, room: file.slice(before.length, -after.length) }))
    .filter(({ file, room }) => file.endsWith(after) && !room.includes("/"))
    .map(({ file, room }) => ({ name: name.replace("*", room), file }))
})

describe("the public surface", () => {
  it("is the list in surface.txt", () => {
    const now = entryPoints
      .map(({ name, file }) => [name, ...linesOf(file)].join("\n"))
      .join("\n\n")
      .concat("\n")
    if (process.env.SURFACE === "write") writeFileSync(path.join(root, listed), now)
    assert.strictEqual(now, read(listed))
  })

  for (const { name, file } of entryPoints) {
    it(`of ${name} exports at run time what its source says`, async () => {
      const module = (await import(path.join(root, file))) as object
      const said = new Set(exportsOf(file).flatMap((each) => (isType(each.kind) ? [] : [each.name])))
      assert.deepStrictEqual(Object.keys(module).sort(), [...said].sort())
    })
  }

  it("uses one word per thing: what is launched ends or is cancelled", () => {
    const unwanted = /^(fork|spawn|kill|abort|halt|stop)(s|ed|ing)?$/i
    const wordsOf = (name: string) => name.split(/(?=[A-Z])/)
    const words = entryPoints.flatMap(({ name, file }) =>
      exportsOf(file)
        .filter((each) => wordsOf(each.name).some((word) => unwanted.test(word)))
        .map((each) => `${name} ${each.name}`)
    )
    assert.deepStrictEqual(words, [])
  })

  it("does not open what is internal", () => {
    assert.strictEqual(JSON.parse(read("package.json")).exports["./internal/*"], null)
    assert.deepStrictEqual(
      entryPoints.filter(({ name }) => name.includes("internal")),
      []
    )
  })
})

/** `name  kinds`, sorted; one name may be a value and a type at once. */
function linesOf(file: string): ReadonlyArray<string> {
  const kinds = new Map<string, Set<string>>()
  for (const { name, kind } of exportsOf(file)) kinds.set(name, (kinds.get(name) ?? new Set()).add(kind))
  return [...kinds]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, each]) => `  ${name.padEnd(32)} ${[...each].sort().join(" + ")}`)
}
