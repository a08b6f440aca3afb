/**
 * A SQLite file, opened: statements prepared once, transactions, and the faults as typed errors.
 *
 * The special rule: nothing here waits inside SQLite, because `node:sqlite` would hold the whole process up. Who finds a
 * lock held tries again later, and other fibers run in between. Work that finds no lock held never leaves the fiber.
 *
 * Not here: which tables there are, and what a fault means to those who use them.
 */
import { DatabaseSync } from "node:sqlite"
import type { StatementSync } from "node:sqlite"
import { pathToFileURL } from "node:url"
import { Effect } from "effect"
import type { Scope } from "effect"
import { faultOf, SqliteFault } from "./SqliteFault.ts"

export interface SqliteFile {
  readonly path: string
  /** Runs statements that need no values and give none. Throws as `node:sqlite` does: for use in `work`. */
  readonly exec: (sql: string) => void
  /** The statement for `sql`, prepared the first time. Throws as `node:sqlite` does: for use in `work`. */
  readonly statement: (sql: string) => StatementSync
  /** Does `work`, which uses the file synchronously and may be done again when a lock was in its way. */
  readonly attempt: <A>(work: () => A) => Effect.Effect<A, SqliteFault>
  /**
   * Does `work` within a transaction that holds the lock for writing from the beginning. `abandon` takes the whole
   * transaction back and fails with an error of the caller.
   */
  readonly transaction: <A, E = never>(work: (abandon: (error: E) => never) => A) => Effect.Effect<A, SqliteFault | E>
}

export interface SqliteOptions {
  /** To read only. The file has to exist. */
  readonly readOnly?: boolean
  /** To read only what lies in the file itself, as if there were no write-ahead log and nobody wrote. Takes no lock. */
  readonly withoutLog?: boolean
  /** Run before anything else, such as `PRAGMA`s. */
  readonly setUp?: string
  /** How many milliseconds of others' locks are waited out. */
  readonly patience?: number
}

/** Opens the file at `path`, creating it unless it is to be read only, and closes it with the scope. */
export const openSqlite = (
  path: string,
  options: SqliteOptions = {}
): Effect.Effect<SqliteFile, SqliteFault, Scope.Scope> =>
  Effect.gen(function* () {
    const patience = options.patience ?? 2_000
    const database = yield* Effect.acquireRelease(
      attempting(path, patience, () => open(path, options)),
      (database) => Effect.sync(() => close(database))
    )
    return over(path, database, patience)
  })

const open = (path: string, options: SqliteOptions): DatabaseSync => {
  const withoutLog = options.withoutLog ?? false
  const database = new DatabaseSync(withoutLog ? immutable(path) : path, {
    readOnly: withoutLog || (options.readOnly ?? false),
    enableForeignKeyConstraints: false
  })
  try {
    database.exec(`PRAGMA busy_timeout = 0; ${options.setUp ?? ""}`)
    return database
  } catch (thrown) {
    close(database)
    throw thrown
  }
}

/** SQLite's own words for a file that it is to take as it lies there. */
const immutable = (path: string): URL => {
  const url = pathToFileURL(path)
  url.search = "immutable=1"
  return url
}

const close = (database: DatabaseSync): void => {
  try {
    database.close()
  } catch {
    // What was committed is on the device already. There is nothing left that a failing close could lose.
  }
}

const takeBack = (database: DatabaseSync): void => {
  try {
    database.exec("ROLLBACK")
  } catch {
    // The fault that led here says more. The next transaction fails on this one, which is still open.
  }
}

const over = (path: string, database: DatabaseSync, patience: number): SqliteFile => {
  const statements = new Map<string, StatementSync>()
  const statement = (sql: string): StatementSync => {
    let prepared = statements.get(sql)
    if (prepared === undefined) statements.set(sql, (prepared = database.prepare(sql)))
    return prepared
  }
  const inTransaction = <A>(work: () => A): A => {
    statement("BEGIN IMMEDIATE").run()
    try {
      const answer = work()
      statement("COMMIT").run()
      return answer
    } catch (thrown) {
      // After some faults SQLite has taken the transaction back by itself.
      if (database.isTransaction) takeBack(database)
      throw thrown
    }
  }
  return {
    path,
    exec: (sql) => database.exec(sql),
    statement,
    attempt: (work) => attempting(path, patience, work),
    transaction: <A, E>(work: (abandon: (error: E) => never) => A) =>
      attempting<A, E>(path, patience, () => inTransaction(() => work(abandon)))
  }
}

/** Thrown to leave a transaction with an error of the caller. */
class Abandoned {
  readonly error: unknown
  constructor(error: unknown) {
    this.error = error
  }
}
const abandon = (error: unknown): never => {
  throw new Abandoned(error)
}

const attempting = <A, E = never>(path: string, patience: number, work: () => A): Effect.Effect<A, SqliteFault | E> =>
  Effect.suspend(() => attemptAt(path, work, patience, 1))

const attemptAt = <A, E>(
  path: string,
  work: () => A,
  patience: number,
  pause: number
): Effect.Effect<A, SqliteFault | E> => {
  try {
    return Effect.succeed(work())
  } catch (thrown) {
    // Sound: only `abandon` makes one, and the errors of its caller are E.
    if (thrown instanceof Abandoned) return Effect.fail(thrown.error as E)
    const fault = faultOf(path, thrown)
    if (fault === undefined) throw thrown
    if (fault.kind !== "Busy" || patience <= 0) return Effect.fail(fault)
    const next = Effect.suspend(() => attemptAt<A, E>(path, work, patience - pause, Math.min(2 * pause, 50)))
    return Effect.andThen(realPause(pause), next)
  }
}

/** Real time, whatever clock the fiber has: the locks of other processes know no other. */
const realPause = (milliseconds: number): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const timer = setTimeout(() => resume(Effect.void), milliseconds)
    return Effect.sync(() => clearTimeout(timer))
  })
