/**
 * A journal that was copied or restored is known as a copy, until a person says that it is the original.
 */
import * as PgConnection from "@effect/sql-pg/PgConnection"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { adoptCopy, makePostgresStore } from "../../../../../src/adapters/engine/stores/postgres/makePostgresStore.ts"
import { isSameOrigin, originOf } from "../../../../../src/adapters/engine/stores/postgres/origin.ts"
import { canStartPostgres, startPostgres } from "../../../../support/postgres.ts"
import { testDatabase } from "../../../../support/testDatabase.ts"
import { batch, row } from "../contract/JournalUnderTest.ts"
import { sql } from "./journal.ts"

const opened = (url: string) =>
  Effect.scoped(Effect.map(makePostgresStore({ url }), ({ isCopy, namespace }) => ({ isCopy, namespace })))

describe("a journal", () => {
  it.live("in a copy of its database is a copy, of the same namespace, also for later owners", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const original = yield* opened(url)
      const name = `firebreak_copy_${Math.floor(performance.now())}`
      const admin = Object.assign(new URL(url), { pathname: "/postgres" }).href
      const copy = Object.assign(new URL(url), { pathname: `/${name}` }).href
      yield* Effect.acquireRelease(
        sql(admin, `CREATE DATABASE ${name} TEMPLATE ${new URL(url).pathname.slice(1)}`),
        () => sql(admin, `DROP DATABASE ${name} WITH (FORCE)`)
      )
      for (const _ of [1, 2]) assert.deepStrictEqual(yield* opened(copy), { ...original, isCopy: true })
      assert.deepStrictEqual(yield* opened(url), original)

      yield* adoptCopy({ url: copy })
      assert.deepStrictEqual(yield* opened(copy), original)
    })
  )

  it.live("that was restored in the place of the one before is a copy", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      assert.isFalse((yield* opened(url)).isCopy)
      // What a dump is, once it was restored: the same rows in new tables.
      yield* sql(url, "CREATE TABLE restored (LIKE firebreak_journal INCLUDING ALL)")
      yield* sql(url, "INSERT INTO restored SELECT * FROM firebreak_journal")
      yield* sql(url, "DROP TABLE firebreak_journal")
      yield* sql(url, "ALTER TABLE restored RENAME TO firebreak_journal")
      assert.isTrue((yield* opened(url)).isCopy)
    })
  )

  it("recovered to a point in time, or on a standby that took over, is a copy: its timeline is another", () => {
    const origin = "server=7 database=5 table=9 timeline=1"
    assert.isTrue(isSameOrigin(origin, origin))
    assert.isFalse(isSameOrigin(origin, "server=7 database=5 table=9 timeline=2"))
    assert.isFalse(isSameOrigin(origin, "server=8 database=5 table=9 timeline=1"))
    // What a server does not tell says nothing.
    assert.isTrue(isSameOrigin(origin, "database=5 table=9"))
    assert.isTrue(isSameOrigin("database=5 table=9", origin))
  })

  it.live("is told its origin as far as its user may know it", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const connection = yield* PgConnection.make({ url: Redacted.make(url) })
      yield* opened(url)
      const full = yield* originOf(connection)
      assert.match(full, /^server=\d+ database=\d+ table=\d+ timeline=\d+$/)

      const role = `firebreak_curious_${Math.floor(performance.now())}`
      yield* sql(url, `CREATE ROLE ${role}`)
      yield* Effect.addFinalizer(() => sql(url, `DROP ROLE ${role}`))
      yield* sql(url, "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
      yield* connection.query(`SET ROLE ${role}`)
      const withoutServer = full.replace(/^server=\d+ /, "")
      assert.strictEqual(yield* originOf(connection), withoutServer)
      assert.isTrue(isSameOrigin(full, withoutServer))

      // The timeline is the same number, whichever way it may be asked.
      yield* sql(url, "REVOKE EXECUTE ON FUNCTION pg_walfile_name(pg_lsn) FROM PUBLIC")
      assert.strictEqual(yield* originOf(connection), withoutServer)
      yield* sql(url, "REVOKE EXECUTE ON FUNCTION pg_control_checkpoint() FROM PUBLIC")
      assert.match(yield* originOf(connection), /^database=\d+ table=\d+$/)
    })
  )
})

describe("a server that was ended and started again", { skip: !canStartPostgres }, () => {
  it.live("has the original", () =>
    Effect.gen(function* () {
      const server = yield* Effect.acquireRelease(
        Effect.promise(() => startPostgres()),
        ({ stop }) => Effect.promise(stop)
      )
      const url = yield* Effect.promise(server.database)
      yield* sql(url, "GRANT CREATE ON SCHEMA public TO PUBLIC")
      yield* sql(url, "CREATE ROLE ordinary LOGIN")
      const own = url.replace("user=postgres", "user=ordinary")
      yield* Effect.scoped(Effect.flatMap(makePostgresStore({ url: own }), ({ commit }) => commit(batch(1, [row(1)]))))
      yield* Effect.promise(() => server.down("immediate"))
      yield* Effect.promise(() => server.up())
      assert.isFalse((yield* opened(own)).isCopy)
      const [found] = yield* sql(url, "SELECT origin FROM firebreak_journal")
      assert.match(String(found?.["origin"]), /^server=\d+ database=\d+ table=\d+ timeline=\d+$/)
    })
  )
})
