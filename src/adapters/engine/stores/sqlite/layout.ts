/**
 * Which layout a file has, and how an older one becomes the one of today.
 *
 * The special rule: all steps from an older layout to today's are one transaction. A program that is cut off in the
 * middle leaves the journal as it was.
 *
 * Not here: the tables themselves (`tables.ts`).
 */
import type { SqliteFile } from "../../../sql/SqliteFile.ts"
import type { Layout } from "./tables.ts"
import { layouts } from "./tables.ts"

export type Found =
  | { readonly _tag: "Empty" }
  /** A database of something else. */
  | { readonly _tag: "Foreign" }
  | { readonly _tag: "Journal"; readonly layout: number; readonly needs: string; readonly namespace: string }

/** What a file holds. To be used in the `work` of a transaction. */
export const layoutOf = (db: SqliteFile): Found => {
  const tables = db.statement("SELECT name FROM sqlite_master").all()
  if (tables.length === 0) return { _tag: "Empty" }
  if (!tables.some(({ name }) => name === "firebreak_journal")) return { _tag: "Foreign" }
  const row = db.statement("SELECT layout, needs, namespace FROM firebreak_journal").get()
  return row === undefined
    ? { _tag: "Foreign" }
    : {
        _tag: "Journal",
        layout: Number(row["layout"]),
        needs: String(row["needs"]),
        namespace: String(row["namespace"])
      }
}

/** Brings a file from layout `from` (0: nothing) to the last of `known`. To be used in the `work` of a transaction. */
export const bringUpToDate = (db: SqliteFile, from: number, known: ReadonlyArray<Layout> = layouts): void => {
  const missing = known.slice(from)
  if (missing.length === 0) return
  for (const { steps } of missing) db.exec(steps)
  if (from === 0) {
    db.statement("INSERT INTO firebreak_journal VALUES (1, 0, '', ?, ?, NULL, 0)").run(crypto.randomUUID(), Date.now())
    db.statement("INSERT INTO firebreak_owner VALUES (0, 0, 0, NULL, NULL)").run()
  }
  db.statement("UPDATE firebreak_journal SET layout = ?, needs = ?").run(known.length, known.at(-1)?.since ?? "")
}
