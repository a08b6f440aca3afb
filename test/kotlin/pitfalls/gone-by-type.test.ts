/**
 * Kotlin's pitfalls that do not compile, and what the compiler says: the sentences stand in `gone-by-type.ts`.
 *
 * There every refused line is expected to be. Here a copy without the expectations is compiled, and its answers are read.
 */
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, beforeAll, it } from "@effect/vitest"
import { compile, type Diagnostic } from "../../types/compiler.ts"

const root = fileURLToPath(new URL("../../..", import.meta.url))
const directive = /^\s*\/\/ @ts-expect-error: (.*)$/

let folder: string
let lines: ReadonlyArray<string>
let diagnostics: ReadonlyArray<Diagnostic>

beforeAll(async () => {
  lines = (await readFile(new URL("gone-by-type.ts", import.meta.url), "utf8")).split("\n")
  folder = await mkdtemp(join(tmpdir(), "firebreak-pitfalls-"))
  await mkdir(join(folder, "node_modules"))
  await symlink(root, join(folder, "node_modules/firebreak"))
  await symlink(join(root, "node_modules/effect"), join(folder, "node_modules/effect"))
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }))
  await writeFile(join(folder, "pitfalls.ts"), lines.map((line) => (directive.test(line) ? "//" : line)).join("\n"))
  const options = { types: [], plugins: [] }
  await writeFile(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions: options, include: ["*.ts"], exclude: [] })
  )
  diagnostics = (await compile(folder)).diagnostics
})

afterAll(() => rm(folder, { recursive: true }))

/** The lines of one pitfall. */
const region = (pitfall: string) => {
  const from = lines.findIndex((line) => line.startsWith(`// ── ${pitfall}:`))
  const next = lines.findIndex((line, index) => index > from && line.startsWith("// ── "))
  return { from, to: next < 0 ? lines.length : next }
}

/** The sentence behind the directive of one pitfall. */
const expected = (pitfall: string): ReadonlyArray<string> => {
  const { from, to } = region(pitfall)
  return lines.slice(from, to).flatMap((line) => directive.exec(line)?.[1] ?? [])
}

/** What the compiler says about it: our own sentence where it quotes one, else its first line. */
const said = (pitfall: string): ReadonlyArray<string> => {
  const { from, to } = region(pitfall)
  return diagnostics
    .filter(({ line }) => line > from && line <= to)
    .map(({ message }) => /"(⛔[^"]*)"/.exec(message)?.[1] ?? message.split("\n")[0]!.replace(/^TS\d+: /, ""))
}

it("P1 catching a failure around an await of a fail-fast scope", () => {
  assert.deepStrictEqual(said("P1"), expected("P1"))
})

it("P3 passing another parent to launch", () => {
  assert.deepStrictEqual(said("P3"), expected("P3"))
})

it("P5 installing a handler on a job of a fail-fast scope, where nobody would ask it", () => {
  assert.deepStrictEqual(said("P5"), expected("P5"))
})

it("P6 launching in a supervisor what can fail, without a handler", () => {
  assert.deepStrictEqual(said("P6"), expected("P6"))
})

it("P7 recovering in a handler, which runs when the job has failed already", () => {
  assert.deepStrictEqual(said("P7"), expected("P7"))
})

it("P19 launching a job as non-cancellable, cut off from its parent", () => {
  assert.deepStrictEqual(said("P19"), expected("P19"))
})

it("P20 a critical section that does not say how long it may take", () => {
  assert.deepStrictEqual(said("P20"), expected("P20"))
})

it("P29 a long-lived supervisor without a scope that closes it", () => {
  assert.deepStrictEqual(said("P29"), expected("P29"))
})

it("P34 taking a catch on the stream for one around its collector", () => {
  assert.deepStrictEqual(said("P34"), expected("P34"))
})

it("P35 a state of a stream that can fail, whose subscribers would look at a stale value", () => {
  assert.deepStrictEqual(said("P35"), expected("P35"))
})

it("each is refused once, and nothing else in the file is", () => {
  const directives = lines.filter((line) => directive.test(line)).length
  assert.strictEqual(directives, 10)
  assert.strictEqual(diagnostics.length, directives)
})
