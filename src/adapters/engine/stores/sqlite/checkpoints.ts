/**
 * Moving what was committed from the write-ahead log into the journal's file, beside the work and not in its way.
 *
 * A checkpoint writes thousands of pages all over the file and waits for the device. SQLite would do that within a commit,
 * and the whole process would wait. So a thread with a connection of its own does it, once there is enough to move.
 *
 * The special rule: nothing depends on it. If the thread cannot be had, SQLite checkpoints by itself when the log is
 * eight times as long, and when the journal is closed.
 */
import { Worker } from "node:worker_threads"
import { Effect } from "effect"
import type { Scope } from "effect"
import type { SqliteFile } from "../../../sql/SqliteFile.ts"

/** Pages in the log, of 4 KiB, from which on it is worth moving them. */
const enough = 4_000
/**
 * Commits from which on it is worth it as well. A log that begins again is written over, not made longer: measured, that
 * halves the time a device takes for a small commit.
 */
const enoughCommits = 200

/** For `PRAGMA wal_autocheckpoint`: when the thread has not kept up. */
export const lastResort = 8 * enough

// Each pass moves what was there when it began, and the next what came meanwhile: less and less.
const thread = `
const { parentPort, workerData } = require("node:worker_threads")
const { DatabaseSync } = require("node:sqlite")
const db = new DatabaseSync(workerData)
db.exec("PRAGMA busy_timeout = 0; PRAGMA synchronous = FULL")
const checkpoint = db.prepare("PRAGMA wal_checkpoint(PASSIVE)")
parentPort.on("message", () => {
  let moved = 0
  for (let pass = 0; pass < 6; pass++) {
    const { log } = checkpoint.get()
    const came = log - moved
    moved = log
    if (came <= 0 || (pass > 0 && came < 64)) break
  }
  parentPort.postMessage(null)
})
`

export interface Checkpoints {
  /** That a batch has been committed, of so many executions. */
  readonly committed: (executions: number) => void
}

/**
 * Moves the little that came during the last pass, in between two commits, so that nothing is left: only then the log
 * begins again from its start. A thread that competes with one commit after the other would not get there. Answers
 * whether all is moved; not while somebody reads what is older.
 */
const finish = (db: SqliteFile): boolean => {
  try {
    const row = db.statement("PRAGMA wal_checkpoint(PASSIVE)").get()
    return row?.["busy"] === 0 && row["log"] === row["checkpointed"]
  } catch {
    // Such as no room left. Nothing is lost, and the next time it is tried again.
    return false
  }
}

/**
 * The thread is started when it is needed first, and ends with the scope. It never keeps the process alive. `moved` is
 * run each time when all that was committed is in the file.
 */
export const makeCheckpoints = (
  db: SqliteFile,
  moved: Effect.Effect<void>
): Effect.Effect<Checkpoints, never, Scope.Scope> =>
  Effect.gen(function* () {
    let worker: Worker | undefined
    let isAtWork = false
    let isOver = false
    let pages = 0
    let commits = 0

    const start = (): Worker => {
      const started = new Worker(thread, {
        eval: true,
        workerData: db.path,
        execArgv: [],
        name: "firebreak checkpoints"
      })
      started.unref()
      started.on("message", () => {
        isAtWork = false
        if (!isOver && finish(db)) Effect.runFork(moved)
      })
      // Such as no room for a thread. SQLite does it by itself then.
      started.on("error", () => {
        isOver = true
      })
      return started
    }

    yield* Effect.addFinalizer(() =>
      Effect.promise(async () => {
        isOver = true
        await worker?.terminate()
      })
    )
    return {
      committed: (executions) => {
        // Measured: five pages for a batch of one, 25 to 50 for one of fifty. The exact number does not matter.
        pages += 4 + executions
        commits++
        if ((pages < enough && commits < enoughCommits) || isAtWork || isOver) return
        pages = 0
        commits = 0
        isAtWork = true
        worker ??= start()
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin; that is for windows
        worker.postMessage(null)
      }
    }
  })
