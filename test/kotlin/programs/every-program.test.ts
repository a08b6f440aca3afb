/**
 * None of the 44 programs is missing, doubled, or there without being compared.
 */
import { execFile } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { isSeedProgram, traceOf } from "../../../examples/kotlin/harness/SeedProgram.ts"
import { programs } from "../ids.ts"

const examples = new URL("../../../examples/kotlin/", import.meta.url)
const files = readdirSync(examples).filter((name) => name.endsWith(".ts"))
const here = new URL("./", import.meta.url)

const idsOf = async (file: string): Promise<ReadonlyArray<string>> => {
  const module = (await import(new URL(file, examples).href)) as Record<string, unknown>
  return Object.entries(module).flatMap(([name, value]) => {
    if (!isSeedProgram(value)) return []
    assert.strictEqual(value.id, name, `the number of a program is its name in ${file}`)
    return [value.id]
  })
}

describe("the programs of the articles", () => {
  it("are 44, each in one file of examples/kotlin and under one number", async () => {
    assert.strictEqual(programs.length, 44)
    const ids = (await Promise.all(files.map(idsOf))).flat()
    assert.deepStrictEqual(ids.toSorted(), programs.toSorted())
  })

  it("are each compared with Kotlin, once", () => {
    const compared = readdirSync(here)
      .filter((name) => name.endsWith(".test.ts"))
      .flatMap((name) => [...readFileSync(new URL(name, here), "utf8").matchAll(/^compare\(\w+\.(S\w+), \{/gm)])
      .map(([, id]) => id!)
    assert.deepStrictEqual(compared.toSorted(), programs.toSorted())
  })

  it.each(files)("%s begins with what the Kotlin did and what is different here, and prints all it has", (file) => {
    const text = readFileSync(new URL(file, examples), "utf8")
    assert.match(text, /^\/\*\*[\s\S]*?\n \* Kotlin: [\s\S]*?\n \* Here: [\s\S]*?\*\//)
    const printed = /\nprintIfMain\(import\.meta\.url, \{ (.+) \}\)\n$/.exec(text)?.[1]?.split(", ")
    assert.deepStrictEqual(
      printed,
      [...text.matchAll(/^export const (S\w+) = seedProgram\(/gm)].map(([, id]) => id)
    )
  })

  it("print their traces when Node is asked to run them", async () => {
    const file = fileURLToPath(new URL("SaveAll.ts", examples))
    const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=firebreak-source", file])
    const { S04 } = await import("../../../examples/kotlin/SaveAll.ts")
    const trace = await Effect.runPromise(traceOf(S04.runs["a cancellation passes the catch"]).pipe(Effect.scoped))
    assert.isAbove(trace.length, 0)
    assert.include(stdout, `\n${trace.join("\n")}\n`)
  })
})
