/**
 * What the simulated world keeps: a database of its own, in a file or in memory.
 *
 * The special rule: it belongs to the world outside, not to the run. What a request did is in the file before its answer
 * leaves, so a run that dies at any moment finds everything as the outside left it.
 *
 * Requests that are made in one turn share a commit; each of them happens as a whole or not at all.
 *
 * Not here: what is written (`schema.ts`), and how a request fares on its way (`Outside.ts`).
 */
import { mkdirSync } from "node:fs"
import path from "node:path"
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from "node:sqlite"
import { Data, Effect, Exit, type Scope } from "effect"
import { Unavailable } from "../../workflows/index.ts"
import { application, schema, version } from "./schema.ts"

export type Row = Readonly<Record<string, SQLOutputValue>>

/** The tables, as the work of a request sees them. */
export interface Books {
  readonly get: (sql: string, ...values: ReadonlyArray<SQLInputValue>) => Row | undefined
  readonly all: (sql: string, ...values: ReadonlyArray<SQLInputValue>) => ReadonlyArray<Row>
  /** Answers the number of the row that was inserted. */
  readonly run: (sql: string, ...values: ReadonlyArray<SQLInputValue>) => number
}

/** Does work as one transaction, and answers when that is kept. Where it fails nothing has happened. */
export type Keep = <A>(work: (books: Books) => A) => Effect.Effect<A, Unavailable>

/** A file that cannot hold what the simulated world keeps. */
export class OutsideUnusable extends Data.TaggedError("OutsideUnusable")<{
  readonly file: string
  readonly reason: string
}> {
  override get message() {
    return `${this.file} cannot keep what the simulated services do: ${this.reason}`
  }
}

/** Opens the file; makes it if it is not there. `begin` writes what is there at first, each time. */
export const openFile = (
  file: string,
  begin: (books: Books) => void
): Effect.Effect<Keep, OutsideUnusable, Scope.Scope> =>
  opened(
    Effect.try({
      try: () => {
        mkdirSync(path.dirname(file), { recursive: true })
        return open(path.resolve(file), begin) // a name such as file:a.db means that name, not a URI
      },
      catch: (error) => new OutsideUnusable({ file, reason: inWords(error) })
    }),
    // A turn later: whoever else asks in this turn is in the same commit.
    (flush) => void setImmediate(flush)
  )

/** Opens books that are gone with the scope. There is nothing to wait for. */
export const openMemory = (begin: (books: Books) => void): Effect.Effect<Keep, never, Scope.Scope> =>
  opened(
    Effect.sync(() => open(":memory:", begin)),
    (flush) => flush()
  )

function opened<E>(opening: Effect.Effect<DatabaseSync, E>, soon: (flush: () => void) => void) {
  const using = Effect.map(opening, (database) => ({ database, ...keeping(database, soon) }))
  const closing = ({ database, flush }: Effect.Success<typeof using>) =>
    Effect.sync(() => {
      flush() // what was asked is done, also when nobody waits for the answer any more
      database.close()
    })
  return Effect.map(Effect.acquireRelease(using, closing), ({ keep }) => keep)
}

function open(file: string, begin: (books: Books) => void): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 5_000 })
  try {
    const [found, theirs] = [pragma(database, "application_id"), pragma(database, "user_version")]
    const isNew = found === 0 && theirs === 0 && database.prepare("SELECT 1 FROM sqlite_schema").get() === undefined
    if (!isNew && found !== application) throw new Error("it is a database of something else")
    if (Number(theirs) > version) throw new Error("it was written by a newer version of Firebreak")
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    database.exec("BEGIN IMMEDIATE")
    if (isNew) database.exec(schema)
    begin(booksOf(database))
    database.exec("COMMIT")
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

const pragma = (database: DatabaseSync, name: string) => database.prepare(`PRAGMA ${name}`).get()?.[name]

const keeping = (database: DatabaseSync, soon: (flush: () => void) => void) => {
  interface Waiting {
    readonly work: (books: Books) => unknown
    readonly done: (exit: Exit.Exit<unknown, Unavailable>) => void
  }
  const books = booksOf(database)
  let waiting: Array<Waiting> = []

  const one = ({ work }: Waiting) => {
    database.exec("SAVEPOINT one")
    try {
      return Exit.succeed(work(books))
    } catch (defect) {
      database.exec("ROLLBACK TO one")
      return Exit.die(defect)
    } finally {
      database.exec("RELEASE one")
    }
  }
  const commit = (batch: ReadonlyArray<Waiting>): ReadonlyArray<Exit.Exit<unknown, Unavailable>> => {
    try {
      database.exec("BEGIN IMMEDIATE")
      const exits = batch.map(one)
      database.exec("COMMIT")
      return exits
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK")
      return batch.map(() => Exit.fail(new Unavailable({ reason: inWords(error) })))
    }
  }
  const flush = () => {
    const batch = waiting
    waiting = []
    if (batch.length === 0) return
    const exits = commit(batch)
    batch.forEach(({ done }, at) => done(exits[at]!))
  }
  const keep: Keep = <A>(work: (books: Books) => A) =>
    Effect.callback<A, Unavailable>((resume) => {
      // Sound: `done` gets the exit of this very work.
      waiting.push({ work, done: (exit) => resume(exit as Exit.Exit<A, Unavailable>) })
      if (waiting.length === 1) soon(flush)
    })
  return { keep, flush }
}

const booksOf = (database: DatabaseSync): Books => {
  const prepared = new Map<string, StatementSync>()
  const statement = (sql: string) => {
    const known = prepared.get(sql) ?? database.prepare(sql)
    prepared.set(sql, known)
    return known
  }
  return {
    get: (sql, ...values) => statement(sql).get(...values),
    all: (sql, ...values) => statement(sql).all(...values),
    run: (sql, ...values) => Number(statement(sql).run(...values).lastInsertRowid)
  }
}

const inWords = (error: unknown) => (error instanceof Error ? error.message : String(error))
