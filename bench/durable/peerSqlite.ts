/**
 * SQLite for the cluster engine of Effect: the least that makes its `SqlClient` work on `node:sqlite`.
 *
 * It is tuned as the driver that Effect had for Node was: prepared statements are kept, one connection, WAL. The one
 * difference is `synchronous=FULL`, as for all arms on SQLite: what is said to be written is on the disk.
 */
import { Effect, Layer, Semaphore, Stream } from "effect"
import { layer as reactivity } from "effect/reactivity/Reactivity"
import * as Client from "effect/sql/SqlClient"
import type { Connection } from "effect/sql/SqlConnection"
import { classifySqliteError, SqlError } from "effect/sql/SqlError"
import { makeCompilerSqlite } from "effect/sql/Statement"
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite"

const connect = (file: string): Connection & { readonly database: DatabaseSync } => {
  const database = new DatabaseSync(file)
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
  const prepared = new Map<string, StatementSync>()
  const prepare = (sql: string): StatementSync => {
    const known = prepared.get(sql)
    if (known !== undefined) return known
    const statement = database.prepare(sql)
    if (prepared.size < 200) prepared.set(sql, statement)
    return statement
  }
  const attempt = <A>(work: () => A): Effect.Effect<A, SqlError> =>
    Effect.try({ try: work, catch: (cause) => new SqlError({ reason: classifySqliteError(cause) }) })
  // The statements of the cluster engine bind text, numbers, bytes and null; a boolean is a number in SQLite.
  const bound = (params: ReadonlyArray<unknown>) =>
    params.map((each) => (typeof each === "boolean" ? Number(each) : each) as SQLInputValue)

  const rows = (statement: StatementSync, params: ReadonlyArray<unknown>) => statement.all(...bound(params))
  const execute: Connection["execute"] = (sql, params, transform) =>
    attempt(() => {
      const found = rows(prepare(sql), params)
      return transform === undefined ? found : transform(found)
    })
  const values: Connection["executeValues"] = (sql, params) =>
    attempt(() => rows(prepare(sql), params).map((row) => Object.values(row)))
  return {
    database,
    execute,
    executeRaw: (sql, params) => attempt(() => prepare(sql).run(...bound(params))),
    executeStream: (sql, params, transform) =>
      Stream.unwrap(Effect.map(execute(sql, params, transform), Stream.fromIterable)),
    executeValues: values,
    executeValuesUnprepared: values,
    executeUnprepared: execute
  }
}

export const layer = (file: string) =>
  Layer.effect(
    Client.SqlClient,
    Effect.gen(function* () {
      const connection = yield* Effect.acquireRelease(
        Effect.sync(() => connect(file)),
        ({ database }) => Effect.sync(() => database.close())
      )
      return yield* Client.make({
        ...Client.makeSqliteAcquirers({
          connection: Effect.succeed(connection),
          semaphore: yield* Semaphore.make(1),
          isTransaction: ({ database }) => database.isTransaction
        }),
        compiler: makeCompilerSqlite(),
        driver: "node-sqlite",
        spanAttributes: [],
        prepareTransactionControls: true
      })
    })
  ).pipe(Layer.provide(reactivity))
