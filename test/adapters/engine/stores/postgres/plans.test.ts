/**
 * No statement reads a whole table, however many executions have ended: neither when a journal is new, nor later.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makePostgresStore } from "../../../../../src/adapters/engine/stores/postgres/makePostgresStore.ts"
import type { Store } from "../../../../../src/adapters/engine/Store.ts"
import { testDatabase } from "../../../../support/testDatabase.ts"
import { batch, ended, event, row } from "../contract/JournalUnderTest.ts"
import { sql, until } from "./journal.ts"

/** A session reports what it did when it ends at the latest. */
const untilReported = (url: string) =>
  until(
    Effect.map(
      sql(
        url,
        "SELECT FROM pg_stat_activity WHERE application_name LIKE 'firebreak%' AND datname = current_database()"
      ),
      ({ length }) => length === 0
    )
  )

const everything = (store: Store, n: number) =>
  Effect.gen(function* () {
    const rows = Array.from({ length: 50 }, (_, index) => row(n + index))
    yield* store.commit(
      batch(
        n,
        rows,
        rows.map(({ seq }) => event(seq, 1))
      )
    )
    yield* store.commit(
      batch(
        n + 1,
        rows.map(({ seq }) => (seq % 10 === 0 ? row(seq, { status: "suspended", wakeAt: seq }) : ended(seq, seq))),
        rows.map(({ seq }) => event(seq, 2))
      )
    )
    yield* store.find([`id-${n}`, "nobody"])
    yield* store.findNamed(`order-${n}`)
    yield* store.events([n, n + 1])
    yield* store.unfinished(0, 100)
    yield* store.due(Number.MAX_SAFE_INTEGER, 10)
    yield* store.list({ limit: 10 })
    yield* store.list({ limit: 10, status: ["running"] })
    yield* store.list({ limit: 10, status: ["stuck", "blocked"] })
    yield* store.list({ limit: 10, status: ["completed"], before: n })
    yield* store.counts
    yield* store.remove({ status: ["completed", "refused"], endedBefore: 2, at: 1, limit: 10 })
    const request = yield* store.inbox.ask({ execution: "id-1", kind: "cancel", data: "{}", askedAt: 1 })
    yield* store.inbox.pending(0, 10)
    yield* store.inbox.answer(request, "1")
    yield* store.inbox.answerTo(request)
  })

describe("removing a few of many", () => {
  it.live("looks at no more than it removes, also where they ended in several ways", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const status = ["completed", "refused", "cancelled"] as const
      const removed = yield* Effect.scoped(
        Effect.gen(function* () {
          const store = yield* makePostgresStore({ url })
          const remove = (limit: number) => store.remove({ status, endedBefore: 1e9, at: 1e9, limit })
          // A session keeps the plan that it made while there was nothing.
          assert.strictEqual(yield* remove(10), 0)
          const rows = Array.from({ length: 3_000 }, (_, at) =>
            ended(at + 1, at + 1, { status: status[at % 3] ?? "completed" })
          )
          yield* store.commit(batch(1, rows))
          return [yield* remove(30), yield* remove(980), yield* remove(30)]
        })
      )
      assert.deepStrictEqual(removed, [30, 980, 30])
      yield* untilReported(url)
      const [index] = yield* sql(
        url,
        "SELECT idx_tup_read::int AS n FROM pg_stat_user_indexes WHERE indexrelname = 'firebreak_executions_ended'"
      )
      assert.isAtLeast(Number(index?.["n"]), 1_040)
      assert.isBelow(Number(index?.["n"]), 3_000)
    })
  )
})

describe("the statements of a journal", () => {
  it.live("find what they need in an index", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      yield* Effect.scoped(
        Effect.gen(function* () {
          const store = yield* makePostgresStore({ url })
          for (let n = 1; n < 2_000; n += 50) yield* everything(store, n)
        })
      )
      yield* untilReported(url)
      const tables = yield* sql(
        url,
        `SELECT relname, seq_scan::int, idx_scan::int FROM pg_stat_user_tables
         WHERE relname IN ('firebreak_executions', 'firebreak_events', 'firebreak_requests') ORDER BY 1`
      )
      assert.strictEqual(tables.length, 3)
      for (const { relname, seq_scan: whole, idx_scan: byIndex } of tables) {
        assert.isAtLeast(Number(byIndex), 40, String(relname))
        // Making the tables and their indexes reads them, while they are empty; opening a journal forgets old answers.
        assert.isBelow(Number(whole), 8, String(relname))
      }
    })
  )
})
