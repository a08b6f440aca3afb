/**
 * The SQLite store obeys the laws of stores.
 */
import { rmSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { makeSqliteStore } from "../../../../../src/adapters/engine/stores/sqlite/makeSqliteStore.ts"
import { openVisitor } from "../../../../../src/adapters/engine/stores/sqlite/openVisitor.ts"
import { storeLaws } from "../contract.ts"
import { folder } from "./folder.ts"

storeLaws(
  "SQLite",
  Effect.map(folder, (path) => {
    const file = join(path, "journal.db")
    const open = makeSqliteStore({ file })
    return {
      open,
      // The lock lies in a file beside the journal. Whoever removes that lets another owner in.
      takeOver: Effect.suspend(() => {
        rmSync(`${file}.owner`)
        return open
      }),
      visit: openVisitor(file),
      keepsOthersOut: true
    }
  })
)
