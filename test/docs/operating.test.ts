/**
 * What the page on operating says can be typed: its SQL, on both stores.
 */
import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect, Layer, Schema } from "effect"
import { DurableDeferred, Workflow } from "effect/workflow"
import { withTimeout } from "firebreak"
import { Journal, layerPostgres, layerSqlite, visitPostgres, visitSqlite } from "firebreak/journal"
import { Step } from "firebreak/workflows"
import { asked, told } from "../../src/adapters/engine/History.ts"
import { query } from "../support/postgres.ts"
import { testDatabase } from "../support/testDatabase.ts"
import { folder } from "../adapters/engine/stores/sqlite/folder.ts"

const page = readFileSync(new URL("../../docs/operating.md", import.meta.url), "utf8")
const statements = [...page.matchAll(/```sql\n([\s\S]*?)```/g)].flatMap(([, sql = ""]) =>
  sql
    .split(";")
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "")
)

const pay = Step.make("operated-pay", {
  do: (_: string) => Effect.void,
  undo: () => Effect.die(new Error("no such payment")),
  unknown: "repeat"
})
const Go = DurableDeferred.make("go")
const Story = Workflow.make("Operated", {
  payload: { id: Schema.String },
  error: Schema.String,
  idempotencyKey: ({ id }) => id
})
const story = Story.toLayer(({ id }) =>
  Effect.gen(function* () {
    yield* pay(id)
    if (id === "1001") return yield* Effect.fail("sold out")
    yield* Effect.ignore(withTimeout(DurableDeferred.await(Go), "1 day"))
  })
)

/** 1001 is stuck, 1002 waits for a day. */
const fill = Effect.gen(function* () {
  const journal = yield* Journal
  assert.strictEqual((yield* journal.run(Story, { id: "1001" })).status, "stuck")
  yield* journal.start(Story, { id: "1002" })
  yield* Effect.repeat(journal.show("1002"), { until: ({ status }) => status === "suspended" })
})

/** Columns that nobody needs to read: of tables with one row, and how far a commit is. */
const inner = new Set(["one", "shard", "batch"])
/** Named in passing, or of the other store. */
const elsewhere = new Set(["origin", "seq", "n"])

const tables = [...page.matchAll(/^\| `(firebreak_\w+)`(?: \(a view\))? \| [^|]* \| (.*) \|$/gm)].map(
  ([, table, cell = ""]) => ({ table, columns: new Set([...cell.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name)) })
)

describe("the SQL of the page on operating", () => {
  it.live("answers on SQLite, with what there is", () =>
    Effect.gen(function* () {
      const file = join(yield* folder, "orders.db")
      yield* Effect.provide(fill, Layer.provideMerge(story, layerSqlite({ file })))
      yield* Effect.flatMap(visitSqlite(file), (journal) => journal.cancel("1002"))
      assert.isAtLeast(statements.length, 8)
      for (const statement of statements) {
        const db = new DatabaseSync(statement.includes("firebreak_requests") ? `${file}.inbox` : file)
        assert.isNotEmpty(db.prepare(statement).all(), statement)
        db.close()
      }
    }).pipe(Effect.scoped)
  )

  it.live("answers on PostgreSQL, with what there is", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      yield* Effect.provide(fill, Layer.provideMerge(story, layerPostgres({ url })))
      yield* Effect.flatMap(visitPostgres(url), (journal) => journal.cancel("1002"))
      for (const statement of statements)
        assert.isNotEmpty(yield* Effect.promise(() => query(url, statement)), statement)
    }).pipe(Effect.scoped)
  )

  it.live("names every table and every column that there is, and no other", () =>
    Effect.gen(function* () {
      const file = join(yield* folder, "orders.db")
      yield* Effect.provide(Effect.void, layerSqlite({ file }))
      for (const { columns, table } of tables) {
        const db = new DatabaseSync(table === "firebreak_requests" ? `${file}.inbox` : file)
        const there = db
          .prepare(`PRAGMA table_info(${table})`)
          .all()
          .map(({ name }) => String(name)) // a row of text
        db.close()
        const missing = there.filter((name) => !columns.has(name) && !inner.has(name))
        const invented = [...columns].filter((name) => !there.includes(name) && !elsewhere.has(name))
        assert.deepStrictEqual({ table, missing, invented }, { table, missing: [], invented: [] })
      }
      assert.lengthOf(tables, 6)
    }).pipe(Effect.scoped)
  )

  it("names every kind of event that a story asks for or is told", () => {
    const kinds = (row: string) => {
      const [, cell = ""] = new RegExp(`^\\| ${row} \\| (.*) \\|$`, "m").exec(page) ?? []
      return [...cell.matchAll(/`([\w-]+)`/g)].map(([, kind]) => kind)
    }
    assert.sameMembers(kinds("the story asked for"), [...asked])
    assert.sameMembers(kinds("the story was told"), [...told])
  })
})
