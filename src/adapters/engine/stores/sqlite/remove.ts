/**
 * Removing old executions: their events go, and a tombstone stays.
 *
 * The special rule: it is done in pieces, each a transaction of its own under the owner's epoch, and other work runs in
 * between. A journal of a million old executions is no reason for a timer to be late.
 *
 * Not here: which executions are old enough for the user (`Journal.remove`).
 */
import { Effect } from "effect"
import type { SqliteFault } from "../../../sql/SqliteFault.ts"
import type { SqliteFile } from "../../../sql/SqliteFile.ts"
import { ends } from "../../Store.ts"
import type { OwnershipLost, Status, Store } from "../../Store.ts"
import { ownershipLost } from "./commit.ts"
import { storeError } from "./meanings.ts"

/** How many executions a piece removes at most, and how many it looks at. */
const removedAtOnce = 200
const lookedAtAtOnce = 20_000

type Which = Parameters<Store["remove"]>[0]

export const makeRemove =
  (db: SqliteFile, epoch: number): Store["remove"] =>
  (which) =>
    Effect.gen(function* () {
      let removed = 0
      for (const status of new Set(which.status)) {
        if (!ends.has(status)) continue
        let from = yield* first(db, status)
        while (from !== undefined && removed < which.limit) {
          const piece: Piece = yield* removePiece(db, epoch, which, status, from, which.limit - removed)
          removed += piece.removed
          from = piece.next
          yield* othersFirst
        }
      }
      return removed
    }).pipe(Effect.mapError((error) => (error._tag === "SqliteFault" ? storeError(error) : error)))

interface Piece {
  readonly removed: number
  /** Where to look next, if there is more. */
  readonly next: number | undefined
}

const first = (db: SqliteFile, status: Status): Effect.Effect<number | undefined, SqliteFault> =>
  db.attempt(() => {
    const row = db
      .statement("SELECT seq FROM firebreak_executions WHERE removed_at IS NULL AND status = ? ORDER BY seq LIMIT 1")
      .get(status)
    return row === undefined ? undefined : Number(row["seq"])
  })

const removePiece = (
  db: SqliteFile,
  epoch: number,
  which: Which,
  status: Status,
  from: number,
  room: number
): Effect.Effect<Piece, SqliteFault | OwnershipLost> =>
  db.transaction((abandon) => {
    const own = db.statement("SELECT 1 FROM firebreak_owner WHERE shard = 0 AND epoch = ?").get(epoch)
    if (own === undefined) return abandon(ownershipLost(db))
    const until = from + lookedAtAtOnce
    const limit = Math.min(room, removedAtOnce)
    const old = db
      .statement(
        `SELECT seq FROM firebreak_executions
         WHERE removed_at IS NULL AND status = ? AND seq >= ? AND seq < ? AND ended_at < ? ORDER BY seq LIMIT ?`
      )
      .all(status, from, until, which.endedBefore, limit)
    const bury = db.statement("UPDATE firebreak_executions SET payload = '', why = NULL, removed_at = ? WHERE seq = ?")
    const forget = db.statement("DELETE FROM firebreak_events WHERE execution = ?")
    for (const { seq } of old) {
      bury.run(which.at, Number(seq))
      forget.run(Number(seq))
    }
    if (old.length === limit) return { removed: old.length, next: Number(old.at(-1)?.["seq"]) + 1 }
    const later = db
      .statement(
        "SELECT seq FROM firebreak_executions WHERE removed_at IS NULL AND status = ? AND seq >= ? ORDER BY seq LIMIT 1"
      )
      .get(status, until)
    return { removed: old.length, next: later === undefined ? undefined : Number(later["seq"]) }
  })

const othersFirst: Effect.Effect<void> = Effect.callback((resume) => {
  const turn = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(turn))
})
