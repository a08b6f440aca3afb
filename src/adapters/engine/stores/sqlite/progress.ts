/**
 * What the lock file is told while a journal is owned: how far the journal is, with its log and without.
 *
 * The special rule: the lock file may know too little, never too much. What it says was so has been on the device.
 *
 * Not here: what follows from it when the journal is opened the next time (`claim.ts`, `belonging.ts`).
 */
import { Effect } from "effect"
import type { Scope } from "effect"
import type { SqliteFile } from "../../../sql/SqliteFile.ts"
import { StoreBroken } from "../../Store.ts"
import type { Claim } from "./claim.ts"
import { fileIdentity, isSameFile } from "./fileIdentity.ts"
import type { OwnerLock } from "./ownerLock.ts"

/** How often the owner looks whether the journal is still there, in milliseconds. */
const lookEvery = 1_000

export interface Progress {
  /** That a batch has been committed. */
  readonly committed: (batch: number) => Effect.Effect<void, StoreBroken>
  /** That all that was committed is in the file now, and the log may begin again. */
  readonly moved: Effect.Effect<void>
}

/**
 * Keeps the lock file's memory of how far the journal is, and notices when the journal was removed or replaced: SQLite
 * would go on writing a file that has no name any more. `isWhole` says that there was no log when it was claimed.
 */
export const makeProgress = (
  db: SqliteFile,
  lock: OwnerLock,
  { namespace, epoch, before, file }: Claim,
  isWhole: boolean
): Effect.Effect<Progress, never, Scope.Scope> =>
  Effect.gen(function* () {
    let batch = 0
    let lookedAt = performance.now()
    const remember = Effect.suspend(() => lock.remember({ namespace, epoch, batch }))
    const note = Effect.suspend((): Effect.Effect<void, StoreBroken> => {
      if (!isThere(db.path, file)) return Effect.fail(new StoreBroken({ reason: `${db.path} was removed or replaced` }))
      return Effect.mapError(remember, (fault) => new StoreBroken({ reason: fault.message }))
    })
    yield* Effect.ignore(note)
    if (isWhole) yield* Effect.ignore(lock.rememberMoved(before))
    yield* Effect.addFinalizer(() =>
      db
        .transaction(() => {
          db.statement("UPDATE firebreak_owner SET owner = NULL WHERE shard = 0 AND epoch = ?").run(epoch)
        })
        .pipe(Effect.andThen(note), Effect.ignore)
    )
    return {
      committed: (committed) => {
        batch = committed
        const now = performance.now()
        // Measured: some microseconds. So a backup that knows one batch less is found to be one.
        if (now - lookedAt < lookEvery) return Effect.ignore(remember)
        lookedAt = now
        return note
      },
      moved: Effect.suspend(() => Effect.ignore(lock.rememberMoved({ namespace, epoch, batch })))
    }
  })

const isThere = (path: string, file: string): boolean => {
  try {
    return isSameFile(fileIdentity(path), file)
  } catch {
    return false
  }
}
