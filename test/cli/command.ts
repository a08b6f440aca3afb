/**
 * The command as a person runs it: a process with arguments, input, output, signals and an exit code.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import { visitPostgres, visitSqlite } from "firebreak/journal"

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url))
const compiled = fileURLToPath(new URL("../../node_modules/.cache/compiled", import.meta.url))

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface Options {
  readonly input?: string
  /** Called once, when that many lines stand on standard output (1 without a number). */
  readonly onLine?: (child: ChildProcess) => unknown
  readonly lines?: number
  /** Called once, when standard error holds that text. */
  readonly onSaid?: readonly [text: string, then: (child: ChildProcess) => unknown]
  /** Where it runs, and so where its journal is: in a new folder of its own without one. */
  readonly cwd?: string
  /** What takes no output from the beginning: a pipe whose reader has gone, a disk that is full. */
  readonly output?: "closed" | "full"
  readonly errors?: "closed"
}

/** Runs `firebreak ARGS` to its end. */
export const firebreak = (args: ReadonlyArray<string>, options: Options = {}): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const { input = "", lines = 1, onLine, onSaid } = options
    const cwd = options.cwd ?? mkdtempSync(path.join(tmpdir(), "firebreak-"))
    const env = { ...process.env, NODE_COMPILE_CACHE: compiled }
    const full = options.output === "full" ? openSync("/dev/full", "w") : undefined
    const child: ChildProcess = spawn(process.execPath, ["--conditions=firebreak-source", main, ...args], {
      cwd,
      env,
      stdio: ["pipe", full ?? "pipe", "pipe"]
    })
    if (full !== undefined) closeSync(full)
    if (options.output === "closed") child.stdout?.destroy()
    if (options.errors === "closed") child.stderr?.destroy()
    let [out, err] = ["", ""]
    let isTold = false
    let isSaid = onSaid === undefined
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      out += text
      if (isTold || out.split("\n").length <= lines) return
      isTold = true
      onLine?.(child)
    })
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      err += text
      if (isSaid || !err.includes(onSaid![0])) return
      isSaid = true
      onSaid![1](child)
    })
    child.stdin?.on("error", () => {}) // a command that is refused reads nothing
    child.stdin?.end(input)
    child.on("error", reject)
    child.on("close", (code) => {
      if (options.cwd === undefined) rmSync(cwd, { recursive: true })
      resolve({ code, out, err })
    })
  })

/**
 * Runs it again when something came too late: a run waits a second and a half for its orders, a verb two seconds for an
 * owner. A machine that is busy just then is no reason to fail; one that is so five times is.
 */
export const inTime = async (run: () => Promise<Ran>, wasInTime: (ran: Ran) => boolean, tries = 5): Promise<Ran> => {
  const ran = await run()
  return wasInTime(ran) || tries === 1 ? ran : inTime(run, wasInTime, tries - 1)
}

/** An owner was asked, and has not answered while the verb waited for it: two seconds. */
export const isUnanswered = ({ out }: Ran) => out.includes("nobody has answered yet") || out.includes('"pending":')

/** Waits until the journal, in this folder or at a URL, says that an order is being charged. */
export const charging = async (order: string, where: { readonly cwd: string } | { readonly url: string }) => {
  const visit =
    "url" in where ? visitPostgres(where.url) : visitSqlite(path.join(where.cwd, ".firebreak", "journal.db"))
  const isCharging = Effect.flatMap(visit, (journal) => journal.show(order)).pipe(
    Effect.map(({ steps }) => steps.some(({ step }) => step === "charge")),
    Effect.orElseSucceed(() => false), // there is no such journal yet, or no such order
    Effect.scoped
  )
  const giveUpAt = performance.now() + 200_000
  while (!(await Effect.runPromise(isCharging))) {
    if (performance.now() > giveUpAt) throw new Error(`order ${order} is not being charged`)
    await pause(20)
  }
}

/** The lines that `--json` wrote, by their place in the file. */
export const jsonLines = ({ out }: Ran): Array<Record<string, unknown>> =>
  out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .sort((a, b) => Number(a["line"]) - Number(b["line"]))

/** An order as it is written in a file. */
export const anOrder = (id: string, but: object = {}) => ({
  id,
  customer: { email: "ann@example.com" },
  currency: "EUR",
  lines: [{ sku: "MUG-1", quantity: 2, price: "12.50" }],
  total: "25.00",
  payment: { method: "pm_card_visa" },
  ...but
})

export const ndjson = (...rows: ReadonlyArray<unknown>) =>
  rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row))).join("\n")

/** Files in a folder of their own, gone with the tests. */
export const makeFolder = () => {
  const folder = mkdtempSync(path.join(tmpdir(), "firebreak-"))
  return {
    path: folder,
    write: (name: string, text: string) => {
      const file = path.join(folder, name)
      writeFileSync(file, text)
      return file
    },
    make: (name: string) => {
      const made = path.join(folder, name)
      mkdirSync(made)
      return made
    },
    remove: () => rmSync(folder, { recursive: true })
  }
}
