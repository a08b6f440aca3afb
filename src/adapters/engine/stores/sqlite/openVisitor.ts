/**
 * Looking at a journal in SQLite, whoever owns it, and leaving requests in it.
 *
 * The special rule: looking changes nothing. A journal that is not there is not created, and one that is owned is read
 * beside its owner, which never waits for a visitor.
 *
 * Not here: owning a journal (`makeSqliteStore.ts`).
 */
import { realpathSync, statSync } from "node:fs"
import { Effect, Option } from "effect"
import type { Scope } from "effect"
import type { SqliteFault } from "../../../sql/SqliteFault.ts"
import { openSqlite } from "../../../sql/SqliteFile.ts"
import type { SqliteFile } from "../../../sql/SqliteFile.ts"
import { JournalUnusable } from "../../Store.ts"
import type { Visitor } from "../../Store.ts"
import { layoutOf } from "./layout.ts"
import { noJournal, storeError, tooNew, unusable } from "./meanings.ts"
import { isOwned } from "./ownerLock.ts"
import { visitInbox } from "./sqliteInbox.ts"
import { ownerIn, sqliteReader } from "./sqliteReader.ts"
import { layouts } from "./tables.ts"

/**
 * Opens the journal at `file` to read it and to ask, whether or not it has an owner.
 *
 * **Gotchas**: SQLite needs to write an index (`-shm`) beside a journal even to read it, unless an owner has it open.
 */
export const openVisitor = (file: string): Effect.Effect<Visitor, JournalUnusable, Scope.Scope> =>
  Effect.gen(function* () {
    const found = statSync(file, { throwIfNoEntry: false })
    if (found === undefined) return yield* missing(file)
    if (!found.isFile()) return yield* noJournal(file, "it is no file")
    const path = realpathSync(file)
    const db = yield* openSqlite(path, { readOnly: true }).pipe(Effect.mapError(unreadable))
    const namespace = yield* looked(db)
    return {
      ...sqliteReader(db),
      name: file,
      namespace,
      inbox: yield* visitInbox(path, namespace),
      owner: isOwned(path).pipe(
        Effect.flatMap((owned) =>
          owned ? db.attempt(() => Option.some(ownerIn(db) ?? "another process")) : Effect.succeedNone
        ),
        Effect.mapError(storeError)
      )
    }
  })

/** The namespace of the journal, if it is one that this program can read. */
const looked = (db: SqliteFile): Effect.Effect<string, JournalUnusable> =>
  db
    .attempt(() => layoutOf(db))
    .pipe(
      Effect.mapError(unreadable),
      Effect.flatMap((found) => {
        if (found._tag === "Empty") return Effect.fail(noJournal(db.path, "it is empty"))
        if (found._tag === "Foreign")
          return Effect.fail(noJournal(db.path, "it is a SQLite database of something else"))
        if (found.layout > layouts.length)
          return Effect.fail(tooNew(db.path, found.layout, found.needs, layouts.length))
        if (found.layout < layouts.length) return Effect.fail(tooOld(db.path, found.layout))
        return Effect.succeed(found.namespace)
      })
    )

const missing = (journal: string): JournalUnusable =>
  new JournalUnusable({
    journal,
    because: "Missing",
    reason: "there is no such file",
    remedy: "Name the file that the journal is kept in"
  })

const tooOld = (journal: string, layout: number): JournalUnusable =>
  new JournalUnusable({
    journal,
    because: "Unreachable",
    reason: `its layout is ${layout}, older than the ${layouts.length} that this program reads`,
    remedy: "Let its owner run once with this version of firebreak: that brings it up to date"
  })

const unreadable = (fault: SqliteFault): JournalUnusable =>
  fault.kind === "CannotOpen" || fault.kind === "ReadOnly"
    ? new JournalUnusable({
        journal: fault.path,
        because: "Unreachable",
        reason: `it cannot be read from here (${fault.detail})`,
        remedy:
          "Look as a user who may read the file and write its folder, or at a copy: SQLite keeps an index beside it"
      })
    : unusable(fault)
