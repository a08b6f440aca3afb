/**
 * Journals of older layouts are brought up to date, whole or not at all.
 */
import { assert, describe, it } from "@effect/vitest"
import { copyFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import { bringUpToDate, layoutOf } from "../../../../../src/adapters/engine/stores/sqlite/layout.ts"
import { makeSqliteStore } from "../../../../../src/adapters/engine/stores/sqlite/makeSqliteStore.ts"
import { openVisitor } from "../../../../../src/adapters/engine/stores/sqlite/openVisitor.ts"
import { layouts } from "../../../../../src/adapters/engine/stores/sqlite/tables.ts"
import { openSqlite } from "../../../../../src/adapters/sql/SqliteFile.ts"
import { batch, row } from "../contract/JournalUnderTest.ts"
import { folder } from "./folder.ts"
import { fixtureEvents, fixtureRows, fixtureTombstone } from "./programs/fixtureRows.ts"

const fixtures = fileURLToPath(new URL("../../../../fixtures/journals/", import.meta.url))

/** A copy of a journal that was written with an earlier layout. */
const earlier = (layout: number) =>
  Effect.map(folder, (path) => {
    const file = join(path, "journal.db")
    copyFileSync(join(fixtures, `v${layout}.db`), file)
    return file
  })

/** Layouts that are still to come. */
const toCome = (...steps: ReadonlyArray<string>) => [...layouts, ...steps.map((steps) => ({ since: "9.9.9", steps }))]

describe("a journal of an earlier layout", () => {
  for (const [index] of layouts.entries()) {
    it.live(`such as ${index + 1} is read in full, and goes on being written`, () =>
      Effect.gen(function* () {
        const file = yield* earlier(index + 1)
        const store = yield* makeSqliteStore({ file })
        const all = [...fixtureRows, fixtureTombstone]
        assert.deepStrictEqual(yield* store.find(all.map(({ id }) => id)), all)
        assert.deepStrictEqual(yield* store.events(all.map(({ seq }) => seq)), fixtureEvents)
        assert.strictEqual(store.namespace, "0190f2a5-6f6e-4a71-8d5c-0b7d7c1b6a51")
        // It came here as a copy of the file in the fixtures.
        assert.isTrue(store.isCopy)
        yield* store.commit(batch(1, [row(all.length + 1)]))
        assert.strictEqual((yield* (yield* openVisitor(file)).find([`id-${all.length + 1}`])).length, 1)
      })
    )
  }

  it.live("gets all that has come since in one transaction", () =>
    Effect.gen(function* () {
      const db = yield* openSqlite(yield* earlier(1))
      const known = toCome(
        "ALTER TABLE firebreak_executions ADD COLUMN region TEXT",
        "CREATE TABLE firebreak_more (a TEXT)"
      )
      yield* db.transaction(() => bringUpToDate(db, 1, known))
      const found = layoutOf(db)
      assert.deepStrictEqual(found._tag === "Journal" && [found.layout, found.needs], [3, "9.9.9"])
      assert.strictEqual(db.statement("SELECT region FROM firebreak_executions").all().length, 6)
      // There is nothing to do the second time.
      yield* db.transaction(() => bringUpToDate(db, 3, known))
    })
  )

  it.live("stays as it was when one of the steps fails", () =>
    Effect.gen(function* () {
      const db = yield* openSqlite(yield* earlier(1))
      const known = toCome(
        "CREATE TABLE firebreak_more (a TEXT)",
        "INSERT INTO firebreak_more (no_such_column) VALUES (1)"
      )
      const fault = yield* Effect.flip(db.transaction(() => bringUpToDate(db, 1, known)))
      assert.strictEqual(fault._tag, "SqliteFault")
      const found = layoutOf(db)
      assert.strictEqual(found._tag === "Journal" && found.layout, 1)
      assert.strictEqual(db.statement("SELECT name FROM sqlite_master WHERE name = 'firebreak_more'").all().length, 0)
    })
  )

  it.live("that a visitor cannot read yet is refused until its owner has brought it up to date", () =>
    Effect.gen(function* () {
      const file = yield* earlier(1)
      const db = yield* openSqlite(file)
      db.exec("UPDATE firebreak_journal SET layout = 0")
      const error = yield* Effect.flip(openVisitor(file))
      assert.match(error.message, /its layout is 0, older than the 1 .* Let its owner run once/)
    })
  )
})

describe("what an operator reads with plain SQL", () => {
  it.live("are the steps, with what they came to", () =>
    Effect.gen(function* () {
      const db = yield* openSqlite(yield* earlier(1), { readOnly: true })
      const steps = db
        .statement(
          "SELECT name, step, call, attempts, state, undo, input, result FROM firebreak_steps ORDER BY execution, call"
        )
        .all()
      assert.deepStrictEqual(
        steps.map((step) => ({ ...step })),
        [
          {
            name: "order-1",
            step: "charge",
            call: 1,
            attempts: 2,
            state: "done",
            undo: "undone",
            input: '{"cents":1250}',
            result: '{"ok":"ch_1"}'
          },
          {
            name: "order-1",
            step: "reserve/MUG-1",
            call: 5,
            attempts: 1,
            state: "refused",
            undo: null,
            input: null,
            result: '{"no":"OutOfStock"}'
          },
          {
            name: "order-2",
            step: "charge",
            call: 1,
            attempts: 1,
            state: "running",
            undo: null,
            input: '{"cents":7}',
            result: null
          }
        ]
      )
    })
  )
})
