/**
 * What is known of a statement: whether it was sent, whether it may be tried later, and whose fault it is.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { ConnectionError, SqlError, UnknownError } from "effect/sql/SqlError"
import { parseAddress } from "../../../../../src/adapters/engine/stores/postgres/address.ts"
import { openLine } from "../../../../../src/adapters/engine/stores/postgres/line.ts"
import { makePostgresStore } from "../../../../../src/adapters/engine/stores/postgres/makePostgresStore.ts"
import {
  faultOf,
  readingFailed,
  writingFailed
} from "../../../../../src/adapters/engine/stores/postgres/PostgresFault.ts"
import { makeSession } from "../../../../../src/adapters/engine/stores/postgres/Session.ts"
import { testDatabase } from "../../../../support/testDatabase.ts"
import { sql, until } from "./journal.ts"
import { makeRelay } from "./relay.ts"

describe("a session", () => {
  it.live("gives up a connection that does not answer, and uses another one then", () =>
    Effect.gen(function* () {
      const relay = yield* makeRelay(yield* testDatabase)
      const address = yield* parseAddress(relay.url)
      const session = yield* makeSession({ address, label: "reader", answerWithin: 100 })
      const one = session.use(({ connection }) => connection.queryValues("SELECT 1"))
      // A server that is well may need longer as well, on a machine that is busy.
      const answered = Effect.retry(one, { while: ({ kind }) => kind === "Lost" || kind === "NotSent" })
      assert.deepStrictEqual(yield* answered, [[1]])
      yield* Effect.asVoid(relay.hold("reader"))
      const fault = yield* Effect.flip(one)
      assert.deepStrictEqual([fault.kind, fault.message], ["Lost", "no answer within 0.1 s"])
      assert.deepStrictEqual(yield* answered, [[1]])
    })
  )

  it.live("makes one connection, however many ask for it at once", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const session = yield* makeSession({ address: yield* parseAddress(url), label: "reader", shared: true })
      const backends = yield* Effect.forEach(
        Array.from({ length: 20 }),
        () => session.use(({ connection }) => connection.queryValues("SELECT pg_backend_pid()")),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(new Set(backends.map((rows) => rows[0]?.[0])).size, 1)
    })
  )

  it.live("has settings of its own, whatever is set for the database", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      for (const setting of [
        "default_transaction_isolation = serializable",
        "synchronous_commit = off",
        "idle_session_timeout = 1000000"
      ]) {
        yield* sql(url, `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET ${setting}`)
      }
      const { connection } = yield* openLine(yield* parseAddress(url), "writer")
      const rows = yield* connection.queryValues(
        `SELECT current_setting('transaction_isolation'), current_setting('synchronous_commit'),
           current_setting('idle_session_timeout'), current_setting('enable_seqscan')`
      )
      assert.deepStrictEqual(rows, [["read committed", "on", "0", "off"]])
    })
  )
})

describe("an error of the server", () => {
  const from = (code: string) =>
    new SqlError({
      reason: new UnknownError({
        cause: Object.assign(new Error("said so"), { code }),
        message: "",
        operation: "query"
      })
    })
  const meanings: ReadonlyArray<readonly [code: string, reading: string, writing: string]> = [
    ["53100", "StoreUnavailable", "StoreUnavailable"], // disk full
    ["53200", "StoreUnavailable", "StoreUnavailable"], // out of memory
    ["57014", "StoreUnavailable", "StoreUnavailable"], // cancelled by a time limit
    ["57P03", "StoreUnavailable", "StoreUnavailable"], // starting up
    ["25006", "StoreUnavailable", "StoreUnavailable"], // a standby now
    ["40001", "StoreUnavailable", "StoreUnavailable"],
    ["42501", "StoreUnavailable", "StoreUnavailable"], // a right was taken away
    ["42P01", "StoreBroken", "StoreBroken"], // no such table
    ["58030", "StoreBroken", "StoreBroken"], // input or output failed
    ["XX001", "StoreBroken", "StoreBroken"], // pages are damaged
    ["XX002", "StoreBroken", "StoreBroken"], // an index is damaged
    ["08006", "StoreUnavailable", "CommitUncertain"] // the connection failed
  ]
  for (const [code, reading, writing] of meanings) {
    it(`${code} means ${writing} to who writes`, () => {
      const fault = faultOf(from(code), true, true)
      assert.strictEqual(readingFailed(fault)._tag, reading)
      assert.strictEqual(writingFailed(fault)._tag, writing)
      assert.include(writingFailed(fault).message, `said so (PostgreSQL ${code})`)
    })
  }

  it("about a row is told from one about everything", () => {
    for (const code of ["22021", "23505", "23502", "54000"])
      assert.strictEqual(faultOf(from(code), true, true).kind, "Row")
    for (const code of ["53100", "57014", "XX000"]) assert.strictEqual(faultOf(from(code), true, true).kind, "Later")
  })

  it("that came before anything was sent leaves nothing uncertain", () => {
    const lost = new SqlError({
      reason: new ConnectionError({ cause: new Error("reset"), message: "", operation: "query" })
    })
    assert.strictEqual(writingFailed(faultOf(lost, true, false))._tag, "CommitUncertain")
    assert.strictEqual(writingFailed(faultOf(lost, false, false))._tag, "StoreUnavailable")
  })
})

describe("a commit that waits for the row of the owner", () => {
  it.live("goes on when it is free, also where transactions are serializable by default", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      yield* sql(
        url,
        `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET default_transaction_isolation = serializable`
      )
      const store = yield* makePostgresStore({ url })
      const other = yield* openLine(yield* parseAddress(url), "other")
      yield* other.connection.query("BEGIN")
      yield* other.connection.query("UPDATE firebreak_owner SET since = 1")
      const commit = yield* Effect.forkChild(store.commit({ id: 1, executions: [], events: [] }))
      yield* until(Effect.map(sql(url, "SELECT FROM pg_locks WHERE NOT granted"), ({ length }) => length > 0))
      yield* other.connection.query("COMMIT")
      assert.strictEqual((yield* Fiber.join(commit)).size, 0)
    })
  )
})
