/**
 * What a SQLite journal does when its file is not as it should be, or has no room, or is locked: all with real files.
 *
 * Not here: the file of requests (`inbox.test.ts`), who owns it (`owning.test.ts`), and what cannot be written because of
 * the row (`../contract/writing.ts`).
 */
import { assert, describe, it } from "@effect/vitest"
import { closeSync, openSync, readdirSync, statSync, truncateSync, writeFileSync, writeSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect, Fiber } from "effect"
import type { Scope } from "effect"
import type { JournalUnusable } from "../../../../../src/adapters/engine/Store.ts"
import { makeSqliteStore } from "../../../../../src/adapters/engine/stores/sqlite/makeSqliteStore.ts"
import { openVisitor } from "../../../../../src/adapters/engine/stores/sqlite/openVisitor.ts"
import { batch, contents, ended, event, row } from "../contract/JournalUnderTest.ts"
import { folder } from "./folder.ts"
import { gone, started } from "./programs/started.ts"

/** A journal of `howMany` executions, closed in order. */
const journalOf = (howMany: number) =>
  Effect.gen(function* () {
    const file = join(yield* folder, "journal.db")
    const rows = Array.from({ length: howMany }, (_, index) => ended(index + 1, index, { payload: "x".repeat(200) }))
    yield* Effect.scoped(
      Effect.flatMap(makeSqliteStore({ file }), (store) =>
        store.commit(
          batch(
            1,
            rows,
            rows.map(({ seq }) => event(seq, 1))
          )
        )
      )
    )
    return file
  })

/** Why a journal can be neither owned nor visited. */
const refusals = (file: string) =>
  Effect.gen(function* () {
    const refusalOf = (open: Effect.Effect<unknown, JournalUnusable, Scope.Scope>) => Effect.flip(Effect.scoped(open))
    return [yield* refusalOf(makeSqliteStore({ file })), yield* refusalOf(openVisitor(file))] as const
  })

const says = (errors: ReadonlyArray<JournalUnusable>, because: JournalUnusable["because"], words: RegExp) => {
  for (const error of errors) {
    assert.strictEqual(error.because, because, error.message)
    assert.match(error.message, words)
    assert.isNotEmpty(error.remedy)
  }
}

/** Writes over a part of a file, as a failing device does. */
const scribble = (file: string, at: number, length: number) => {
  const descriptor = openSync(file, "r+")
  writeSync(descriptor, Buffer.alloc(length, 0xa5), 0, length, at)
  closeSync(descriptor)
}

describe("a SQLite journal is refused, with the reason and what to do,", () => {
  it.live("when the file is no database", () =>
    Effect.gen(function* () {
      const file = join(yield* folder, "orders.csv")
      writeFileSync(file, "id,total\n1,2\n".repeat(100))
      says(yield* refusals(file), "NotAJournal", /no SQLite database/)
    })
  )

  it.live("when the file is a database of something else, which is left as it is", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const file = join(path, "other.db")
      const other = new DatabaseSync(file)
      other.exec("CREATE TABLE customers (name TEXT); INSERT INTO customers VALUES ('Ann')")
      says(yield* refusals(file), "NotAJournal", /database of something else/)
      assert.deepStrictEqual(readdirSync(path), ["other.db"])
      assert.strictEqual(other.prepare("PRAGMA journal_mode").get()?.["journal_mode"], "delete")
      assert.deepStrictEqual(
        other
          .prepare("SELECT name FROM sqlite_master")
          .all()
          .map(({ name }) => name),
        ["customers"]
      )
      other.close()
    })
  )

  it.live("when it is a folder", () =>
    Effect.gen(function* () {
      const path = yield* folder
      says(yield* refusals(path), "NotAJournal", /it is no file/)
    })
  )

  it.live("when its first page is damaged", () =>
    Effect.gen(function* () {
      const file = yield* journalOf(50)
      scribble(file, 0, 100)
      says(yield* refusals(file), "NotAJournal", /first page is damaged/)
    })
  )

  it.live("when a page in the middle is damaged", () =>
    Effect.gen(function* () {
      const file = yield* journalOf(500)
      const pages = statSync(file).size / 4096
      scribble(file, Math.floor(pages / 2) * 4096, 4096)
      says([yield* Effect.flip(makeSqliteStore({ file }))], "Damaged", /damaged/)
    })
  )

  it.live("when it was cut off", () =>
    Effect.gen(function* () {
      const file = yield* journalOf(500)
      truncateSync(file, Math.floor(statSync(file).size / 2 / 4096) * 4096)
      says(yield* refusals(file), "Damaged", /damaged or cut off/)
    })
  )

  it.live("when it was emptied", () =>
    Effect.gen(function* () {
      const file = yield* journalOf(5)
      truncateSync(file, 0)
      says([yield* Effect.flip(makeSqliteStore({ file }))], "Missing", /gone or empty/)
      says([yield* Effect.flip(openVisitor(file))], "NotAJournal", /it is empty/)
    })
  )

  it.live("when a newer firebreak wrote it, with the version that it takes", () =>
    Effect.gen(function* () {
      const file = yield* journalOf(5)
      const newer = new DatabaseSync(file)
      newer.exec("UPDATE firebreak_journal SET layout = 7, needs = '3.2.0'")
      newer.close()
      says(yield* refusals(file), "Newer", /firebreak 3\.2\.0 or later.*layout is 7.*Use firebreak 3\.2\.0/)
    })
  )

  it.live("when its inbox is damaged, naming that file", () =>
    Effect.gen(function* () {
      const file = yield* journalOf(5)
      scribble(`${file}.inbox`, 0, 100)
      const error = yield* Effect.flip(makeSqliteStore({ file }))
      says([error], "Damaged", /journal\.db\.inbox.*Remove it/)
    })
  )

  it.live("when its folder cannot be made", () =>
    Effect.gen(function* () {
      const path = yield* folder
      writeFileSync(join(path, "taken"), "")
      const error = yield* Effect.flip(makeSqliteStore({ file: join(path, "taken", "journal.db") }))
      says([error], "Unreachable", /its folder cannot be used/)
    })
  )
})

