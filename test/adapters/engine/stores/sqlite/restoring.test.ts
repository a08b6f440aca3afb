/**
 * Restoring a SQLite journal while the log of what was there before still lies beside it. SQLite would put the pages of
 * the one over those of the other.
 *
 * Not here: copies that were made and restored as they should be (`copies.test.ts`).
 */
import { assert, describe, it } from "@effect/vitest"
import { copyFileSync, existsSync, readFileSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import type { Scope } from "effect"
import type { JournalUnusable } from "../../../../../src/adapters/engine/Store.ts"
import { makeSqliteStore } from "../../../../../src/adapters/engine/stores/sqlite/makeSqliteStore.ts"
import { openVisitor } from "../../../../../src/adapters/engine/stores/sqlite/openVisitor.ts"
import { batch, row } from "../contract/JournalUnderTest.ts"
import { folder } from "./folder.ts"
import { gone, left, started } from "./programs/started.ts"

/** The journal of an owner that was killed after it had been backed up. */
const killed = (how: "vacuum" | "backup", when: "before" | "within") =>
  Effect.gen(function* () {
    const file = join(yield* folder, "orders.db")
    const { child, said } = yield* started("backedUp", file, how, when)
    yield* left(child)
    assert.isAbove(statSync(`${file}-wal`).size, 0)
    return { file, last: Number(said) }
  })

const integrity = (file: string) => {
  const database = new DatabaseSync(file)
  const finding = database.prepare("PRAGMA integrity_check").get()?.["integrity_check"]
  database.close()
  return finding
}

/** The ways to open a journal. */
const both = (file: string): ReadonlyArray<Effect.Effect<unknown, JournalUnusable, Scope.Scope>> => [
  makeSqliteStore({ file }),
  openVisitor(file)
]

describe("a SQLite journal over which a backup was copied, with the log left beside it,", () => {
  for (const [how, when] of [
    ["vacuum", "before"],
    ["vacuum", "within"],
    ["backup", "before"]
  ] as const) {
    it.live(`is refused and left as it is (${how}, made ${when} what the log holds)`, () =>
      Effect.gen(function* () {
        const { file } = yield* killed(how, when)
        copyFileSync(`${file}.backup`, file)
        for (const open of both(file)) {
          const error = yield* Effect.flip(Effect.scoped(open))
          assert.strictEqual(error.because, "Damaged", error.message)
          assert.match(error.message, /log .*orders\.db-wal.* belongs to another state.*orders\.db-shm.* away/)
        }
        assert.isTrue(readFileSync(file).equals(readFileSync(`${file}.backup`)))
        // What the message says to do is enough.
        for (const end of ["-wal", "-shm"]) rmSync(`${file}${end}`)
        copyFileSync(`${file}.backup`, file)
        const store = yield* makeSqliteStore({ file })
        assert.isTrue(store.isCopy)
        assert.strictEqual(integrity(file), "ok")
      })
    )
  }

  it.live("is what it was when the copy is one of what the log began with or later: nothing is lost", () =>
    Effect.gen(function* () {
      const { file, last } = yield* killed("backup", "within")
      copyFileSync(`${file}.backup`, file)
      const store = yield* makeSqliteStore({ file })
      assert.strictEqual(store.lastExecution, last)
      assert.strictEqual(integrity(file), "ok")
    })
  )

  it.live("is not taken for one after a kill alone, however often", () =>
    Effect.gen(function* () {
      for (const when of ["before", "within"] as const) {
        const { file, last } = yield* killed("vacuum", when)
        yield* openVisitor(file)
        for (const more of [1, 2]) yield* gone((yield* started("owner", file, String(more))).child)
        assert.strictEqual((yield* makeSqliteStore({ file })).lastExecution, last + 3)
      }
    })
  )

  it.live("is refused also when it was copied there before the owner of then had moved anything", () =>
    Effect.gen(function* () {
      const file = join(yield* folder, "orders.db")
      const once = Effect.scoped(
        Effect.flatMap(makeSqliteStore({ file }), (store) => store.commit(batch(1, [row(store.lastExecution + 1)])))
      )
      yield* once
      copyFileSync(file, `${file}.backup`)
      yield* once
      yield* gone((yield* started("owner", file, "5")).child)
      assert.isTrue(existsSync(`${file}-wal`))
      copyFileSync(`${file}.backup`, file)
      assert.strictEqual((yield* Effect.flip(makeSqliteStore({ file }))).because, "Damaged")
    })
  )
})
