/**
 * What a journal does when its server, or the way to it, fails: it waits, goes on, and never writes anything twice.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Option } from "effect"
import { randomBytes } from "node:crypto"
import { makePostgresStore } from "../../../../../src/adapters/engine/stores/postgres/makePostgresStore.ts"
import type { Store } from "../../../../../src/adapters/engine/Store.ts"
import { canStartPostgres, startPostgres } from "../../../../support/postgres.ts"
import { testDatabase } from "../../../../support/testDatabase.ts"
import { batch, contents, ended, event, row } from "../contract/JournalUnderTest.ts"
import { endSessions, sql, until } from "./journal.ts"
import { makeRelay } from "./relay.ts"

const throughRelay = Effect.gen(function* () {
  const url = yield* testDatabase
  const relay = yield* makeRelay(url)
  const store = yield* makePostgresStore({ url: relay.url })
  yield* store.commit(batch(1, [row(1)], [event(1, 1)]))
  return { url, relay, store }
})

const committed = (store: Store, id: number) =>
  // As the engine does: again for as long as it is told that nothing was committed.
  Effect.retry(store.commit(batch(id, [row(id)])), { while: ({ _tag }) => _tag === "StoreUnavailable" })

describe("a commit that finds its session ended", () => {
  it.live("is made on a new one, because nothing had been sent", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const store = yield* makePostgresStore({ url })
      for (const id of [1, 2, 3]) {
        assert.strictEqual((yield* store.commit(batch(id, [row(id)]))).size, 0)
        assert.strictEqual(yield* endSessions(url, "writer"), 1)
      }
      assert.strictEqual(yield* store.lastBatch, 3)
      assert.strictEqual((yield* contents(store, 4)).rows.length, 3)
    })
  )

  it.live("says that it may be tried later while there is no way to the server, and then works", () =>
    Effect.gen(function* () {
      const { relay, store } = yield* throughRelay
      yield* relay.close(true)
      // The first may have been sent before the end was heard of.
      const refusal = Effect.flip(store.commit(batch(2, [ended(1, 9)])))
      yield* until(Effect.map(refusal, ({ _tag }) => _tag === "StoreUnavailable"))
      assert.strictEqual((yield* Effect.flip(store.find(["id-1"])))._tag, "StoreUnavailable")
      yield* relay.close(false)
      yield* committed(store, 2)
      assert.deepStrictEqual((yield* contents(store, 2)).rows, [row(1), row(2)])
    })
  )
})

describe("a commit whose answer got lost", () => {
  it.live("is uncertain, and is found to be committed", () =>
    Effect.gen(function* () {
      const { relay, store } = yield* throughRelay
      for (const [id, change] of [
        [2, batch(2, [ended(1, 9)], [event(1, 2)])],
        [3, batch(3, [row(2)])], // states only: nothing that is written once
        [4, batch(4, [], [event(2, 1)])]
      ] as const) {
        const answered = yield* relay.lose("writer")
        const commit = yield* Effect.forkChild(Effect.flip(store.commit(change)))
        yield* answered
        yield* relay.cut("writer")
        assert.strictEqual((yield* Fiber.join(commit))._tag, "CommitUncertain")
        assert.strictEqual(yield* store.lastBatch, id)
      }
      assert.deepStrictEqual(yield* contents(store, 2), {
        rows: [ended(1, 9), row(2)],
        events: [event(1, 1), event(1, 2), event(2, 1)]
      })
    })
  )

  it.live("is found not to be committed when it never reached the server, and can be made again", () =>
    Effect.gen(function* () {
      const { relay, store } = yield* throughRelay
      for (const change of [batch(2, [ended(1, 9)], [event(1, 2)]), batch(3, [row(2)])]) {
        const sent = yield* relay.hold("writer")
        const commit = yield* Effect.forkChild(Effect.flip(store.commit(change)))
        yield* sent
        yield* relay.cut("writer")
        assert.strictEqual((yield* Fiber.join(commit))._tag, "CommitUncertain")
        assert.strictEqual(yield* store.lastBatch, change.id - 1)
        assert.strictEqual((yield* store.commit(change)).size, 0)
      }
      assert.deepStrictEqual((yield* contents(store, 2)).rows, [ended(1, 9), row(2)])
    })
  )

  it.live("writes nothing any more when it arrives after it was found not to be committed", () =>
    Effect.gen(function* () {
      const { url, relay, store } = yield* throughRelay
      const sent = yield* relay.hold("writer")
      const commit = yield* Effect.forkChild(Effect.flip(store.commit(batch(2, [ended(1, 9)], [event(1, 2)]))))
      yield* sent
      yield* relay.cut("writer")
      yield* Fiber.join(commit)
      assert.strictEqual(yield* store.lastBatch, 1)

      yield* relay.release("writer")
      const isCarriedOut = sql(
        url,
        `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'firebreak writer'
           AND datname = current_database()`
      )
      yield* until(Effect.map(isCarriedOut, (rows) => rows[0]?.["n"] === 1))
      assert.deepStrictEqual(yield* contents(store, 1), { rows: [row(1)], events: [event(1, 1)] })
      assert.strictEqual(yield* store.lastBatch, 1)
    })
  )

  it.live("because nobody waited for it any longer is found as well", () =>
    Effect.gen(function* () {
      const { relay, store } = yield* throughRelay
      const answered = yield* relay.lose("writer")
      const commit = yield* Effect.forkChild(store.commit(batch(2, [row(2)], [event(2, 1)])))
      yield* answered
      const interruption = yield* Effect.forkChild(Fiber.interrupt(commit))
      yield* relay.cut("writer")
      yield* Fiber.join(interruption)
      assert.strictEqual(yield* store.lastBatch, 2)
    })
  )

  it.live("tells what was rejected when it is made again, and writes nothing twice", () =>
    Effect.gen(function* () {
      const { relay, store } = yield* throughRelay
      const mixed = batch(2, [row(2, { id: "id-1" }), row(3)], [event(2, 1), event(3, 1)])
      // The bad row is looked for in a transaction that is rolled back; what comes then commits the rest.
      const answered = yield* relay.loseAfter("writer", "ROLLBACK\0")
      const commit = yield* Effect.forkChild(Effect.flip(store.commit(mixed)))
      yield* answered
      yield* relay.cut("writer")
      assert.strictEqual((yield* Fiber.join(commit))._tag, "CommitUncertain")
      // Whoever heard that it is committed would not hear what was rejected.
      assert.strictEqual(yield* store.lastBatch, 1)
      assert.deepStrictEqual([...(yield* store.commit(mixed)).keys()], [2])
      assert.strictEqual(yield* store.lastBatch, 2)
      assert.deepStrictEqual(yield* contents(store, 3), { rows: [row(1), row(3)], events: [event(1, 1), event(3, 1)] })
    })
  )
})

describe("a bad row", () => {
  it.live("that only the server can tell costs its own execution", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const store = yield* makePostgresStore({ url })
      const rows = Array.from({ length: 100 }, (_, index) => row(index + 1))
      const tooLong = { name: randomBytes(9_000).toString("base64") } // an index takes 2,700 bytes
      const rejected = yield* store.commit(
        batch(
          1,
          rows.map((each) => (each.seq === 17 || each.seq === 68 ? { ...each, ...tooLong } : each)),
          rows.map(({ seq }) => event(seq, 1))
        )
      )
      assert.deepStrictEqual([...rejected.keys()], [17, 68])
      assert.match(rejected.get(17) ?? "", /index/)
      const { rows: found, events } = yield* contents(store, 100)
      assert.deepStrictEqual([found.length, events.length], [98, 98])
    })
  )
})

describe("a journal whose tables are gone", () => {
  it.live("is broken, and says what is missing", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const store = yield* makePostgresStore({ url })
      yield* sql(url, "DROP TABLE firebreak_events CASCADE")
      const error = yield* Effect.flip(store.commit(batch(1, [row(1)])))
      assert.strictEqual(error._tag, "StoreBroken")
      assert.include(error.message, "firebreak_events")
    })
  )
})

describe("a server that is ended", { skip: !canStartPostgres }, () => {
  for (const how of ["fast", "immediate"] as const) {
    it.live(
      `${how === "fast" ? "in good order" : "by a crash"} and started again is gone on with, by the same owner`,
      () =>
        Effect.gen(function* () {
          const server = yield* Effect.acquireRelease(
            Effect.promise(() => startPostgres()),
            ({ stop }) => Effect.promise(stop)
          )
          const store = yield* makePostgresStore({ url: server.url })
          yield* committed(store, 1)

          // Commits go on all the time, one after the other.
          let last = 1
          const working = yield* Effect.forkChild(
            Effect.forever(
              Effect.gen(function* () {
                const id = last + 1
                const exit = yield* Effect.exit(store.commit(batch(id, [row(id)], [event(id, 1)])))
                const error = Exit.isSuccess(exit) ? undefined : Option.getOrUndefined(Exit.findErrorOption(exit))
                if (error === undefined) last = id
                else if (error._tag === "CommitUncertain") {
                  const found = yield* Effect.retry(store.lastBatch, {
                    while: ({ _tag }) => _tag === "StoreUnavailable"
                  })
                  if (found === id) last = id
                } else if (error._tag !== "StoreUnavailable") return yield* error
              })
            )
          )
          yield* until(Effect.sync(() => last > 20))
          yield* Effect.promise(() => server.down(how))
          const before = last
          yield* Effect.promise(() => server.up())
          yield* until(Effect.sync(() => last > before + 20))
          yield* Fiber.interrupt(working)

          const { rows } = yield* contents(store, last + 1)
          assert.isAtLeast(rows.length, last)
          assert.deepStrictEqual(
            rows.slice(0, last).map(({ seq }) => seq),
            Array.from({ length: last }, (_, index) => index + 1)
          )
          // It has its lock again, so nobody else gets in.
          const locks = sql(server.url, "SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted")
          yield* until(Effect.map(locks, (held) => held.length === 1))
          const error = yield* Effect.flip(Effect.scoped(makePostgresStore({ url: server.url })))
          assert.strictEqual(error.because, "Owned")
          yield* committed(store, last + 2)
        })
    )
  }
})
