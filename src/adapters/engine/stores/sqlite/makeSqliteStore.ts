/**
 * A journal in a SQLite file, with this process as its owner.
 *
 *   <journal>          the journal; its write-ahead log and index lie beside it (-wal, -shm)
 *   <journal>.owner    locked for as long as the owner lives (`ownerLock.ts`)
 *   <journal>.inbox    what other processes want done (`sqliteInbox.ts`)
 *
 * The special rule: what was committed is on the device (`synchronous = FULL`), and nothing ever waits inside SQLite.
 *
 * Not here: the tables (`tables.ts`), and looking at somebody else's journal (`openVisitor.ts`).
 */
import { statSync } from "node:fs"
import { Effect } from "effect"
import type { Scope } from "effect"
import type { SqliteFault } from "../../../sql/SqliteFault.ts"
import { allOrNothing } from "../../../sql/allOrNothing.ts"
import { openSqlite } from "../../../sql/SqliteFile.ts"
import type { SqliteFile } from "../../../sql/SqliteFile.ts"
import { JournalUnusable } from "../../Store.ts"
import type { Store, StoreError } from "../../Store.ts"
import { belongsTogether, hasLog } from "./belonging.ts"
import { makeCheckpoints, lastResort } from "./checkpoints.ts"
import { claim } from "./claim.ts"
import { makeCommit, ownershipLost } from "./commit.ts"
import { gone, inboxUnusable, unusable } from "./meanings.ts"
import { lookAt } from "./openVisitor.ts"
import { holdOwnerLock } from "./ownerLock.ts"
import { placeToOwn } from "./place.ts"
import { makeProgress } from "./progress.ts"
import { makeRemove } from "./remove.ts"
import { openInbox } from "./sqliteInbox.ts"
import { due, ownerIn, reading, sqliteReader, unfinished } from "./sqliteReader.ts"

export interface SqliteJournal {
  /** The path of the journal. It is created, with its folder, if it is not there. */
  readonly file: string
}

/**
 * Opens a journal in a SQLite file as its only owner.
 *
 * **Details**: a commit that finds no lock held completes without leaving the fiber.
 *
 * **Gotchas**: the file has to be on a disk of this machine. Locks over a network share cannot be trusted.
 */
export const makeSqliteStore = ({ file }: SqliteJournal): Effect.Effect<Store, JournalUnusable, Scope.Scope> =>
  allOrNothing(openOwned(file, false))

/**
 * Says that a copied or restored journal is the original from now on.
 *
 * **When to use**: a person has made sure that what the journal does not remember did not happen either, or has been
 * settled by hand.
 */
export const adoptCopy = ({ file }: SqliteJournal): Effect.Effect<void, JournalUnusable> =>
  Effect.scoped(Effect.asVoid(openOwned(file, true)))

/**
 * Measured: pages of 4 KiB cost least. The cache holds the inner pages of the indexes of a million executions; a larger
 * one costs more than it brings, because SQLite walks through it at most commits.
 */
const setUp = `
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA wal_autocheckpoint = ${lastResort};
PRAGMA journal_size_limit = 67108864;
PRAGMA cache_size = -8192;
PRAGMA temp_store = MEMORY;
`

const openOwned = (file: string, adopts: boolean): Effect.Effect<Store, JournalUnusable, Scope.Scope> =>
  Effect.gen(function* () {
    const path = yield* placeToOwn(file)
    const schema = yield* lookFirst(path)
    const lock = yield* Effect.catch(holdOwnerLock(path), (fault) => refusal(path, fault))
    if (lock.memory !== undefined && isEmpty(path)) return yield* gone(path)
    yield* belongsTogether(path, { moved: lock.moved, schema })
    const isWhole = !hasLog(path)
    // What is written from here on belongs to this file, be it older than what was here before.
    if (isWhole) yield* lock.forgetMoved.pipe(Effect.mapError(unusable))
    const db = yield* openSqlite(path, { setUp }).pipe(Effect.mapError(unusable))
    const claimed = yield* claim(db, lock, adopts)
    const inbox = yield* openInbox(path, claimed.namespace).pipe(Effect.mapError(inboxUnusable))
    const commit = yield* db
      .attempt(() => makeCommit(db, claimed.epoch, claimed.lastExecution))
      .pipe(Effect.mapError(unusable))
    const progress = yield* makeProgress(db, lock, claimed, isWhole)
    const checkpoints = yield* makeCheckpoints(db, progress.moved)
    return {
      ...sqliteReader(db),
      kind: "sqlite",
      name: file,
      epoch: claimed.epoch,
      namespace: claimed.namespace,
      isCopy: claimed.isCopy,
      lastExecution: claimed.lastExecution,
      commit: (batch) =>
        Effect.tap(commit(batch), () => {
          checkpoints.committed(batch.executions.length)
          return progress.committed(batch.id)
        }),
      lastBatch: lastBatch(db, claimed.epoch),
      unfinished: (after, limit) => unfinished(db, after, limit),
      due: (before, limit) => due(db, before, limit),
      remove: makeRemove(db, claimed.epoch),
      inbox
    }
  })

/**
 * Refuses what is no journal, or too new, before anything is changed in it or put beside it. A file without tables may be
 * a journal whose making was cut off. Answers the number of its schema.
 */
const lookFirst = (path: string): Effect.Effect<number | undefined, JournalUnusable> =>
  isEmpty(path)
    ? Effect.succeed(undefined)
    : Effect.scoped(Effect.map(lookAt(path), (look) => look?.schema)).pipe(
        Effect.catchIf(
          // All else is found out again, and better, by who can write.
          (error) => error.because !== "NotAJournal" && error.because !== "Newer",
          () => Effect.succeed(undefined)
        )
      )

const isEmpty = (path: string): boolean => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0

/** Why the lock cannot be had. Whoever has it wrote its name into the journal. */
const refusal = (path: string, fault: SqliteFault): Effect.Effect<never, JournalUnusable> =>
  fault.kind !== "Busy"
    ? Effect.fail(unusable(fault))
    : Effect.scoped(Effect.flatMap(openSqlite(path, { readOnly: true }), (db) => db.attempt(() => ownerIn(db)))).pipe(
        Effect.orElseSucceed(() => undefined),
        Effect.flatMap((owner) =>
          Effect.fail(
            new JournalUnusable({
              journal: path,
              because: "Owned",
              reason: `it is owned by ${owner ?? "another process"}`,
              remedy: "Ask that process, or wait until it has ended: a journal has one owner at a time"
            })
          )
        )
      )

const lastBatch = (db: SqliteFile, epoch: number): Effect.Effect<number, StoreError> =>
  Effect.gen(function* () {
    const batch = yield* reading(db, () => {
      const row = db.statement("SELECT batch FROM firebreak_owner WHERE shard = 0 AND epoch = ?").get(epoch)
      return row === undefined ? ownershipLost(db) : Number(row["batch"])
    })
    return typeof batch === "number" ? batch : yield* batch
  })
