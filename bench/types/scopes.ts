/**
 * What a scope costs the compiler, against the same program on bare Effect. `npm run bench:types`, `--short` for a look.
 *
 * Files of 10, 100 and 400 scopes are checked by the real compiler, one thread, turn by turn; a file without scopes is
 * taken off each. Instantiations are exact; times are the best of the rounds.
 * Ends with exit code 1 when the instantiations do not grow linearly.
 *
 * The last full run, TypeScript 7.0.2 on two shared cores; all of it is for one scope of three jobs:
 *
 *   10 scopes                          instantiations  ÷ forkChild  ÷ Effect.all    check, ms  ÷ forkChild  ÷ Effect.all
 *   coroutineScope, awaited                       225         0.68          0.67
 *   supervisorScope, one handled                  379         0.94          0.70
 *
 *   100 scopes
 *   coroutineScope, awaited                       130         0.84          0.42        0.510         0.80          0.54
 *   supervisorScope, one handled                  196         0.88          0.47        0.760         1.06          0.51
 *
 *   400 scopes
 *   coroutineScope, awaited                       105         0.97          0.35        0.593         0.84          0.56
 *   supervisorScope, one handled                  115         0.80          0.30        0.868         0.95          0.55
 */
import { execFile } from "node:child_process"
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { all, allExits, failFast, forkAndHandle, forkAndJoin, sourceOf, supervised, type Writing } from "./programs.ts"

const short = process.argv.includes("--short")
const rounds = short ? 1 : 21
const sizes = short ? [10, 40] : [10, 100, 400]
/** Ours first, then the same program with forkChild and with Effect.all. */
const groups: ReadonlyArray<readonly [Writing, Writing, Writing]> = [
  [failFast, forkAndJoin, all],
  [supervised, forkAndHandle, allExits]
]
const writings = groups.flat()

const root = fileURLToPath(new URL("../..", import.meta.url))
/** A package that depends on this one, as a user's does. */
const folder = await mkdtemp(join(tmpdir(), "firebreak-types-"))

interface Cost {
  readonly milliseconds: number
  readonly instantiations: number
}

const check = async (project: string): Promise<Cost> => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["node_modules/typescript/bin/tsc", "-p", project, "--extendedDiagnostics", "--singleThreaded"],
    { cwd: root }
  )
  const figure = (name: string) => Number(new RegExp(`^${name}:\\s+([\\d.]+)`, "m").exec(stdout)?.[1])
  const cost = { milliseconds: figure("Check time") * 1000, instantiations: figure("Instantiations") }
  if (Number.isNaN(cost.milliseconds + cost.instantiations)) throw new Error(`no figures in:\n${stdout}`)
  return cost
}

const install = async (): Promise<void> => {
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "many-scopes", type: "module" }))
  await mkdir(join(folder, "node_modules"))
  await symlink(join(root, "node_modules/effect"), join(folder, "node_modules/effect"), "junction")
  await symlink(root, join(folder, "node_modules/firebreak"), "junction")
}

const projectOf = async (writing: Writing, index: number, scopes: number): Promise<string> => {
  const name = `${index}-${scopes}`
  await writeFile(join(folder, `${name}.ts`), sourceOf(writing, scopes))
  const project = join(folder, `${name}.json`)
  // A file without scopes has imports that nobody uses.
  const compilerOptions = { noUnusedLocals: false, types: [] }
  const extended = join(root, "tsconfig.json")
  await writeFile(
    project,
    JSON.stringify({ extends: extended, compilerOptions, files: [`${name}.ts`], include: [], exclude: [] })
  )
  return project
}

/** The best time and the instantiations of each project, over all rounds. */
const measure = async (projects: ReadonlyArray<string>): Promise<ReadonlyArray<Cost>> => {
  const costs = projects.map(() => ({ milliseconds: Infinity, instantiations: 0 }))
  for (let round = 0; round < rounds; round++) {
    for (const [index, project] of projects.entries()) {
      const { instantiations, milliseconds } = await check(project)
      costs[index] = { instantiations, milliseconds: Math.min(milliseconds, costs[index]!.milliseconds) }
    }
  }
  return costs
}

const perScope = (cost: Cost, empty: Cost, scopes: number): Cost => ({
  milliseconds: (cost.milliseconds - empty.milliseconds) / scopes,
  instantiations: (cost.instantiations - empty.instantiations) / scopes
})

const row = (...cells: ReadonlyArray<string>) =>
  console.log(cells.map((cell, index) => (index === 0 ? cell.padEnd(34) : cell.padStart(15))).join(""))

/** A cost, and its ratios to the two programs on bare Effect. */
const compared = (cost: number, against: ReadonlyArray<number>, digits: number): ReadonlyArray<string> => [
  cost.toFixed(digits),
  ...against.map((other) => (cost / other).toFixed(2))
]

const run = async (): Promise<boolean> => {
  const plan = writings.flatMap((writing, index) => [0, ...sizes].map((scopes) => ({ writing, index, scopes })))
  const projects: Array<string> = []
  for (const { index, scopes, writing } of plan) projects.push(await projectOf(writing, index, scopes))
  const costs = await measure(projects)
  const costOf = (writing: Writing, scopes: number): Cost => {
    const at = (size: number) => costs[plan.findIndex((one) => one.writing === writing && one.scopes === size)]!
    return perScope(at(scopes), at(0), scopes)
  }
  for (const scopes of sizes) {
    console.log(`\n${scopes} scopes of three jobs, each scope`)
    row("", "instantiations", "÷ forkChild", "÷ Effect.all", "check time, ms", "÷ forkChild", "÷ Effect.all")
    for (const group of groups) {
      for (const writing of group) {
        const [cost, ...against] = [writing, ...group.slice(1)].map((each) => costOf(each, scopes))
        const instantiations = compared(
          cost!.instantiations,
          against.map((other) => other.instantiations),
          0
        )
        // Below a hundred scopes the time is lost in that of the file without scopes.
        const milliseconds = against.map((other) => other.milliseconds)
        row(writing.name, ...instantiations, ...(scopes < 100 ? [] : compared(cost!.milliseconds, milliseconds, 3)))
      }
    }
  }
  const growth = (writing: Writing) =>
    costOf(writing, sizes.at(-1)!).instantiations / costOf(writing, sizes[0]!).instantiations
  const worst = Math.max(growth(failFast), growth(supervised))
  console.log(
    `\ninstantiations a scope, ${sizes.at(-1)} scopes ÷ ${sizes[0]}: ${worst.toFixed(2)} (linear: at most 1.05)`
  )
  return worst <= 1.05
}

try {
  await install()
  process.exitCode = (await run()) ? 0 : 1
} finally {
  await rm(folder, { recursive: true })
}
