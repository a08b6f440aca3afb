/**
 * Where other processes leave what they want done: a SQLite file of its own, `<journal>.inbox`.
 *
 * The special rule: it is not the journal. A command that is frozen while it asks holds the lock of this file, and the
 * owner goes on writing the journal.
 *
 * Not here: what requests mean (`engine/requests.ts`).
 */
import { existsSync } from "node:fs"
import { Effect, Option, Scope } from "effect"
import type { SqliteFault } from "../../../sql/SqliteFault.ts"
import { allOrNothing } from "../../../sql/allOrNothing.ts"
import { openSqlite } from "../../../sql/SqliteFile.ts"
import type { SqliteFile } from "../../../sql/SqliteFile.ts"
import type { Inbox, StoreError } from "../../Store.ts"
import { storeError } from "./meanings.ts"
import { requestOf } from "./rows.ts"

/** How often the owner looks whether somebody has asked, in milliseconds. A look costs some microseconds. */
const lookEvery = 100
/** After how many looks the owner is called even though nobody seems to have asked. */
const looksUntilAnyway = 50
/** How long answers are kept for those who asked, in milliseconds. */
const keptFor = 7 * 24 * 3600 * 1000

const tables = `
CREATE TABLE IF NOT EXISTS firebreak_inbox (
  one       INTEGER PRIMARY KEY CHECK (one = 1),
  namespace TEXT NOT NULL       -- of the journal that it belongs to
) STRICT;
CREATE TABLE IF NOT EXISTS firebreak_requests (
  seq         INTEGER PRIMARY KEY AUTOINCREMENT,
  execution   TEXT NOT NULL,    -- the id of the execution that it is about
  kind        TEXT NOT NULL,    -- start cancel retry settle signal resume
  data        TEXT NOT NULL,
  asked_at    INTEGER NOT NULL,
  answer      TEXT,
  answered_at INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS firebreak_requests_pending ON firebreak_requests (seq) WHERE answer IS NULL;
`

const setUp = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"

export const inboxFile = (journal: string) => `${journal}.inbox`

/** What an inbox is opened for. */
interface Use {
  /** Whether what was left for another journal is taken out, and this one takes its place. */
  readonly owns: boolean
}

/**
 * The inbox as the owner has it: without what was left for another journal, or was answered long ago. It is written only
 * when that is needed: an inbox that is locked by a command that is frozen keeps nobody from owning the journal. What is
 * in it is read, and answered as soon as the lock is gone.
 */
export const openInbox = (journal: string, namespace: string): Effect.Effect<Inbox, SqliteFault, Scope.Scope> =>
  Effect.gen(function* () {
    const open = opening(journal, namespace, { owns: true }, yield* Effect.scope)
    yield* Effect.catchIf(open, isBusy, () => Effect.void)
    const forReading = Effect.catchIf(Effect.asSome(open), isBusy, () => Effect.succeedNone)
    return inboxOver(forReading, open, forgetting())
  })

/** The inbox as a visitor has it: it comes into being with the first request. */
export const visitInbox = (journal: string, namespace: string): Effect.Effect<Inbox, never, Scope.Scope> =>
  Effect.gen(function* () {
    const open = opening(journal, namespace, { owns: false }, yield* Effect.scope)
    const forReading = Effect.suspend(() => (existsSync(inboxFile(journal)) ? Effect.asSome(open) : Effect.succeedNone))
    return inboxOver(forReading, open, () => {})
  })

const isBusy = (fault: SqliteFault) => fault.kind === "Busy"

/** Opens the inbox the first time, and makes its tables if they are not there; later answers what was opened. */
const opening = (
  journal: string,
  namespace: string,
  { owns }: Use,
  scope: Scope.Scope
): Effect.Effect<SqliteFile, SqliteFault> => {
  let opened: SqliteFile | undefined
  let isReady = false
  const open = Effect.gen(function* () {
    const db = (opened ??= yield* Scope.provide(allOrNothing(openSqlite(inboxFile(journal), { setUp })), scope))
    if (!(yield* db.attempt(() => isFor(db, namespace, owns))))
      yield* db.transaction(() => prepare(db, namespace, owns))
    isReady = true
    return db
  })
  return Effect.suspend(() => (isReady && opened !== undefined ? Effect.succeed(opened) : open))
}

const isFor = (db: SqliteFile, namespace: string, owns: boolean): boolean => {
  const table = db.statement("SELECT 1 FROM sqlite_master WHERE name = 'firebreak_requests_pending'").get()
  if (table === undefined) return false
  const row = db.statement("SELECT namespace FROM firebreak_inbox").get()
  return row !== undefined && (!owns || row["namespace"] === namespace)
}

