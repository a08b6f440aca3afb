/**
 * A SQLite file, its transactions, its locks, and its faults by kind.
 */
import { assert, describe, it } from "@effect/vitest"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Data, Effect, Fiber } from "effect"
import { openSqlite } from "../../../src/adapters/sql/SqliteFile.ts"
import { faultOf } from "../../../src/adapters/sql/SqliteFault.ts"

class ChangedMyMind extends Data.TaggedError("ChangedMyMind")<{ readonly why: string }> {}

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "firebreak-sqlite-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

/** A file with a table of names, and how many there are. */
const namesWith = (options: { readonly patience: number }) =>
  Effect.gen(function* () {
    const path = join(yield* folder, "names.db")
    const db = yield* openSqlite(path, { setUp: "PRAGMA journal_mode = WAL", ...options })
    db.exec("CREATE TABLE names (name TEXT NOT NULL UNIQUE) STRICT")
    const add = (name: string | number | null) => db.statement("INSERT INTO names VALUES (?)").run(name)
    const count = Effect.map(
      db.attempt(() => db.statement("SELECT count(*) AS n FROM names").get()),
      (row) => row?.["n"]
    )
    return { path, db, add, count }
  })
const names = namesWith({ patience: 60_000 })

/** Another connection that holds the lock for writing until it is told otherwise. */
const locked = (path: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const other = new DatabaseSync(path)
      other.exec("BEGIN IMMEDIATE")
      return other
    }),
    (other) => Effect.sync(() => other.close())
  )

describe("a transaction", () => {
  it.live("keeps everything when it succeeds, and answers", () =>
    Effect.gen(function* () {
      const { db, add, count } = yield* names
      const answer = yield* db.transaction(() => {
        add("Ann")
        add("Bob")
        return "both"
      })
      assert.strictEqual(answer, "both")
      assert.strictEqual(yield* count, 2)
    })
  )

  it.live("keeps nothing when a statement fails, and the next one works", () =>
    Effect.gen(function* () {
      const { db, add, count } = yield* names
      const twice = db.transaction(() => {
        add("Ann")
        add("Ann")
      })
      const fault = yield* Effect.flip(twice)
      assert.strictEqual(fault.kind, "Row")
      assert.strictEqual(yield* count, 0)
      yield* db.transaction(() => void add("Ann"))
      assert.strictEqual(yield* count, 1)
    })
  )

  it.live("keeps nothing when it is abandoned, and fails with what it was abandoned for", () =>
    Effect.gen(function* () {
      const { db, add, count } = yield* names
      const error = yield* Effect.flip(
        db.transaction<void, ChangedMyMind>((abandon) => {
          add("Ann")
          abandon(new ChangedMyMind({ why: "no reason" }))
        })
      )
      assert.strictEqual(error._tag === "ChangedMyMind" && error.why, "no reason")
      assert.strictEqual(yield* count, 0)
    })
  )

  it.live("keeps nothing when its work throws, which is a defect", () =>
    Effect.gen(function* () {
      const { db, add, count } = yield* names
      const exit = yield* Effect.exit(
        db.transaction(() => {
          add("Ann")
          throw new TypeError("a mistake")
        })
      )
      assert.strictEqual(exit._tag, "Failure")
      assert.include(String(exit), "a mistake")
      assert.strictEqual(yield* count, 0)
    })
  )
})

