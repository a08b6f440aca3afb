/**
 * A journal of an older layout is brought up to date by its next owner, completely or not at all.
 */
import * as PgConnection from "@effect/sql-pg/PgConnection"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { bringUpToDate, layoutOf } from "../../../../../src/adapters/engine/stores/postgres/layout.ts"
import { makePostgresStore } from "../../../../../src/adapters/engine/stores/postgres/makePostgresStore.ts"
import { layouts } from "../../../../../src/adapters/engine/stores/postgres/tables.ts"
import { testDatabase } from "../../../../support/testDatabase.ts"
import { batch, event, row } from "../contract/JournalUnderTest.ts"
import { sql } from "./journal.ts"

const later = (...steps: ReadonlyArray<string>) => [...layouts, { since: "9.9.9", steps }]

const journal = Effect.gen(function* () {
  const url = yield* testDatabase
  yield* Effect.scoped(makePostgresStore({ url }))
  const connection = yield* PgConnection.make({ url: Redacted.make(url) })
  return { url, connection }
})

describe("a journal of an older layout", () => {
  it.live("gets what came since, keeps what it has, and says which program it needs now", () =>
    Effect.gen(function* () {
      const { connection } = yield* journal
      const before = yield* layoutOf(connection)
      yield* bringUpToDate(connection, layouts.length, later("ALTER TABLE firebreak_events ADD COLUMN more text"))
      const after = { layout: layouts.length + 1, needs: "9.9.9" }
      assert.deepStrictEqual<unknown>(yield* layoutOf(connection), { ...before, ...after })
    })
  )

  it.live("is as it was when a step fails", () =>
    Effect.gen(function* () {
      const { url, connection } = yield* journal
      const before = yield* layoutOf(connection)
      const steps = later(
        "ALTER TABLE firebreak_events ADD COLUMN more text",
        "ALTER TABLE nowhere ADD COLUMN more text"
      )
      yield* Effect.flip(bringUpToDate(connection, layouts.length, steps))
      assert.deepStrictEqual(yield* layoutOf(connection), before)
      const columns = yield* sql(
        url,
        "SELECT FROM pg_attribute WHERE attrelid = 'firebreak_events'::regclass AND attname = 'more'"
      )
      assert.strictEqual(columns.length, 0)
    })
  )

  it.live("is changed once when two bring it up to date", () =>
    Effect.gen(function* () {
      const { url, connection } = yield* journal
      const other = yield* PgConnection.make({ url: Redacted.make(url) })
      const steps = later("ALTER TABLE firebreak_events ADD COLUMN more text")
      yield* Effect.all(
        [bringUpToDate(connection, layouts.length, steps), bringUpToDate(other, layouts.length, steps)],
        {
          concurrency: "unbounded"
        }
      )
      assert.strictEqual((yield* layoutOf(other))._tag, "Journal")
    })
  )
})

describe("the view of steps", () => {
  it.live("shows what each step came to, how often it was tried, and how far its undo is", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const store = yield* makePostgresStore({ url })
      const step = (n: number, subject: string) => event(1, n, { kind: "step", subject, data: '{"in":{"sku":"MUG"}}' })
      const on = (n: number, call: number, kind: string, data: string | null = null) =>
        event(1, n, { kind, call, subject: null, data })
      yield* store.commit(
        batch(
          1,
          [row(1)],
          [
            step(1, "charge"),
            step(2, "notify"),
            on(3, 1, "retrying"),
            on(4, 1, "attempt"),
            on(5, 1, "done", '"pay-1"'),
            on(6, 1, "undo")
          ]
        )
      )
      const seen = yield* sql(
        url,
        "SELECT id, step, state, undo, attempts::int, input::text, result FROM firebreak_steps ORDER BY call"
      )
      const common = { id: "id-1", input: '{"sku":"MUG"}' }
      assert.deepStrictEqual(seen, [
        { ...common, step: "charge", state: "done", undo: "undo", attempts: 2, result: '"pay-1"' },
        { ...common, step: "notify", state: "running", undo: null, attempts: 1, result: null }
      ])
    })
  )
})
