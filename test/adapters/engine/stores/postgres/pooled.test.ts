/**
 * A proxy that shares sessions between transactions is refused, one that keeps a session for each connection is not.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makePostgresStore } from "../../../../../src/adapters/engine/stores/postgres/makePostgresStore.ts"
import { openVisitor } from "../../../../../src/adapters/engine/stores/postgres/openVisitor.ts"
import { canStartPostgres } from "../../../../support/postgres.ts"
import { testDatabase } from "../../../../support/testDatabase.ts"
import { batch, row } from "../contract/JournalUnderTest.ts"
import { sql } from "./journal.ts"
import { makePooler } from "./pooler.ts"

// The proxy of these tests knows no passwords, so it needs the server of the tests.
describe("a journal behind a proxy", { skip: !canStartPostgres || process.env["DATABASE_URL"] !== undefined }, () => {
  it.live("that shares sessions between transactions is refused before anything is written", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const error = yield* Effect.flip(makePostgresStore({ url: yield* makePooler(url, "transaction") }))
      assert.strictEqual(error.because, "Pooled")
      assert.include(error.message, "Connect straight to the server")
      assert.deepStrictEqual(yield* sql(url, "SELECT to_regclass('firebreak_journal') AS it"), [{ it: null }])
    })
  )

  it.live("that keeps a session for each connection works as without one", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const proxied = yield* makePooler(url, "session")
      const store = yield* makePostgresStore({ url: proxied })
      yield* store.commit(batch(1, [row(1)]))
      const visitor = yield* openVisitor(proxied)
      assert.deepStrictEqual(
        (yield* visitor.list({ limit: 9 })).map(({ seq }) => seq),
        [1]
      )
      assert.strictEqual((yield* Effect.flip(makePostgresStore({ url }))).because, "Owned")
    })
  )
})