describe("a SQLite journal", () => {
  it.live("is opened although its lock file is damaged", () =>
    Effect.gen(function* () {
      const file = yield* journalOf(5)
      scribble(`${file}.owner`, 0, 100)
      assert.strictEqual((yield* makeSqliteStore({ file })).lastExecution, 5)
    })
  )

  it.live("that is found to be damaged while it is in use says that no promise holds any more", () =>
    Effect.gen(function* () {
      // Too large to be looked through when it is opened.
      const file = yield* journalOf(12_000)
      const database = new DatabaseSync(file, { readOnly: true })
      const ofEvents =
        "SELECT pageno FROM dbstat WHERE name = 'firebreak_events' AND pagetype = 'leaf' LIMIT 1 OFFSET 9"
      const page = Number(database.prepare(ofEvents).get()?.["pageno"])
      database.close()
      scribble(file, 4096 * (page - 1), 4096)
      const store = yield* makeSqliteStore({ file })
      const error = yield* Effect.flip(store.events(Array.from({ length: 12_000 }, (_, index) => index + 1)))
      assert.strictEqual(error._tag, "StoreBroken")
      assert.include(error.message, "the journal is damaged")
      // What is not damaged is still read.
      assert.strictEqual((yield* store.find(["id-1"])).length, 1)
    })
  )

  it.live("waits while somebody else has locked it for a moment, and others go on meanwhile", () =>
    Effect.gen(function* () {
      const file = yield* journalOf(1)
      const store = yield* makeSqliteStore({ file })
      // A connection of this process: another process may take longer to let go than the journal waits.
      const other = new DatabaseSync(file)
      other.exec("BEGIN IMMEDIATE")
      const commit = yield* Effect.forkChild(store.commit(batch(1, [row(2)])), { startImmediately: true })
      // A round of the event loop each: what waits for the lock does not hold it up.
      for (let turn = 0; turn < 10; turn++) yield* Effect.sleep("5 millis")
      assert.isUndefined(commit.pollUnsafe())
      other.exec("ROLLBACK")
      yield* Fiber.join(commit)
      other.close()
      assert.deepStrictEqual((yield* contents(store, 2)).rows.length, 2)
    })
  )

  it.live("that stays locked by another process is unavailable, and works again afterwards", () =>
    Effect.gen(function* () {
      const file = yield* journalOf(1)
      const store = yield* makeSqliteStore({ file })
      const { child } = yield* started("locker", file)
      const error = yield* Effect.flip(store.commit(batch(1, [row(2)])))
      assert.strictEqual(error._tag, "StoreUnavailable")
      assert.include(error.message, "locked by another process")
      // Reading needs no lock.
      assert.strictEqual((yield* store.find(["id-1", "id-2"])).length, 1)
      yield* gone(child)
      yield* store.commit(batch(2, [row(2)]))
      assert.strictEqual(yield* store.lastBatch, 2)
    })
  )

  it.live("that is locked by another process when it is opened is refused until that has ended", () =>
    Effect.gen(function* () {
      const file = yield* journalOf(1)
      const { child } = yield* started("locker", file)
      const error = yield* Effect.flip(makeSqliteStore({ file }))
      says([error], "Unreachable", /another process has locked it.*Close what else has it open/)
      yield* gone(child)
      assert.strictEqual((yield* makeSqliteStore({ file })).lastExecution, 1)
    })
  )
})
