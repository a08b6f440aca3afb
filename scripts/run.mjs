/**
 * `node scripts/run.mjs <start|test> [flags for Node] FILE [arguments]`: makes the clone ready, then runs FILE
 * under a Node that is new enough, from the TypeScript sources.
 *
 * The scripts of package.json go through here, so each of them is the first command that a
 * fresh clone needs. `start` installs what a user's run needs, `test` everything.
 * The program gets the terminal, the arguments and the signals; its exit code is ours.
 */
import { spawn } from "node:child_process"
import { constants } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { SetupError } from "./npm.mjs"
import { setup } from "./setup.mjs"

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const [kind, ...rest] = process.argv.slice(2)
const flags = rest.slice(
  0,
  rest.findIndex((each) => !each.startsWith("-"))
)
const [file, ...args] = rest.slice(flags.length)

// The shell between npm and us dies of a SIGTERM without passing it on. That we have got another parent tells it.
if (process.env.npm_lifecycle_event !== undefined && process.platform !== "win32") {
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && process.kill(process.pid, "SIGTERM"), 300).unref()
}

try {
  run(await setup(root, kind))
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  process.stderr.write(`firebreak: ${error.message}\n`)
  process.exitCode = 1
}

function run(node) {
  const pathName = Object.keys(process.env).find((name) => name.toUpperCase() === "PATH") ?? "PATH" // "Path" on Windows
  const ours = ["--conditions=firebreak-source", `--import=${new URL("follow.mjs", import.meta.url)}`]
  const child = spawn(node, [...ours, ...flags, path.resolve(root, file), ...args], {
    stdio: "inherit",
    env: {
      ...process.env,
      [pathName]: [path.dirname(node), process.env[pathName] ?? ""].join(path.delimiter),
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? path.join(root, "node_modules", ".cache", "compiled")
    }
  })
  // On a terminal Ctrl-C reaches the program by itself; a second one from us would mean "leave now".
  const isTerminal = process.stdin.isTTY || process.stderr.isTTY
  process.on("SIGINT", () => isTerminal || child.kill("SIGINT"))
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal))
  child.on("error", (error) => {
    process.stderr.write(`firebreak: ${node} could not be run: ${error.message}\n`)
    process.exitCode = 1
  })
  child.on("close", (code, signal) => {
    process.exitCode = signal === null ? code : 128 + constants.signals[signal]
  })
}
