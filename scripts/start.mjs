/**
 * What `npm start` runs: `firebreak run` on the example orders.
 *
 *   npm start                        run examples/orders/orders.ndjson --stock examples/orders/stock.json
 *   npm start -- --json              the same, with options
 *   npm start -- FILE… [options]     run FILE… [options]
 *   npm start -- --help              firebreak run --help
 *   npm start -- list                firebreak list, and so with every other verb
 *
 * Files are meant from where npm was called, also below the root of the clone.
 */
import { existsSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"

const example = (name) =>
  path.relative(process.cwd(), fileURLToPath(new URL(`../examples/orders/${name}`, import.meta.url)))
if (process.env.INIT_CWD !== undefined) process.chdir(process.env.INIT_CWD)

const given = process.argv.slice(2)
const [first = "--"] = given
const verbs = ["run", "list", "show", "why", "cancel", "retry", "settle", "--help", "-h", "--version"]
const isForTheCommand = verbs.includes(first) && !existsSync(first)

// What follows one of these is its value, not a file of orders.
const takesValue = ["--stock", "--faults", "--seed", "--concurrency", "--picture", "--payment-method", "--journal"]
const isOrders = (each, at) =>
  !takesValue.includes(given[at - 1]) && (each === "-" || !each.startsWith("-") || existsSync(each))

const files = given.some(isOrders) ? [] : [example("orders.ndjson")]
const stock = files.length > 0 && !given.includes("--stock") ? ["--stock", example("stock.json")] : []

const asked = ["--help", "-h"].includes(first) ? ["run", "--help"] : given
process.argv.splice(2, Infinity, ...(isForTheCommand ? asked : ["run", ...files, ...stock, ...given]))
await import("../bin/firebreak.js")
