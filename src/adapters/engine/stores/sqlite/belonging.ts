/**
 * Whether the log beside a journal belongs to it.
 *
 * A backup that is copied over a journal whose owner was killed finds the log of that owner beside it. SQLite takes every
 * log that is whole for the file's own, and puts its pages over those of the backup: the result is neither of the two, and
 * mostly damaged. This is noticed before anybody writes, from what the file says by itself, without its log:
 *
 *   its schema is newer than with the log   `VACUUM INTO` makes it one newer, and a log never leads back
 *   it knows less than it did once   then it is older than what its log begins with
 *
 * A copy that is as old as the beginning of the log, or younger, is no mixture: the log leads from it to where it ended.
 *
 * The special rule: a journal whose owner was only killed, or whose machine lost its power, is never taken for a mixture.
 * What cannot be found out is left to SQLite.
 */
import { statSync } from "node:fs"
import { Effect } from "effect"
import type { SqliteFault } from "../../../sql/SqliteFault.ts"
import { openSqlite } from "../../../sql/SqliteFile.ts"
import type { SqliteFile, SqliteOptions } from "../../../sql/SqliteFile.ts"
import { JournalUnusable } from "../../Store.ts"
import { restoring } from "./meanings.ts"
import type { Memory } from "./ownerLock.ts"

/** Whether there is anything in the log beside a journal. */
export const hasLog = (path: string): boolean => (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0

/** What is known of a journal before it is asked whether it belongs together. */
export interface Known {
  /** How far the file was without its log when somebody last looked. */
  readonly moved: Memory | undefined
  /** The number of its schema, with the log, a moment ago. Spares reading the log once more. */
  readonly schema?: number | undefined
}

/** Refuses a journal with the log of another state. To be asked while nobody owns the journal. */
export const belongsTogether = (path: string, known: Known): Effect.Effect<void, JournalUnusable> =>
  Effect.suspend(() => (hasLog(path) ? isMixture(path, known) : Effect.succeed(false))).pipe(
    Effect.filterOrFail(
      (isMixed) => !isMixed,
      () => mixture(path)
    ),
    Effect.asVoid
  )

const isMixture = (path: string, { moved, schema }: Known): Effect.Effect<boolean> =>
  Effect.gen(function* () {
    const alone = yield* looking(path, { withoutLog: true }, stateOf)
    if (moved !== undefined && isBehind(alone, moved)) return true
    if (schema !== undefined && alone.schema <= schema) return false
    return alone.schema > (yield* looking(path, { readOnly: true, patience: 0 }, schemaOf))
  }).pipe(Effect.orElseSucceed(() => false))

const looking = <A>(path: string, options: SqliteOptions, look: (db: SqliteFile) => A): Effect.Effect<A, SqliteFault> =>
  Effect.scoped(Effect.flatMap(openSqlite(path, options), (db) => db.attempt(() => look(db))))

interface State extends Memory {
  readonly schema: number
}

/** SQLite counts up whenever the tables change. Throws as `node:sqlite` does. */
export const schemaOf = (db: SqliteFile): number =>
  Number(db.statement("PRAGMA schema_version").get()?.["schema_version"])

/** Throws, as `node:sqlite` does, if not even the tables are in the file yet. */
const stateOf = (db: SqliteFile): State => {
  const schema = schemaOf(db)
  const journal = db.statement("SELECT namespace FROM firebreak_journal").get()
  const owner = db.statement("SELECT epoch, batch FROM firebreak_owner WHERE shard = 0").get()
  return {
    schema,
    namespace: String(journal?.["namespace"]),
    epoch: Number(owner?.["epoch"]),
    batch: Number(owner?.["batch"])
  }
}

const isBehind = (state: Memory, moved: Memory): boolean =>
  state.namespace === moved.namespace &&
  (state.epoch < moved.epoch || (state.epoch === moved.epoch && state.batch < moved.batch))

const mixture = (journal: string): JournalUnusable =>
  new JournalUnusable({
    journal,
    because: "Damaged",
    reason: `the log beside it, "${journal}-wal", belongs to another state of the journal: the file was restored or replaced without removing the log`,
    remedy: restoring(journal)
  })
