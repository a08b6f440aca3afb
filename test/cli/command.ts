/**
 * The command as a person runs it: a process with arguments, input, output, signals and an exit code.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"

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
  /** Where it runs, and so where its journal is: in a new folder of its own without one. */
  readonly cwd?: string
  /** What takes no output from the beginning: a pipe whose reader has gone, a disk that is full. */
  readonly output?: "closed" | "full"
  readonly errors?: "closed"
}

/** Runs `firebreak ARGS` to its end. */
export const firebreak = (args: ReadonlyArray<string>, options: Options = {}): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const { input = "", lines = 1, onLine } = options
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
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      out += text
      if (isTold || out.split("\n").length <= lines) return
      isTold = true
      onLine?.(child)
    })
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (err += text))
    child.stdin?.on("error", () => {}) // a command that is refused reads nothing
    child.stdin?.end(input)
    child.on("error", reject)
    child.on("close", (code) => {
      if (options.cwd === undefined) rmSync(cwd, { recursive: true })
      resolve({ code, out, err })
    })
  })

/** Waits until the journal says that an order is being charged. */
export const charging = async (order: string, options: Pick<Options, "cwd">, ...where: ReadonlyArray<string>) => {
  let shown = ""
  while (!shown.includes('"charge"')) shown = (await firebreak(["show", order, "--json", ...where], options)).out
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
