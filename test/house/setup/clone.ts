/**
 * A small clone in a folder of its own, with the real set-up scripts and an npm that needs no network.
 *
 * The stand-in for npm is a real process on the `PATH`; what it does next is told by a file in
 * the clone, so that a test can let it fail, be cut short, or leave something out.
 */
import { spawn } from "node:child_process"
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { root } from "../tree.ts"

/** What happens to the stand-in for `npm ci`; the last one ends with exit code 0, as the real one does. */
export type Weather =
  | "fine"
  | "unreachable"
  | "cut short"
  | "cut short while it clears away"
  | "leaves out the native part"

const lock = {
  lockfileVersion: 3,
  packages: {
    "": { name: "small" },
    "node_modules/needed": { version: "1.0.0" },
    "node_modules/native": { version: "1.0.0", optional: true, os: [process.platform], cpu: [process.arch] },
    "node_modules/native-elsewhere": { version: "1.0.0", optional: true, os: ["plan9"], cpu: ["pdp11"] },
    "node_modules/for-tests": { version: "2.0.0", dev: true }
  }
}

const npm = `#!${process.execPath}
const fs = require("node:fs"), path = require("node:path")
const [verb, ...args] = process.argv.slice(2)
if (verb === "config") { console.log(args[1] === "registry" ? "https://packages.example/npm/" : "false"); process.exit() }
fs.appendFileSync(path.join(process.env.CLONE, "npm.log"), [verb, path.basename(process.cwd()), ...args].join(" ") + "\\n")
const weather = fs.readFileSync(path.join(process.env.CLONE, "weather"), "utf8")
if (weather === "cut short while it clears away") {
  fs.rmSync("node_modules/needed", { recursive: true })
  process.kill(process.pid, "SIGKILL")
}
fs.rmSync("node_modules", { recursive: true, force: true })
if (weather === "unreachable") {
  console.error("npm error code ECONNREFUSED\\nnpm error errno ECONNREFUSED")
  process.exit(1)
}
const { packages } = JSON.parse(fs.readFileSync("package-lock.json", "utf8"))
const installed = {}
for (const [at, entry] of Object.entries(packages)) {
  if (at === "" || entry.os?.includes("plan9") || (entry.dev && args.includes("--omit=dev"))) continue
  if (at.endsWith("native") && weather === "leaves out the native part") continue
  fs.mkdirSync(at, { recursive: true })
  fs.writeFileSync(path.join(at, "package.json"), "{}")
  installed[at] = entry
  if (weather === "cut short") process.kill(process.pid, "SIGKILL")
}
fs.writeFileSync("node_modules/.package-lock.json", JSON.stringify({ packages: installed }))
`

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export class Clone {
  readonly dir = realpathSync(mkdtempSync(path.join(tmpdir(), "firebreak-clone-")))

  constructor() {
    for (const each of ["scripts", "bin"]) cpSync(path.join(root, each), this.at(each), { recursive: true })
    mkdirSync(this.at("npm"))
    writeFileSync(this.at("npm/npm"), npm)
    chmodSync(this.at("npm/npm"), 0o755)
    writeFileSync(this.at("npm/package.json"), JSON.stringify({ type: "commonjs" }))
    writeFileSync(this.at("package.json"), JSON.stringify({ name: "small", type: "module" }))
    writeFileSync(this.at("package-lock.json"), JSON.stringify(lock))
    writeFileSync(this.at("program.mjs"), 'console.log("ran", ...process.argv.slice(2)); process.exitCode = 7')
    mkdirSync(this.at("src/cli"), { recursive: true })
    writeFileSync(this.at("src/cli/main.ts"), 'console.log("firebreak", ...process.argv.slice(2))')
    this.weather("fine")
  }

  at(file: string) {
    return path.join(this.dir, file)
  }

  weather(weather: Weather) {
    writeFileSync(this.at("weather"), weather)
  }

  /** One line for each time that npm was asked to install something. */
  get installations(): ReadonlyArray<string> {
    return existsSync(this.at("npm.log")) ? readFileSync(this.at("npm.log"), "utf8").trim().split("\n") : []
  }

  remove() {
    rmSync(this.dir, { recursive: true, force: true })
  }

  node(
    args: ReadonlyArray<string>,
    options: { readonly cwd?: string; readonly calledFrom?: string } = {}
  ): Promise<Ran> {
    const { npm_execpath: _, INIT_CWD: __, ...env } = process.env
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, args, {
        cwd: options.cwd ?? this.dir,
        env: {
          ...env,
          CLONE: this.dir,
          PATH: this.at("npm"),
          NODE_COMPILE_CACHE: "",
          ...(options.calledFrom === undefined ? {} : { INIT_CWD: options.calledFrom })
        }
      })
      let out = ""
      let err = ""
      child.stdout.on("data", (chunk) => (out += String(chunk)))
      child.stderr.on("data", (chunk) => (err += String(chunk)))
      child.on("error", reject)
      child.on("close", (code) => resolve({ code, out, err }))
    })
  }

  run(kind: "start" | "test", ...args: ReadonlyArray<string>) {
    return this.node(["scripts/run.mjs", kind, "program.mjs", ...args])
  }
}
