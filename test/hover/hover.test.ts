/**
 * Types as the editor shows them: unions by name, and no mark of a launch in sight.
 *
 * What is expected stands in the files themselves, after `^?`; for the examples, in `examples.txt`. `FIREBREAK_WRITE=1`
 * writes both anew; read the difference.
 */
import { readdir, readFile, writeFile } from "node:fs/promises"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { LanguageServer, type Position } from "./LanguageServer.ts"

const here = (path: string) => new URL(path, import.meta.url)
const examples = here("../../examples/")
const reviewed = here("examples.txt")
const writing = process.env["FIREBREAK_WRITE"] === "1"

let server: LanguageServer
beforeAll(async () => void (server = await LanguageServer.open()))
afterAll(() => server?.close())

// ── Marks ──

interface Mark {
  readonly at: Position
  readonly expected: string
}

/** The marks of a file: each arrow points at the line above its comment; several may stand side by side. */
const marksIn = (text: string): ReadonlyArray<Mark> => {
  const lines = text.split("\n")
  return lines.flatMap((comment, index) => {
    if (!/^\s*\/\/ .*\^\?/.test(comment)) return []
    const answers = lines[index + 1]?.trim().startsWith("//=") === true ? answersBelow(lines, index + 1) : []
    return [...comment.matchAll(/\^\?/g)].map((arrow, nth) => ({
      at: { line: index - 1, character: arrow.index },
      expected: answers[nth] ?? ""
    }))
  })
}

const answersBelow = (lines: ReadonlyArray<string>, from: number): ReadonlyArray<string> => {
  const end = lines.findIndex((line, index) => index >= from && !line.trim().startsWith("//="))
  return lines.slice(from, end < 0 ? undefined : end).map((line) => line.trim().slice("//= ".length))
}

const withAnswers = (text: string, answers: ReadonlyArray<string>): string => {
  const rest = [...answers]
  return text
    .split("\n")
    .filter((line) => !line.trim().startsWith("//="))
    .flatMap((line) => {
      const arrows = /^\s*\/\/ .*\^\?/.test(line) ? line.match(/\^\?/g)!.length : 0
      const indent = /^\s*/.exec(line)![0]
      return [line, ...rest.splice(0, arrows).map((answer) => `${indent}//= ${answer}`)]
    })
    .join("\n")
}

describe.each(["scopes.ts", "jobs.ts", "order.ts", "steps.ts"])("hovering in %s", async (name) => {
  const file = here(name)
  const text = await readFile(file, "utf8")
  const marks = marksIn(text)

  it(`shows what it says at each of its ${marks.length} marks`, async () => {
    await server.show(file)
    const shown: Array<string> = []
    for (const { at } of marks) shown.push(await server.hover(file, at))
    if (writing) await writeFile(file, withAnswers(text, shown))
    else
      assert.deepStrictEqual(
        shown,
        marks.map(({ expected }) => expected)
      )
    assert.deepStrictEqual(shown.filter(unreadable), [])
  })
})

/** A phantom, an expanded error or service, or a type so long that it was cut. */
const unreadable = (hover: string): boolean =>
  hover === "" || /InsideCoroutineScope|ChildFailures|Outside<|_tag|Variance|\.\.\.[^A-Za-z]|\bany\b/.test(hover)

// ── Examples ──

const isExample = (file: string) => /^\d.*\.ts$/.test(file)

describe("hovering in the examples", () => {
  it("shows everything they declare by name", async () => {
    const shown: Array<string> = []
    for (const name of (await readdir(examples)).filter(isExample).toSorted()) {
      const file = new URL(name, examples)
      await server.show(file)
      shown.push(`── ${name} ──`)
      for (const { at } of await server.declarations(file)) {
        const hover = await server.hover(file, at)
        if (!hover.startsWith("(alias)")) shown.push(hover)
      }
    }
    if (writing) await writeFile(reviewed, `${shown.join("\n")}\n`)
    assert.strictEqual(`${shown.join("\n")}\n`, await readFile(reviewed, "utf8"))
    assert.deepStrictEqual(shown.filter(unreadable), [])
  })
})

// ── Completions ──

describe("completing catchTag", () => {
  const beginning = `import { Effect } from "effect"
import { coroutineScope, supervisorScope } from "firebreak/supervision"
import { ProcessOrder } from "firebreak/workflows"
import { charge, mailAndReserve, reserve, sendMail } from "../types/refused/world.ts"
`
  const offeredAt = async (name: string, program: string) => {
    const file = here(name)
    const text = beginning + program
    const before = text.slice(0, text.indexOf("‸")).split("\n")
    await server.show(file, text.replace("‸", ""))
    return (await server.completions(file, { line: before.length - 1, character: before.at(-1)!.length })).toSorted()
  }

  it("offers exactly the tags that can occur in a scope", async () => {
    const program = `coroutineScope(function* (scope) {
  yield* scope.launch(charge("o-1"))
  yield* scope.launch(Effect.catchTag(mailAndReserve, "SmtpDown", () => Effect.void))
}).pipe(Effect.catchTag("‸", () => Effect.void))`
    assert.deepStrictEqual(await offeredAt("completeScope.ts", program), ["OutOfStock", "PaymentDeclined"])
  })

  it("offers exactly the tags of a supervised job where it is awaited", async () => {
    const program = `supervisorScope(function* (scope) {
  yield* scope.async(sendMail)
  const stock = yield* scope.async(reserve("MUG-1"))
  yield* stock.await.pipe(Effect.catchTag("‸", () => Effect.void))
})`
    assert.deepStrictEqual(await offeredAt("completeJob.ts", program), ["OutOfStock"])
  })

  it("offers exactly the tags of an order", async () => {
    const program = `declare const order: typeof ProcessOrder.payloadSchema.Type
ProcessOrder.execute(order).pipe(Effect.catchTag("‸", () => Effect.void))`
    assert.deepStrictEqual(await offeredAt("completeOrder.ts", program), [
      "InventoryUnavailable",
      "OutOfStock",
      "PaymentDeclined",
      "PaymentUnavailable"
    ])
  })
})
