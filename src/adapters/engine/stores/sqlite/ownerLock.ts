/**
 * The lock that says whose a journal is: held for as long as the owner lives, and dropped by the operating system when it
 * dies, however it dies.
 *
 * It is an exclusive lock on a second SQLite file, `<journal>.owner`, which is taken once and never let go. (POSIX drops
 * all locks of a process on a file when it closes any descriptor of that file. SQLite minds that for files it has open
 * itself, so nothing but SQLite may ever open this one, or the journal.)
 *
 * The file also remembers how far the journal was, with its log and without. A journal that knows less than this was
 * restored from a backup (`claim.ts`), or put beside a log that is not its own (`belonging.ts`).
 *
 * The special rule: the lock keeps others out, but promises nothing. Somebody may remove the file, and then two owners
 * hold two locks. So every batch checks the epoch in the journal besides.
 */
import { existsSync, rmSync } from "node:fs"
import { Effect } from "effect"
import type { Scope } from "effect"
import { allOrNothing } from "../../../sql/allOrNothing.ts"
import { openSqlite } from "../../../sql/SqliteFile.ts"
import type { SqliteFile } from "../../../sql/SqliteFile.ts"
import type { SqliteFault } from "../../../sql/SqliteFault.ts"

/** How far a journal was when its owner last looked. */
export interface Memory {
  readonly namespace: string
  readonly epoch: number
  readonly batch: number
}

export interface OwnerLock {
  /** What the owner before knew; `undefined` if there was none, or its file is gone. */
  readonly memory: Memory | undefined
  /** How far the journal's file had been brought without its log, at least; `undefined` if that is not known. */
  readonly moved: Memory | undefined
  /** Writes down how far the journal is. Some microseconds: it need not survive a power failure. */
  readonly remember: (memory: Memory) => Effect.Effect<void, SqliteFault>
  /** The same for what the file holds without its log. */
  readonly rememberMoved: (moved: Memory) => Effect.Effect<void, SqliteFault>
  readonly forgetMoved: Effect.Effect<void, SqliteFault>
}

const lockFile = (journal: string) => `${journal}.owner`

/** Who only looks holds a shared lock for less than a millisecond. An owner that has come to stay is still there later. */
const patience = 300

/** Takes the lock, or fails with `Busy` when somebody else holds it. It is let go with the scope. */
export const holdOwnerLock = (journal: string): Effect.Effect<OwnerLock, SqliteFault, Scope.Scope> => {
  const path = lockFile(journal)
  const hold = allOrNothing(holdAt(path))
  // A damaged lock file is nobody's: who holds the lock is found before the damage is.
  return Effect.catchIf(hold, isDamaged, () =>
    Effect.andThen(
      Effect.sync(() => rmSync(path, { force: true })),
      hold
    )
  )
}

const holdAt = (path: string): Effect.Effect<OwnerLock, SqliteFault, Scope.Scope> =>
  Effect.gen(function* () {
    // A page for each row: each is written whole, or found damaged and begun anew. It needs neither log nor device.
    const db = yield* openSqlite(path, { patience, setUp: "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF" })
    const { memory, moved } = yield* db.attempt(() => take(db))
    return {
      memory,
      moved,
      remember: (memory: Memory) => db.attempt(() => write(db, "firebreak_memory", memory)),
      rememberMoved: (moved: Memory) => db.attempt(() => write(db, "firebreak_moved", moved)),
      forgetMoved: db.attempt(() => void db.statement("DELETE FROM firebreak_moved").run())
    }
  })

const isDamaged = (fault: SqliteFault) => fault.kind === "NotADatabase" || fault.kind === "Corrupt"

const take = (db: SqliteFile) => {
  db.exec("BEGIN EXCLUSIVE")
  try {
    // From here on a commit keeps the lock. Set any earlier, two who ask at once would keep shared locks and both fail.
    db.exec("PRAGMA locking_mode = EXCLUSIVE")
    for (const table of ["firebreak_memory", "firebreak_moved"]) {
      db.exec(`CREATE TABLE IF NOT EXISTS ${table} (
        one INTEGER PRIMARY KEY CHECK (one = 1), namespace TEXT NOT NULL, epoch INTEGER NOT NULL, batch INTEGER NOT NULL
      ) STRICT`)
    }
    const found = { memory: read(db, "firebreak_memory"), moved: read(db, "firebreak_moved") }
    db.exec("COMMIT")
    return found
  } catch (thrown) {
    db.exec("ROLLBACK; PRAGMA locking_mode = NORMAL")
    throw thrown
  }
}

type Table = "firebreak_memory" | "firebreak_moved"

const read = (db: SqliteFile, table: Table): Memory | undefined => {
  const row = db.statement(`SELECT namespace, epoch, batch FROM ${table}`).get()
  return row && { namespace: String(row["namespace"]), epoch: Number(row["epoch"]), batch: Number(row["batch"]) }
}

const write = (db: SqliteFile, table: Table, { namespace, epoch, batch }: Memory): void => {
  db.statement(`INSERT OR REPLACE INTO ${table} VALUES (1, ?, ?, ?)`).run(namespace, epoch, batch)
}

/** Whether somebody holds the lock now. Never creates the file. */
export const isOwned = (journal: string): Effect.Effect<boolean, SqliteFault> =>
  Effect.map(lookAtLock(journal), ({ isOwned }) => isOwned)

/** What a visitor can know of the lock. */
export interface Seen {
  readonly isOwned: boolean
  /** As in `OwnerLock`; to be read while nobody owns the journal. */
  readonly moved: Memory | undefined
}

const nobody: Seen = { isOwned: false, moved: undefined }

/** Looks at the lock, and never creates its file. */
export const lookAtLock = (journal: string): Effect.Effect<Seen, SqliteFault> =>
  Effect.suspend(() => (existsSync(lockFile(journal)) ? probe(lockFile(journal)) : Effect.succeed(nobody)))

const probe = (path: string): Effect.Effect<Seen, SqliteFault> =>
  Effect.scoped(
    Effect.gen(function* () {
      const db = yield* openSqlite(path, { readOnly: true, patience: 0 })
      return yield* db.attempt(() => {
        const table = db.statement("SELECT 1 FROM sqlite_master WHERE name = 'firebreak_moved'").get()
        return table === undefined ? nobody : { isOwned: false, moved: read(db, "firebreak_moved") }
      })
    })
  ).pipe(
    Effect.catchIf(
      (fault) => fault.kind === "Busy" || isDamaged(fault),
      (fault) => Effect.succeed(fault.kind === "Busy" ? { isOwned: true, moved: undefined } : nobody)
    )
  )
