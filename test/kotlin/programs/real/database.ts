/**
 * A real database file, a transaction over it, and what other connections see of it.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect, Exit } from "effect"

/** A database file with an empty table, and what other connections see in it. */
export const database = Effect.acquireRelease(
  Effect.sync(() => {
    const folder = mkdtempSync(join(tmpdir(), "firebreak-"))
    const db = new DatabaseSync(join(folder, "orders.db"))
    db.exec("CREATE TABLE orders (name TEXT)")
    const statements: Array<string> = []
    const exec = (sql: string) =>
      Effect.sync(() => {
        statements.push(sql)
        db.exec(sql)
      })
    const committed = (): ReadonlyArray<unknown> => {
      const other = new DatabaseSync(join(folder, "orders.db"), { readOnly: true })
      const rows = other.prepare("SELECT name FROM orders").all()
      other.close()
      return rows.map((row) => row["name"])
    }
    return { db, folder, statements, exec, committed }
  }),
  ({ db, folder }) =>
    Effect.sync(() => {
      db.close()
      rmSync(folder, { recursive: true })
    })
)

type Exec = (sql: string) => Effect.Effect<void>

/** Commits what `body` wrote when it succeeds, and only then. */
export const withTransaction = <A, E, R>(exec: Exec, body: Effect.Effect<A, E, R>) =>
  Effect.acquireUseRelease(
    exec("BEGIN IMMEDIATE"),
    () => body,
    (_, exit) => exec(Exit.isSuccess(exit) ? "COMMIT" : "ROLLBACK")
  )

export const insert = (name: string) => `INSERT INTO orders VALUES ('${name}')`
