/**
 * A SQLite journal that runs out of room, and one whose device fails.
 */
import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { openSqlite } from "../../../../../src/adapters/sql/SqliteFile.ts"
import { makeCommit } from "../../../../../src/adapters/engine/stores/sqlite/commit.ts"
import { makeSqliteStore } from "../../../../../src/adapters/engine/stores/sqlite/makeSqliteStore.ts"
import { sqliteReader } from "../../../../../src/adapters/engine/stores/sqlite/sqliteReader.ts"
import { batch, row } from "../contract/JournalUnderTest.ts"
import { folder } from "./folder.ts"
import { commandOf, left, startedAs } from "./programs/started.ts"

/** A hundred executions, some 60 kB. */
const hundred = (id: number) =>
  batch(
    id,
    Array.from({ length: 100 }, (_, index) => row(id * 100 + index, { payload: "x".repeat(500) }))
  )

describe("a SQLite journal that has no room left", () => {
  it.live("because its pages are limited, is unavailable, keeps what it has, and works when the limit is lifted", () =>
    Effect.gen(function* () {
      const file = join(yield* folder, "journal.db")
      const { epoch } = yield* Effect.scoped(makeSqliteStore({ file }))
      const db = yield* openSqlite(file, { setUp: "PRAGMA synchronous = FULL; PRAGMA max_page_count = 200" })
      const commit = yield* db.attempt(() => makeCommit(db, epoch, 0))
      let committed = 0
      const filling = Effect.suspend(() => Effect.map(commit(hundred(committed + 1)), () => committed++))
      const error = yield* Effect.flip(Effect.forever(filling))
      assert.strictEqual(error._tag, "StoreUnavailable", error.message)
      assert.include(error.message, "there is no room left")
      assert.isAbove(committed, 2)
      assert.strictEqual((yield* sqliteReader(db).list({ limit: 10_000 })).length, committed * 100)
      db.exec("PRAGMA max_page_count = 100000")
      yield* filling
      assert.strictEqual((yield* sqliteReader(db).list({ limit: 10_000 })).length, committed * 100)
    })
  )

  // Where this process may mount one: a real device that is full.
  for (const size of mayMount() ? ["1m"] : []) {
    it.live(
      `because its device of ${size} is full, is unavailable, keeps what it has, and works when there is room`,
      () =>
        Effect.gen(function* () {
          const path = yield* deviceOf(size)
          const store = yield* makeSqliteStore({ file: join(path, "journal.db") })
          let committed = 0
          const filling = Effect.suspend(() => Effect.map(store.commit(hundred(committed + 1)), () => committed++))
          const error = yield* Effect.flip(Effect.forever(filling))
          assert.strictEqual(error._tag, "StoreUnavailable", error.message)
          assert.include(error.message, "there is no room left")
          assert.isAbove(committed, 2)
          assert.strictEqual(yield* store.lastBatch, committed)
          assert.strictEqual((yield* store.list({ limit: 10_000 })).length, committed * 100)
          run("mount", "-o", "remount,size=8m", path)
          yield* filling
          assert.strictEqual(yield* store.lastBatch, committed)
          assert.strictEqual((yield* store.list({ limit: 10_000 })).length, committed * 100)
        })
    )
  }
})

describe("a SQLite journal whose device fails", () => {
  it.live("is broken for its owner, and the next one finds all that was committed", () =>
    Effect.gen(function* () {
      const file = join(yield* folder, "journal.db")
      // Beyond this size the operating system fails each write of the process with an error of the file.
      const limited = ["sh", "-c", 'trap "" XFSZ; ulimit -f 400; exec "$@"', "sh", ...commandOf("filler", [file])]
      const { child, said } = yield* startedAs(limited, {})
      assert.strictEqual(yield* left(child), 0)
      const { committed, error } = JSON.parse(said) as { committed: number; error: { _tag: string; reason: string } }
      assert.strictEqual(error._tag, "StoreBroken")
      assert.include(error.reason, "disk I/O error")
      assert.isAbove(committed, 2)
      const store = yield* makeSqliteStore({ file })
      assert.strictEqual((yield* store.list({ limit: 10_000 })).length, committed)
    })
  )
})

function mayMount(): boolean {
  const path = mkdtempSync(join(tmpdir(), "firebreak-device-"))
  const mounted = spawnSync("mount", ["-t", "tmpfs", "tmpfs", path]).status === 0
  if (mounted) run("umount", path)
  rmSync(path, { recursive: true })
  return mounted
}

/** A file system in memory of a size. */
const deviceOf = (size: string) =>
  Effect.gen(function* () {
    const path = join(yield* folder, "device")
    mkdirSync(path)
    yield* Effect.acquireRelease(
      Effect.sync(() => run("mount", "-t", "tmpfs", "-o", `size=${size}`, "tmpfs", path)),
      () => Effect.sync(() => run("umount", "-l", path))
    )
    return path
  })

const run = (command: string, ...args: ReadonlyArray<string>) => {
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8" })
  if (status !== 0) throw new Error(`${command}: ${stderr}`)
}
