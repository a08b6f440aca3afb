/**
 * The rules that the house adds to the language, each with a program that breaks it.
 *
 * The real linters run with the project's own settings over a small project beside it.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { read, root } from "./tree.ts"

let dir = ""
beforeAll(() => {
  dir = realpathSync(mkdtempSync(path.join(tmpdir(), "firebreak-lint-")))
  cpSync(path.join(root, ".oxlintrc.json"), path.join(dir, ".oxlintrc.json"))
  mkdirSync(path.join(dir, "node_modules"))
  symlinkSync(path.join(root, "scripts"), path.join(dir, "scripts"))
  symlinkSync(root, path.join(dir, "node_modules", "firebreak"))
  symlinkSync(path.join(root, "node_modules", "effect"), path.join(dir, "node_modules", "effect"))
  const types = { types: [] }
  write(
    "tsconfig.json",
    JSON.stringify({ extends: path.join(root, "tsconfig.json"), compilerOptions: types, include: ["src"] })
  )
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const write = (file: string, text: string) => {
  mkdirSync(path.dirname(path.join(dir, file)), { recursive: true })
  writeFileSync(path.join(dir, file), text)
}

const node = (cwd: string, ...args: ReadonlyArray<string>) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: "utf8" })
  return { status, text: stdout + stderr }
}

/** The rules that refuse `text` as `file`, with their lines: `12 firebreak/no-test-left-out`. */
function refusals(file: string, text: string) {
  write(file, text)
  const { status, text: said } = node(dir, path.join(root, "node_modules/oxlint/bin/oxlint"), "--format=unix", file)
  const found = [...said.matchAll(/^\S+?:(\d+):\d+: .*\[Error\/([\w-]+)\(([\w-]+)\)\]$/gm)]
  assert.strictEqual(status, found.length === 0 ? 0 : 1, said)
  return found.map(([, line, plugin, rule]) => `${line} ${plugin}/${rule}`)
}

describe("time and chance in stories and scopes", () => {
  const story = [
    "export const at = Date.now()",
    "export const today = new Date()",
    "export const birthday = new Date(0)",
    "export const luck = Math.random()",
    "export const id = crypto.randomUUID()",
    "setTimeout(() => undefined, 1)",
    ""
  ].join("\n")
  const rule = "firebreak/time-and-chance-through-effect"

  it("come from Effect, so that they can be played again", () => {
    for (const room of ["src/workflows", "src/supervision"]) {
      assert.deepStrictEqual(
        refusals(`${room}/Story.ts`, story),
        [1, 2, 4, 5, 6].map((line) => `${line} ${rule}`)
      )
    }
  })

  it("may be the machine's own outside of them", () => {
    assert.deepStrictEqual(refusals("src/adapters/Clock.ts", story), [])
  })
})

describe("a closure", () => {
  const rule = "firebreak/closures-die-young"
  const lines = [
    "export const give = (to: any, all: ReadonlyArray<number>) => {",
    "  to.first = () => all[0]",
    '  to["last"] = function () { return all.at(-1) }',
    "  const count = () => all.length",
    "  to.count = count",
    "  to.each = { min: () => Math.min(...all), max() { return Math.max(...all) } }",
    "  return { get sum() { return all.reduce((a, b) => a + b) } }",
    "}",
    "export class Sum { get sum() { return 0 } zero = () => 0 }",
    ""
  ]

  it("has a name before it becomes a property, and is no getter: else nothing that it sees dies young", () => {
    assert.deepStrictEqual(
      refusals("src/adapters/Sums.ts", lines.join("\n")).filter((line) => line.includes(rule)),
      [2, 3, 7].map((line) => `${line} ${rule}`)
    )
  })
})

describe("tests", () => {
  const rule = "firebreak/no-test-left-out"

  it("are never the only ones that run", () => {
    const lines = [
      "it.only(name, body)",
      "describe.only(name, body)",
      "it.effect.only(name, body)",
      "it.live.only(name, body)"
    ]
    assert.deepStrictEqual(
      refusals("test/some.test.ts", `${declared}${lines.join("\n")}\n`).filter((line) => line.includes(rule)),
      [2, 3, 4, 5].map((line) => `${line} ${rule}`)
    )
  })

  it("are left out with a reason on their line, or not at all", () => {
    const lines = [
      "it.skip(name, body)",
      "it.effect.skip(name, body) // Windows has no such signal",
      "it.skipIf(true)(name, body)",
      "it.todo(name)",
      "rows.skip(3)"
    ]
    assert.deepStrictEqual(
      refusals("test/some.test.ts", `${declared}${lines.join("\n")}\n`).filter((line) => line.includes(rule)),
      [2, 4, 5].map((line) => `${line} ${rule}`)
    )
  })

  const declared = "declare const it: any, describe: any, rows: any, name: string, body: () => void\n"
})

describe("an effect that is made and never yielded", () => {
  const diagnostics = (story: string) => {
    write("src/story.ts", `${imports}${story}\n`)
    return node(
      root, // where effect-tsgo looks for the compiler
      path.join(root, "node_modules/@effect/tsgo/dist/effect-tsgo.cjs"),
      ..."diagnostics --strict --format text --project".split(" "),
      path.join(dir, "tsconfig.json")
    )
  }
  const imports =
    'import { Effect } from "effect"\nimport { coroutineScope, supervisorScope } from "firebreak/supervision"\n'

  it("is refused by the diagnostics that the project runs", () => {
    assert.include(read("package.json"), "effect-tsgo.cjs diagnostics --strict --format text --project tsconfig.json")
  })

  it("is refused when it would have launched a job", () => {
    const { status, text } = diagnostics(`
export const page = coroutineScope(function* (scope) {
  scope.launch(Effect.log("never said"))
  scope.async(Effect.succeed(1))
  return yield* Effect.succeed(2)
})
export const letters = supervisorScope(function* (scope) {
  scope.launch(Effect.log("never said"))
  yield* Effect.void
})`)
    const lines = [...text.matchAll(/story\.ts\((\d+),\d+\): error effect\(floatingEffect\)/g)].map(([, line]) => line)
    assert.deepStrictEqual([status, lines], [1, ["5", "6", "10"]], text)
  })

  it("is refused when it would have cancelled one", () => {
    const { status, text } = diagnostics(`
export const page = coroutineScope(function* (scope) {
  const job = yield* scope.launch(Effect.never)
  job.cancel
  return 1
})`)
    assert.deepStrictEqual([status, /story\.ts\(6,3\): error effect\(floatingEffect\)/.test(text)], [1, true], text)
  })

  it("is welcome when it is yielded", () => {
    const { status, text } = diagnostics(`
export const page = coroutineScope(function* (scope) {
  yield* scope.launch(Effect.log("said"))
})`)
    assert.deepStrictEqual([status, /Checked [1-9]/.test(text)], [0, true], text)
  })
})
