/**
 * What a SQLite journal promises of its pace, as far as it can be told without a clock: figures are in the benches.
 */
import { assert, describe, it } from "@effect/vitest"
import { statSync } from "node:fs"
import { join } from "node:path"
import { Effect, Exit } from "effect"
import { makeSqliteStore } from "../../../../../src/adapters/engine/stores/sqlite/makeSqliteStore.ts"
import { due, sqliteReader, unfinished } from "../../../../../src/adapters/engine/stores/sqlite/sqliteReader.ts"
import { openSqlite } from "../../../../../src/adapters/sql/SqliteFile.ts"
import type { SqliteFile } from "../../../../../src/adapters/sql/SqliteFile.ts"
import { batch, ended, event } from "../contract/JournalUnderTest.ts"
import { folder } from "./folder.ts"

/** Asks all that a reader and an owner ask. */
const questions = (db: SqliteFile) =>
  Effect.gen(function* () {
    const reader = sqliteReader(db)
    yield* reader.find(["id-1"])
    yield* reader.findNamed("order-1")
    yield* reader.events([1])
    yield* reader.counts
    yield* reader.list({ status: ["failed", "stuck"], before: 9, limit: 3 })
    yield* reader.list({ workflow: "ProcessOrder", from: 1, until: 9, limit: 3 })
    yield* reader.list({ limit: 3 })
    yield* unfinished(db, 0, 9)
    yield* due(db, 9, 9)
  })

describe("a SQLite journal", () => {
  it.live("commits without leaving the fiber when no lock is held", () =>
    Effect.gen(function* () {
      const store = yield* makeSqliteStore({ file: join(yield* folder, "journal.db") })
      const commit = store.commit(batch(1, [ended(1, 1)], [event(1, 1)]))
      const fiber = yield* Effect.forkChild(commit, { startImmediately: true })
      assert.deepStrictEqual(fiber.pollUnsafe(), Exit.succeed(new Map()))
      assert.strictEqual(yield* store.lastBatch, 1)
    })
  )

  it.live("moves what was committed into its file beside the work, so that the log begins again", () =>
    Effect.gen(function* () {
      const file = join(yield* folder, "journal.db")
      const store = yield* makeSqliteStore({ file })
      let id = 0
      const commit = Effect.suspend(() => {
        const rows = Array.from({ length: 500 }, (_, index) => ended(id * 500 + index + 1, 1))
        return store.commit(
          batch(
            ++id,
            rows,
            rows.map(({ seq }) => event(seq, 1))
          )
        )
      })
      while (statSync(file).size < 1_000_000) yield* Effect.andThen(commit, Effect.sleep("1 millis"))
      // What SQLite does by itself would have come much later.
      assert.isBelow(statSync(`${file}-wal`).size, 64_000_000)
      assert.strictEqual((yield* store.counts).get("completed"), id * 500)
    })
  )

  it.live("answers each question from an index, and sorts nothing", () =>
    Effect.gen(function* () {
      const file = join(yield* folder, "journal.db")
      yield* Effect.scoped(makeSqliteStore({ file }))
      const asked: Array<string> = []
      const db = yield* openSqlite(file, { readOnly: true })
      const spied = {
        ...db,
        statement: (sql: string) => {
          asked.push(sql)
          return db.statement(sql)
        }
      }
      yield* questions(spied)
      // The table itself, read backwards until the page is full.
      const newestFirst = asked.find((sql) =>
        sql.includes("FROM firebreak_executions WHERE removed_at IS NULL AND seq < ?  ORDER")
      )
      assert.isAbove(asked.length, 10)
      assert.isDefined(newestFirst)
      const slow = asked.flatMap((sql) =>
        db
          .statement(`EXPLAIN QUERY PLAN ${sql}`)
          .all(...Array.from({ length: sql.split("?").length - 1 }, () => 1))
          .map(({ detail }) => String(detail))
          .filter(
            (detail) => detail.includes("TEMP B-TREE") || (detail.startsWith("SCAN") && !detail.includes("INDEX"))
          )
          .filter((detail) => !(sql === newestFirst && detail.startsWith("SCAN")))
          .map((detail) => `${detail}: ${sql}`)
      )
      assert.deepStrictEqual(slow, [])
    })
  )
})