const prepare = (db: SqliteFile, namespace: string, owns: boolean): void => {
  db.exec(tables)
  const before = db.statement("SELECT namespace FROM firebreak_inbox").get()
  if (before !== undefined && !owns) return
  if (before !== undefined && before["namespace"] !== namespace) db.exec("DELETE FROM firebreak_requests")
  db.statement("INSERT OR REPLACE INTO firebreak_inbox VALUES (1, ?)").run(namespace)
}

/** Removes, beside an answer and once a day, what was answered long ago. */
const forgetting = () => {
  let next = 0
  return (db: SqliteFile): void => {
    const now = Date.now()
    if (now < next) return
    db.statement("DELETE FROM firebreak_requests WHERE answered_at < ?").run(now - keptFor)
    next = now + 24 * 3600 * 1000
  }
}

const inboxOver = (
  forReading: Effect.Effect<Option.Option<SqliteFile>, SqliteFault>,
  forAsking: Effect.Effect<SqliteFile, SqliteFault>,
  forget: (db: SqliteFile) => void
): Inbox => {
  const notices = new Set<() => void>()
  const reading = <A>(none: A, work: (db: SqliteFile) => A): Effect.Effect<A, StoreError> =>
    Effect.flatMap(forReading, (db) =>
      Option.isNone(db) ? Effect.succeed(none) : db.value.attempt(() => work(db.value))
    ).pipe(Effect.mapError(storeError))
  const writing = <A>(work: (db: SqliteFile) => A): Effect.Effect<A, StoreError> =>
    Effect.flatMap(forAsking, (db) => db.transaction(() => work(db))).pipe(Effect.mapError(storeError))

  return {
    ask: ({ execution, kind, data, askedAt }) =>
      writing((db) =>
        Number(
          db
            .statement("INSERT INTO firebreak_requests (execution, kind, data, asked_at) VALUES (?, ?, ?, ?)")
            .run(execution, kind, data, askedAt).lastInsertRowid
        )
      ).pipe(Effect.tap(() => Effect.sync(() => notices.forEach((notice) => notice())))),
    pending: (after, limit) =>
      reading([], (db) =>
        db
          .statement("SELECT * FROM firebreak_requests WHERE answer IS NULL AND seq > ? ORDER BY seq LIMIT ?")
          .all(after, limit)
          .map(requestOf)
      ),
    answer: (seq, answer) =>
      writing((db) => {
        // The first answer stands: who has read it holds on to it.
        db.statement("UPDATE firebreak_requests SET answer = ?, answered_at = ? WHERE seq = ? AND answer IS NULL").run(
          answer,
          Date.now(),
          seq
        )
        forget(db)
      }),
    answerTo: (seq) =>
      reading(Option.none(), (db) => {
        const row = db.statement("SELECT answer FROM firebreak_requests WHERE seq = ?").get(seq)
        return Option.fromNullishOr(row?.["answer"]).pipe(Option.map(String))
      }),
    onRequest: (notice) =>
      Effect.acquireRelease(
        Effect.gen(function* () {
          notices.add(notice)
          const look = lookFor(forReading, notice)
          // What is there now is what later looks compare with.
          yield* look
          const run = Effect.runForkWith(yield* Effect.context<never>())
          const timer = setInterval(() => run(look), lookEvery)
          timer.unref()
          return timer
        }),
        (timer) =>
          Effect.sync(() => {
            notices.delete(notice)
            clearInterval(timer)
          })
      )
  }
}

/** Calls `notice` if other connections have written since the look before. What cannot be read now is seen by a later look. */
const lookFor = (
  forReading: Effect.Effect<Option.Option<SqliteFile>, SqliteFault>,
  notice: () => void
): Effect.Effect<void> => {
  let seen: unknown
  let looks = 0
  let isLooking = false
  const look = Effect.flatMap(forReading, (db) => {
    if (Option.isNone(db)) return Effect.void
    return db.value.attempt(() => {
      const version = db.value.statement("PRAGMA data_version").get()?.["data_version"]
      const isNews = seen !== undefined && version !== seen
      seen = version
      if (isNews || ++looks % looksUntilAnyway === 0) notice()
    })
  })
  // A look that waits for a lock is not joined by the next ones.
  return Effect.suspend(() => {
    if (isLooking) return Effect.void
    isLooking = true
    return Effect.ensuring(
      Effect.ignore(look),
      Effect.sync(() => {
        isLooking = false
      })
    )
  })
}
