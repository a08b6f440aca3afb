/**
 * Looking at a journal in SQLite, whoever owns it, and leaving requests in it.
 *
 * The special rule: looking changes nothing. A journal that is not there is not created, and one that is owned is read
 * beside its owner, which never waits for a visitor.
 *
 * Not here: owning a journal (`makeSqliteStore.ts`).
 */
import { Effect, Option } from "effect"
import type { Scope } from "effect"
import type { SqliteFault } from "../../../sql/SqliteFault.ts"
import { allOrNothing } from "../../../sql/allOrNothing.ts"
import { openSqlite } from "../../../sql/SqliteFile.ts"
import { JournalUnusable } from "../../Store.ts"
import type { Visitor } from "../../Store.ts"
import { belongsTogether, schemaOf } from "./belonging.ts"
import { layoutOf } from "./layout.ts"
import { noJournal, storeError, tooNew, unusable } from "./meanings.ts"
import { isOwned, lookAtLock } from "./ownerLock.ts"
import { placeToVisit } from "./place.ts"
import { visitInbox } from "./sqliteInbox.ts"
import { ownerIn, sqliteReader } from "./sqliteReader.ts"
import { layouts } from "./tables.ts"

/**
 * Opens the journal at `file` to read it and to ask, whether or not it has an owner.
 *
 * **Gotchas**: SQLite needs to write an index (`-shm`) beside a journal even to read it, unless an owner has it open.
 * The index and an empty log stay there until the next owner leaves.
 */
export const openVisitor = (file: string): Effect.Effect<Visitor, JournalUnusable, Scope.Scope> =>
  allOrNothing(visit(file))

const visit = (file: string): Effect.Effect<Visitor, JournalUnusable, Scope.Scope> =>
  Effect.gen(function* () {
    const path = yield* placeToVisit(file)
    const lock = yield* Effect.mapError(lookAtLock(path), unreadable)
    if (!lock.isOwned) yield* belongsTogether(path, { moved: lock.moved })
    const look = yield* lookAt(path)
    if (look === undefined) return yield* noJournal(path, "it is empty")
    const { db, namespace, layout } = look
    if (layout < layouts.length) return yield* tooOld(path, layout)
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

/** Opens a file to read it, if it is a journal that is not too new for this program; `undefined` if it has no tables. */
export const lookAt = (path: string) =>
  Effect.gen(function* () {
    const db = yield* openSqlite(path, { readOnly: true }).pipe(Effect.mapError(unreadable))
    const { found, schema } = yield* Effect.mapError(
      db.attempt(() => ({ found: layoutOf(db), schema: schemaOf(db) })),
      unreadable
    )
    if (found._tag === "Empty") return undefined
    if (found._tag === "Foreign") return yield* noJournal(path, "it is a SQLite database of something else")
    if (found.layout > layouts.length) return yield* tooNew(path, found.layout, found.needs, layouts.length)
    return { db, namespace: found.namespace, layout: found.layout, schema }
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
