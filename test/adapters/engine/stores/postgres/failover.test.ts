/**
 * A server that failed over, or was put back to an earlier state: whoever owns the journal at that moment writes nothing
 * any more, and for whoever owns it next it is a copy.
 *
 * Here PostgreSQL is really promoted; which origins count as the same is in `copies.test.ts`.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Scope } from "effect"
import { makePostgresStore } from "../../../../../src/adapters/engine/stores/postgres/makePostgresStore.ts"
import type { Batch, Store, StoreBroken } from "../../../../../src/adapters/engine/Store.ts"
import { canStartPostgres } from "../../../../support/postgres.ts"
import { testDatabase } from "../../../../support/testDatabase.ts"
import { batch, ended, event, row } from "../contract/JournalUnderTest.ts"
import { endSessions, sql, until } from "./journal.ts"
import { makeRelay } from "./relay.ts"
import { makeFailover } from "./standby.ts"

/** As the engine does: again for as long as nothing was committed, and a lost answer is looked up. */
const committed = (store: Store, change: Batch): Effect.Effect<void, unknown> =>
  Effect.catch(Effect.asVoid(store.commit(change)), (error): Effect.Effect<void, unknown> => {
    if (error._tag === "StoreUnavailable") return committed(store, change)
    if (error._tag !== "CommitUncertain") return Effect.fail(error)
    const last = Effect.retry(store.lastBatch, { while: ({ _tag }) => _tag === "StoreUnavailable" })
    return Effect.flatMap(last, (id) => (id >= change.id ? Effect.void : committed(store, change)))
  })

const refusal = (store: Store, change: Batch) =>
  Effect.map(Effect.flip(committed(store, change)), (error) => {
    assert.strictEqual((error as StoreBroken)._tag, "StoreBroken", String(error))
    return (error as StoreBroken).message
  })

const events = (url: string) =>
  Effect.map(sql(url, "SELECT n FROM firebreak_events ORDER BY n"), (rows) => rows.map(({ n }) => n))

const isCopy = (url: string) => Effect.scoped(Effect.map(makePostgresStore({ url }), (store) => store.isCopy))

describe("a server that fails over to a standby", { skip: !canStartPostgres }, () => {
  it.live("has a copy, also while the first checkpoint after the promotion is still under way", () =>
    Effect.gen(function* () {
      const { keep, promote, url } = yield* makeFailover
      yield* sql(url, "CREATE ROLE ordinary LOGIN")
      yield* sql(url, "GRANT CREATE ON SCHEMA public TO PUBLIC")
      const own = url.replace("user=postgres", "user=ordinary")
      assert.isFalse(yield* isCopy(own))
      // A checkpoint takes its time over many pages: it writes ten in a second.
      yield* sql(url, "CREATE TABLE many AS SELECT repeat('x', 500) FROM generate_series(1, 10000)")
      yield* keep
      assert.isFalse(yield* isCopy(own))
      yield* promote
      assert.isTrue(yield* isCopy(own))
      const [found] = yield* sql(url, "SELECT timeline_id FROM pg_control_checkpoint()")
      assert.strictEqual(found?.["timeline_id"], 1, "the checkpoint was over before the journal was opened")
    })
  )

  it.live("is not gone on with by an owner that lives through it, and leaves no gap in what happened", () =>
    Effect.gen(function* () {
      const { keep, promote, url } = yield* makeFailover
      const scope = yield* Scope.make()
      const store = yield* Scope.provide(makePostgresStore({ url }), scope)
      yield* committed(store, batch(1, [row(1)], [event(1, 1)]))
      yield* keep
      yield* committed(store, batch(2, [], [event(1, 2)]))
      yield* promote

      assert.include(yield* refusal(store, batch(3, [], [event(1, 3)])), "a standby has taken over")
      assert.deepStrictEqual(yield* events(url), [1])
      // It has not taken the lock of the other server, so it is in nobody's way.
      assert.isTrue(yield* isCopy(url))
      assert.include(yield* refusal(store, batch(4, [], [event(1, 3)])), "a standby has taken over")
      yield* Scope.close(scope, Exit.void)
      assert.isTrue(yield* isCopy(url))
    })
  )

  it.live("is not gone on with by an owner that has nothing to write either", () =>
    Effect.gen(function* () {
      const { keep, letIn, promote, url } = yield* makeFailover
      const relay = yield* makeRelay(url)
      const store = yield* makePostgresStore({ url: relay.url })
      yield* keep
      yield* relay.close(true)
      yield* promote
      const before = yield* letIn("owner")
      yield* relay.close(false)
      // It comes back for its lock, sees where it is, and leaves: so it keeps nobody out.
      yield* until(Effect.map(letIn("owner"), (n) => n > before))
      const there = sql(url, "SELECT FROM pg_stat_activity WHERE application_name = 'firebreak owner'")
      yield* until(Effect.map(there, ({ length }) => length === 0))
      assert.isTrue(yield* isCopy(url))
      assert.strictEqual((yield* Effect.flip(store.lastBatch))._tag, "StoreBroken")
      assert.strictEqual(yield* letIn("writer"), 0)
    })
  )
})

