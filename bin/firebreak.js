#!/usr/bin/env node
/**
 * The command `firebreak`, installed or in a clone. Plain JavaScript that an old Node understands,
 * so that it can say that it is too old. What the command does is in `src/cli/main.ts`.
 */
import { existsSync } from "node:fs"

const [major, minor] = process.versions.node.split(".").map(Number)
const setup = new URL("../scripts/run.mjs", import.meta.url) // only a clone has it

if (process.execArgv.includes("--conditions=firebreak-source")) {
  await import("../src/cli/main.ts")
} else if (existsSync(setup)) {
  process.argv.splice(2, 0, "start", "bin/firebreak.js")
  await import(setup.href)
} else if (major > 22 || (major === 22 && minor >= 19)) {
  await import("../dist/cli/main.js")
} else {
  console.error(`firebreak needs Node.js 22.19 or newer; this is ${process.versions.node}. See https://nodejs.org`)
  process.exitCode = 1
}
