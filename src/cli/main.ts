/**
 * Where the command begins. Importing this file runs it.
 *
 * The special rule: nothing is imported before it is quiet. Node 22 tells everybody who loads its SQLite that this is an
 * experiment; that is ours to know, and not for whoever reads what became of their orders.
 *
 * Not here: the command (`command.ts`).
 */
const { emitWarning } = process
const quietly = (warning: string | Error, ...rest: ReadonlyArray<unknown>) => {
  if (typeof warning === "string" && warning.startsWith("SQLite is an experimental feature")) return
  Reflect.apply(emitWarning, process, [warning, ...rest])
}
process.emitWarning = quietly

await import("./command.ts")
