/**
 * Counts the commits of every SQLite database in this process that are to survive a power failure.
 *
 * The special rule: it is for runs that are counted, not for runs that are timed. It looks at each statement on its way
 * to `node:sqlite`: one that ends a transaction is a commit, and so is one that writes outside of a transaction. What is
 * opened with `synchronous = OFF` waits for no device, and is not counted.
 */
import { DatabaseSync, StatementSync } from "node:sqlite"

/** Starts counting; what it gives says how many commits there have been. */
export const countSqliteCommits = (): (() => number) => {
  let commits = 0
  const unsafe = new WeakSet<DatabaseSync>()
  const watch = <A>(database: DatabaseSync, sql: string, run: () => A): A => {
    const wasOpen = database.isTransaction
    const result = run()
    if (isUnsafe(sql)) unsafe.add(database)
    if (unsafe.has(database)) return result
    if (wasOpen ? isCommit(sql) && !database.isTransaction : isWrite(sql)) commits++
    return result
  }

  const { exec, prepare } = DatabaseSync.prototype
  const prepared = new WeakMap<StatementSync, { readonly database: DatabaseSync; readonly sql: string }>()
  DatabaseSync.prototype.exec = function (sql) {
    return watch(this, sql, () => exec.call(this, sql))
  }
  DatabaseSync.prototype.prepare = function (sql, ...options) {
    const statement = prepare.call(this, sql, ...options)
    prepared.set(statement, { database: this, sql })
    return statement
  }
  for (const method of ["run", "get", "all"] as const) {
    // What goes in and comes out is passed on as it is.
    const original: (...args: Array<any>) => unknown = StatementSync.prototype[method]
    Object.assign(StatementSync.prototype, {
      [method](this: StatementSync, ...args: Array<unknown>) {
        const from = prepared.get(this)
        const run = () => original.apply(this, args)
        return from === undefined ? run() : watch(from.database, from.sql, run)
      }
    })
  }
  return () => commits
}

const isUnsafe = (sql: string) => /synchronous\s*=\s*off/i.test(sql)
const isCommit = (sql: string) => /^\s*(commit|end)\b/i.test(sql)
const isWrite = (sql: string) => /^\s*(insert|update|delete|replace|with\b.*\b(insert|update|delete))\b/is.test(sql)
