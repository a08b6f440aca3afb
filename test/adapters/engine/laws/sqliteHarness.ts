/**
 * Journals in SQLite files, each in a folder of its own.
 */
import { copyFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import { makeSqliteStore } from "../../../../src/adapters/engine/stores/sqlite/makeSqliteStore.ts"
import { openVisitor } from "../../../../src/adapters/engine/stores/sqlite/openVisitor.ts"
import { folder } from "../stores/sqlite/folder.ts"
import type { Harness } from "./harness.ts"

export const sqliteHarness: Harness = {
  name: "in a SQLite file",
  isQuick: false,
  everyCommit: 2,
  firstCommit: 2,
  place: Effect.map(folder, (path) => {
    let file = join(path, "journal.db")
    return {
      open: Effect.suspend(() => makeSqliteStore({ file })),
      visit: Effect.suspend(() => openVisitor(file)),
      copy: Effect.sync(() => {
        const copied = `${file}.copy`
        copyFileSync(file, copied)
        file = copied
      }),
      spoil: ({ data, execution, n }) =>
        Effect.sync(() => {
          const db = new DatabaseSync(file)
          db.prepare("UPDATE firebreak_events SET data = ? WHERE execution = ? AND n = ?").run(data, execution, n)
          db.close()
        })
    }
  })
}
