/**
 * A SQLite journal that was cut off while it came into being is begun once more; one that was there before is not.
 */
import { assert, describe, it } from "@effect/vitest"
import { copyFileSync, readdirSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import { makeSqliteStore } from "../../../../../src/adapters/engine/stores/sqlite/makeSqliteStore.ts"
import { openVisitor } from "../../../../../src/adapters/engine/stores/sqlite/openVisitor.ts"
import { batch, row } from "../contract/JournalUnderTest.ts"
import { folder } from "./folder.ts"

/** What is there when the process ends between the first page and the tables. */
const withoutTables = (file: string) => {
  const database = new DatabaseSync(file)
  database.exec("PRAGMA journal_mode = WAL")
  database.close()
  assert.strictEqual(statSync(file).size, 4096)
}

describe("a SQLite journal", () => {
  it.live("whose making was cut off before it had tables is made by the next owner", () =>
    Effect.gen(function* () {
      const file = join(yield* folder, "journal.db")
      withoutTables(file)
      const visit = yield* Effect.flip(openVisitor(file))
      assert.strictEqual(visit.because, "NotAJournal")
      assert.match(visit.message, /it is empty/)
      const store = yield* makeSqliteStore({ file })
      yield* store.commit(batch(1, [row(1)]))
      assert.strictEqual(store.epoch, 1)
      assert.isFalse(store.isCopy)
    })
  )

  it.live("that could not be made for want of room is made when there is room", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const file = join(path, "journal.db")
      // As a full device does it: the lock file and the first page are there, the tables are not.
      yield* Effect.scoped(makeSqliteStore({ file: join(path, "other.db") }))
      withoutTables(file)
      const empty = new DatabaseSync(`${file}.owner`)
      empty.close()
      assert.strictEqual((yield* makeSqliteStore({ file })).epoch, 1)
    })
  )

  it.live("that was there before, and has no tables now, is refused and left as it is", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const [file, empty] = [join(path, "journal.db"), join(path, "empty.db")]
      yield* Effect.scoped(makeSqliteStore({ file }))
      withoutTables(empty)
      rmSync(file)
      copyFileSync(empty, file)
      const error = yield* Effect.flip(makeSqliteStore({ file }))
      assert.strictEqual(error.because, "Missing")
      assert.match(error.message, /gone or empty.*journal\.db-wal.*journal\.db\.owner/)
      assert.strictEqual(statSync(file).size, 4096)
    })
  )
})

describe("a visitor of a SQLite journal", () => {
  it.live("makes no file: not beside what is missing, empty, or no journal", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const other = new DatabaseSync(join(path, "other.db"))
      other.exec("CREATE TABLE customers (name TEXT)")
      other.close()
      const database = new DatabaseSync(join(path, "empty.db"))
      database.exec("PRAGMA user_version = 1")
      database.close()
      for (const name of ["missing.db", "folder/missing.db", "other.db", "empty.db"]) {
        yield* Effect.flip(Effect.scoped(openVisitor(join(path, name))))
      }
      assert.deepStrictEqual(readdirSync(path).sort(), ["empty.db", "other.db"])
    })
  )

  it.live(
    "makes no inbox and no lock file as long as it only looks; SQLite's index and empty log are all that stays",
    () =>
      Effect.gen(function* () {
        const path = yield* folder
        const file = join(path, "journal.db")
        yield* Effect.scoped(makeSqliteStore({ file }))
        for (const end of [".inbox", ".owner"]) rmSync(`${file}${end}`)
        const look = Effect.gen(function* () {
          const { inbox, list, owner } = yield* openVisitor(file)
          yield* list({ limit: 1 })
          yield* owner
          assert.deepStrictEqual(yield* inbox.pending(0, 10), [])
          yield* inbox.answerTo(1)
          yield* inbox.onRequest(() => {})
        })
        yield* Effect.scoped(look)
        assert.deepStrictEqual(readdirSync(path).sort(), ["journal.db", "journal.db-shm", "journal.db-wal"])
        assert.strictEqual(statSync(`${file}-wal`).size, 0)
      })
  )
})
