/**
 * A journal in a SQLite file, as one side of a move.
 */
import { realpathSync } from "node:fs"
import { Effect } from "effect"
import { openSqlite } from "../../sql/SqliteFile.ts"
import { adoptCopy, makeSqliteStore } from "../stores/sqlite/makeSqliteStore.ts"
import { storeError, unusable } from "../stores/sqlite/meanings.ts"
import { openVisitor } from "../stores/sqlite/openVisitor.ts"
import { executionColumns, executionOf } from "../stores/sqlite/rows.ts"
import type { Sided } from "./Side.ts"

export const sqliteSide = (file: string): Sided => ({
  check: Effect.scoped(Effect.asVoid(openVisitor(file))),
  adopt: adoptCopy({ file }),
  open: Effect.gen(function* () {
    const store = yield* makeSqliteStore({ file })
    // A second connection of the same process: SQLite keeps the owner's lock when it is closed.
    const db = yield* openSqlite(realpathSync(file)).pipe(Effect.mapError(unusable))
    const write = (sql: string, ...values: ReadonlyArray<string | number>) =>
      db.transaction(() => void db.statement(sql).run(...values)).pipe(Effect.mapError(storeError))
    return {
      store,
      executions: (after, limit) =>
        db
          .attempt(() =>
            db
              .statement(`SELECT ${executionColumns} FROM firebreak_executions WHERE seq > ? ORDER BY seq LIMIT ?`)
              .all(after, limit)
              .map(executionOf)
          )
          .pipe(Effect.mapError(storeError)),
      become: ({ epoch, isCopy, namespace }) =>
        Effect.andThen(
          write("UPDATE firebreak_journal SET namespace = ?, is_copy = ?", namespace, isCopy ? 1 : 0),
          write("UPDATE firebreak_owner SET epoch = ?, owner = NULL WHERE shard = 0", epoch)
        ),
      setCopy: (isCopy) => write("UPDATE firebreak_journal SET is_copy = ?", isCopy ? 1 : 0)
    }
  })
})