describe("a server that was put back to an earlier state under a living owner", { skip: !canStartPostgres }, () => {
  it.live("is not gone on with, and has a copy", () =>
    Effect.gen(function* () {
      const { keep, putBack, url } = yield* makeFailover
      const scope = yield* Scope.make()
      const store = yield* Scope.provide(makePostgresStore({ url }), scope)
      yield* committed(store, batch(1, [row(1)], [event(1, 1)]))
      yield* keep
      yield* committed(store, batch(2, [row(1, { changedAt: 9 })]))
      yield* putBack
      assert.include(yield* refusal(store, batch(3, [], [event(1, 2)])), "batch 2")
      assert.deepStrictEqual(yield* events(url), [1])
      yield* Scope.close(scope, Exit.void)
      for (const _ of [1, 2]) assert.isTrue(yield* isCopy(url))
    })
  )
})

describe("an owner whose session is new", () => {
  it.live("goes on when what it committed last is there, or was removed since", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const store = yield* makePostgresStore({ url })
      for (const change of [
        batch(1, [row(1), row(2)], [event(1, 1)]),
        batch(2, [ended(1, 9), row(2)], [event(1, 2), event(1, 3)]),
        batch(3, [ended(2, 9)]),
        batch(4, [])
      ]) {
        yield* store.commit(change)
        if (change.id > 1) yield* store.remove({ status: ["completed"], endedBefore: 10, at: 11, limit: 10 })
        assert.strictEqual(yield* endSessions(url, "writer"), 1)
      }
      yield* committed(store, batch(5, [row(3)]))
      assert.isFalse(store.isCopy)
    })
  )

  it.live("goes on when a commit whose answer was lost has changed what it committed before", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const relay = yield* makeRelay(url)
      const store = yield* makePostgresStore({ url: relay.url })
      yield* store.commit(batch(1, [row(1)]))
      const answered = yield* relay.lose("writer")
      const commit = yield* Effect.forkChild(Effect.flip(store.commit(batch(2, [ended(1, 9)]))))
      yield* answered
      yield* relay.cut("writer")
      assert.strictEqual((yield* Fiber.join(commit))._tag, "CommitUncertain")
      // Nor does it forget that while nothing can be sent.
      yield* relay.close(true)
      assert.strictEqual((yield* Effect.flip(store.commit(batch(2, [ended(1, 9)]))))._tag, "StoreUnavailable")
      yield* relay.close(false)
      // The new session finds the second state, not the first.
      assert.strictEqual(yield* store.lastBatch, 2)
      yield* endSessions(url, "writer")
      yield* committed(store, batch(3, [row(2)]))
    })
  )

  it.live("does not when what it committed last is not there, whoever took it away", () =>
    Effect.gen(function* () {
      for (const [change, gone] of [
        [batch(2, [], [event(1, 2)]), "DELETE FROM firebreak_events WHERE n = 2"],
        [batch(2, [row(2)]), "DELETE FROM firebreak_executions WHERE seq = 2"],
        [batch(2, [ended(1, 9)]), "UPDATE firebreak_executions SET status = 'running'"]
      ] as const) {
        const url = yield* testDatabase
        const store = yield* makePostgresStore({ url })
        yield* store.commit(batch(1, [row(1)], [event(1, 1)]))
        yield* store.commit(change)
        yield* sql(url, gone)
        yield* endSessions(url, "writer")
        assert.include(yield* refusal(store, batch(3, [row(3)])), "batch 2")
        assert.deepStrictEqual(yield* store.find(["id-3"]), [])
        const [journal] = yield* sql(url, "SELECT is_copy FROM firebreak_journal")
        assert.isTrue(journal?.["is_copy"])
      }
    })
  )

  it.live("says what is broken when a table is gone", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const store = yield* makePostgresStore({ url })
      yield* store.commit(batch(1, [row(1)], [event(1, 1)]))
      yield* sql(url, "DROP TABLE firebreak_events CASCADE")
      yield* endSessions(url, "writer")
      assert.include(yield* refusal(store, batch(2, [row(2)])), "firebreak_events")
    })
  )
})
