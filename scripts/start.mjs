/**
 * What `npm start` runs: `firebreak run` on the example orders.
 *
 *   npm start                        run examples/orders/orders.ndjson
 *   npm start -- --json              the same, with options
 *   npm start -- FILE… [options]     run FILE… [options]
 *   npm start -- --help              firebreak --help
 *
 * Files are meant from where npm was called, also below the root of the clone.
 */
import { existsSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"

const example = fileURLToPath(new URL("../examples/orders/orders.ndjson", import.meta.url))
if (process.env.INIT_CWD !== undefined) process.chdir(process.env.INIT_CWD)

const given = process.argv.slice(2)
const [first = "--"] = given
const isForTheCommand = first === "run" || ["--help", "-h", "--version"].includes(first)
const namesAFile = given.some((each) => each === "-" || existsSync(each)) || !first.startsWith("-")
const files = namesAFile ? [] : [path.relative(process.cwd(), example)]

process.argv.splice(2, Infinity, ...(isForTheCommand ? given : ["run", ...files, ...given]))
await import("../bin/firebreak.js")