describe("a lock of somebody else", () => {
  it.live("is waited out, and others go on meanwhile", () =>
    Effect.gen(function* () {
      const { path, db, add, count } = yield* names
      const other = yield* locked(path)
      let tries = 0
      const adding = yield* Effect.forkChild(db.transaction(() => void add("Ann")))
      // A round of the event loop each: the fiber that waits for the lock does not hold it up.
      while (++tries < 20) yield* Effect.sleep("1 millis")
      assert.isUndefined(adding.pollUnsafe())
      // SQLite itself waits for nobody: it would hold up the process.
      assert.strictEqual(db.statement("PRAGMA busy_timeout").get()?.["timeout"], 0)
      other.exec("ROLLBACK")
      yield* Fiber.join(adding)
      assert.strictEqual(yield* count, 1)
    })
  )

  it.live("that stays is a fault, each time anew, after the patience that was given", () =>
    Effect.gen(function* () {
      const { path, db, add } = yield* namesWith({ patience: 300 })
      const other = yield* locked(path)
      const adding = db.transaction(() => void add("Ann"))
      for (const _ of [1, 2]) {
        const before = performance.now()
        const fault = yield* Effect.flip(adding)
        assert.deepStrictEqual([fault.kind, fault.code, fault.path], ["Busy", 5, path])
        assert.isAtLeast(performance.now() - before, 250)
      }
      other.exec("ROLLBACK")
      yield* adding
    })
  )

  it.live("does not keep an interrupted fiber", () =>
    Effect.gen(function* () {
      const { path, db, add, count } = yield* names
      const other = yield* locked(path)
      const adding = yield* Effect.forkChild(db.transaction(() => void add("Ann")))
      yield* Effect.sleep("10 millis")
      yield* Fiber.interrupt(adding)
      other.exec("ROLLBACK")
      yield* Effect.sleep("100 millis")
      assert.strictEqual(yield* count, 0)
    })
  )
})

describe("a fault", () => {
  it.live("is told by its kind", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const kindOf = (open: ReturnType<typeof openSqlite>) => Effect.map(Effect.flip(open), ({ kind }) => kind)
      writeFileSync(join(path, "text"), "not a database at all, but long enough to be looked at as one. ".repeat(20))
      const look = { setUp: "SELECT * FROM sqlite_master" }
      assert.strictEqual(yield* kindOf(openSqlite(join(path, "text"), look)), "NotADatabase")
      assert.strictEqual(yield* kindOf(openSqlite(join(path, "none", "x"))), "CannotOpen")
      assert.strictEqual(yield* kindOf(openSqlite(join(path, "none"), { readOnly: true })), "CannotOpen")
      const { db, add, path: file } = yield* names
      assert.strictEqual((yield* Effect.flip(db.attempt(() => add(null)))).kind, "Row")
      assert.strictEqual((yield* Effect.flip(db.attempt(() => db.exec("no sql at all")))).kind, "Other")
      const reader = yield* openSqlite(file, { readOnly: true })
      assert.strictEqual((yield* Effect.flip(reader.attempt(() => reader.exec("DELETE FROM names")))).kind, "ReadOnly")
      db.exec("PRAGMA max_page_count = 3")
      const filling = db.transaction(() => void add("x".repeat(100_000)))
      assert.strictEqual((yield* Effect.flip(filling)).kind, "Full")
      const closed = yield* Effect.scoped(openSqlite(file))
      assert.strictEqual((yield* Effect.flip(closed.attempt(() => closed.exec("SELECT 1")))).kind, "Closed")
    })
  )

  // What cannot be had for a test is told by SQLite's own numbers: sqlite.org/rescode.html
  const numbers: ReadonlyArray<readonly [number, string]> = [
    [10, "Device"],
    [1034, "Device"], // fsync
    [778, "Device"], // write
    [266, "Device"], // read
    [522, "Corrupt"], // a read that came up short
    [11, "Corrupt"],
    [4874, "Full"], // no room for the index of the log
    [261, "Busy"], // recovering
    [517, "Busy"], // snapshot
    [1032, "ReadOnly"], // the file was moved
    [14, "CannotOpen"],
    [18, "Row"], // too big
    [1, "Other"]
  ]
  for (const [code, kind] of numbers) {
    it(`of SQLite's number ${code} is of kind ${kind}`, () => {
      const thrown = Object.assign(new Error("as SQLite says it"), { code: "ERR_SQLITE_ERROR", errcode: code })
      const fault = faultOf("file.db", thrown)
      assert.deepStrictEqual([fault?.kind, fault?.code], [kind, code])
      assert.strictEqual(fault?.message, `file.db: as SQLite says it (SQLite result ${code})`)
    })
  }

  it("is not made of what SQLite did not throw", () => {
    assert.isUndefined(faultOf("file.db", new TypeError("a mistake")))
    assert.isUndefined(faultOf("file.db", "a mistake"))
  })
})
