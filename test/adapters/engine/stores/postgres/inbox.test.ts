/**
 * Requests in PostgreSQL: heard of at once, whatever becomes of the session that listens, and never passed over.
 */
import { assert, describe, it } from "@effect/vitest"
import * as PgConnection from "@effect/sql-pg/PgConnection"
import { Deferred, Effect, Fiber, Queue, Redacted } from "effect"
import { makePostgresStore } from "../../../../../src/adapters/engine/stores/postgres/makePostgresStore.ts"
import { openVisitor } from "../../../../../src/adapters/engine/stores/postgres/openVisitor.ts"
import { testDatabase } from "../../../../support/testDatabase.ts"
import { oneWithin } from "../contract/oneWithin.ts"
import { endSessions, sql, until } from "./journal.ts"
import { makeRelay } from "./relay.ts"

const cancel = { execution: "id-1", kind: "cancel" as const, data: "{}", askedAt: 1 }

describe("an owner", () => {
  it.live("hears of a request within 200 ms while its session cannot listen, and listens again", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const relay = yield* makeRelay(url)
      const { inbox } = yield* makePostgresStore({ url: relay.url })
      const visitor = yield* openVisitor(url)
      let heard = Deferred.makeUnsafe<void>()
      yield* inbox.onRequest(() => Deferred.doneUnsafe(heard, Effect.void))
      const hearsOne = Effect.gen(function* () {
        // What was heard before does not count.
        heard = Deferred.makeUnsafe<void>()
        const askedAt = performance.now()
        yield* visitor.inbox.ask(cancel)
        yield* Deferred.await(heard)
        return performance.now() - askedAt
      })
      const hearsWithin = (most: number) => Effect.map(oneWithin(most, hearsOne), (time) => assert.isBelow(time, most))
      yield* relay.close(true)
      yield* hearsWithin(200)
      yield* relay.close(false)
      const listens = sql(
        url,
        "SELECT FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"
      )
      yield* until(Effect.map(listens, ({ length }) => length === 1))
      yield* hearsWithin(200)
    })
  )

  it.live("hears of what was asked while its session was ended", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const { inbox } = yield* makePostgresStore({ url })
      const visitor = yield* openVisitor(url)
      const calls = yield* Queue.unbounded<void>()
      yield* inbox.onRequest(() => Queue.offerUnsafe(calls, undefined))
      yield* endSessions(url, "owner")
      const request = yield* visitor.inbox.ask(cancel)
      yield* Queue.take(calls)
      yield* until(Effect.map(inbox.pending(0, 10), (found) => found[0]?.seq === request))
    })
  )
})

describe("a visitor", () => {
  it.live("hears of requests as well, and again after its session was ended", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const { inbox } = yield* makePostgresStore({ url })
      const visitor = yield* openVisitor(url)
      let heard = Deferred.makeUnsafe<void>()
      yield* visitor.inbox.onRequest(() => Deferred.doneUnsafe(heard, Effect.void))
      for (let round = 0; round < 2; round++) {
        heard = Deferred.makeUnsafe<void>()
        yield* inbox.ask(cancel)
        yield* Deferred.await(heard)
        yield* endSessions(url, "visitor")
      }
    })
  )
})

describe("a request whose answer got lost", () => {
  it.live("may have been written down, and whoever asked is told so", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const relay = yield* makeRelay(url)
      const { inbox } = yield* makePostgresStore({ url })
      const visitor = yield* openVisitor(relay.url)
      yield* visitor.inbox.ask(cancel)
      const answered = yield* relay.lose("visitor")
      const asked = yield* Effect.forkChild(Effect.flip(visitor.inbox.ask(cancel)))
      yield* answered
      yield* relay.cut("visitor")
      const error = yield* Fiber.join(asked)
      assert.strictEqual(error._tag, "StoreUnavailable")
      assert.include(error.message, "may have been written down")
      assert.include(error.message, "firebreak show")
      assert.strictEqual((yield* inbox.pending(0, 10)).length, 2)

      // What was refused, or not even sent, was not.
      yield* sql(url, "ALTER TABLE firebreak_requests ADD CHECK (execution <> 'id-1') NOT VALID")
      assert.notInclude((yield* Effect.flip(visitor.inbox.ask(cancel))).message, "may have been")
      yield* relay.close(true)
      const refused = Effect.map(Effect.flip(visitor.inbox.ask(cancel)), ({ message }) => message)
      yield* until(Effect.map(refused, (message) => !message.includes("may have been")))
    })
  )
})

describe("requests of several processes at once", () => {
  it.live("become visible in the order of their numbers, so that who reads on misses none", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const { inbox } = yield* makePostgresStore({ url })
      // Somebody who asks and does not come to an end: its number is given out, and not committed.
      const slow = yield* PgConnection.make({ url: Redacted.make(url) })
      yield* slow.query("BEGIN")
      yield* slow.query("SELECT pg_advisory_xact_lock(1178751557, 'firebreak_requests'::regclass::oid::integer)")
      yield* slow.query(
        "INSERT INTO firebreak_requests (execution, kind, data, asked_at) VALUES ('slow', 'cancel', '{}', 1)"
      )
      const quick = yield* Effect.forkChild(inbox.ask({ ...cancel, execution: "quick" }))
      const waits = sql(url, "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
      yield* until(Effect.map(waits, ({ length }) => length === 1))
      assert.deepStrictEqual(yield* inbox.pending(0, 10), [])
      yield* slow.query("COMMIT")
      yield* Fiber.join(quick)
      assert.deepStrictEqual(
        (yield* inbox.pending(0, 10)).map(({ seq, execution }) => [seq, execution]),
        [
          [1, "slow"],
          [2, "quick"]
        ]
      )
    })
  )
})

describe("answers", () => {
  it.live("are kept for a week, and gone when the journal is opened after that", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const asked = yield* Effect.scoped(
        Effect.gen(function* () {
          const { inbox } = yield* makePostgresStore({ url })
          const asked = [yield* inbox.ask(cancel), yield* inbox.ask(cancel), yield* inbox.ask(cancel)]
          yield* Effect.forEach(asked.slice(0, 2), (seq) => inbox.answer(seq, "1"))
          return asked
        })
      )
      const days = (n: number) => Date.now() - n * 24 * 3600 * 1000
      yield* sql(url, `UPDATE firebreak_requests SET answered_at = ${days(8)} WHERE seq = ${asked[0]}`)
      yield* sql(url, `UPDATE firebreak_requests SET answered_at = ${days(6)} WHERE seq = ${asked[1]}`)
      yield* makePostgresStore({ url })
      const left = yield* sql(url, "SELECT seq::int FROM firebreak_requests ORDER BY seq")
      assert.deepStrictEqual(
        left.map(({ seq }) => seq),
        asked.slice(1)
      )
    })
  )
})
