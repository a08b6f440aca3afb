/**
 * A journal that cannot be opened says why, and what to do; and no password is ever told.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { makePostgresStore } from "../../../../../src/adapters/engine/stores/postgres/makePostgresStore.ts"
import { openVisitor } from "../../../../../src/adapters/engine/stores/postgres/openVisitor.ts"
import type { JournalUnusable } from "../../../../../src/adapters/engine/Store.ts"
import { canStartPostgres, startPostgres } from "../../../../support/postgres.ts"
import { testDatabase } from "../../../../support/testDatabase.ts"
import { batch, row } from "../contract/JournalUnderTest.ts"
import { sql } from "./journal.ts"

const refusal = (url: string) => Effect.flip(Effect.scoped(makePostgresStore({ url })))
const refusalOfVisit = (url: string) => Effect.flip(Effect.scoped(openVisitor(url)))

const because = (error: JournalUnusable, reason: JournalUnusable["because"], ...words: ReadonlyArray<string>) => {
  assert.strictEqual(error.because, reason, error.message)
  for (const word of words) assert.include(error.message, word)
  assert.isNotEmpty(error.remedy)
  assert.notInclude(error.message, "undefined")
}

const withParam = (url: string, name: string, value: string) => {
  const other = new URL(url)
  other.searchParams.set(name, value)
  return other.href
}
const ofDatabase = (url: string, database: string) => Object.assign(new URL(url), { pathname: `/${database}` }).href

describe("a journal in PostgreSQL is refused", () => {
  it.live("where the address is none, without repeating it", () =>
    Effect.gen(function* () {
      for (const url of ["postgres://user:hush@ho st/db", "mysql://user:hush@host/db", "hush", "postgres://%%"]) {
        const error = yield* refusal(url)
        because(error, "Unreachable", "postgres://user@host/database")
        assert.notInclude(JSON.stringify(error) + error.message, "hush")
      }
    })
  )

  it.live("where nobody answers", () =>
    Effect.gen(function* () {
      because(
        yield* refusal("postgres://u:hush@127.0.0.1:1/db"),
        "Unreachable",
        "postgres://u@127.0.0.1:1/db",
        "ECONNREFUSED"
      )
      because(yield* refusal("postgres:///db?host=/nowhere&user=u"), "Unreachable", "/nowhere", "ENOENT")
    })
  )

  it.live("where the database or the schema is not there", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      because(yield* refusal(ofDatabase(url, "firebreak_none")), "Missing", '"firebreak_none"')
      because(yield* refusal(withParam(url, "search_path", "nowhere")), "Missing", "search_path")
    })
  )

  it.live("where its user may not make tables, or nobody may write", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      yield* sql(url, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
      const role = `firebreak_reader_${Math.floor(performance.now())}`
      yield* Effect.acquireRelease(sql(url, `CREATE ROLE ${role} LOGIN PASSWORD 'hush'`), () =>
        sql(url, `DROP ROLE ${role}`)
      )
      because(yield* refusal(as(url, role)), "ReadOnly", "permission denied", "Grant")
      because(
        yield* refusal(withParam(url, "options", "-c default_transaction_read_only=on")),
        "ReadOnly",
        "nobody write"
      )
    })
  )

  it.live("where it was written by a newer program, naming the version that is needed", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      yield* Effect.scoped(makePostgresStore({ url }))
      yield* sql(url, "UPDATE firebreak_journal SET layout = 7, needs = '3.1.0'")
      because(yield* refusal(url), "Newer", "firebreak 3.1.0")
      because(yield* refusalOfVisit(url), "Newer", "firebreak 3.1.0")
      // Nothing was changed by trying.
      const [owner] = yield* sql(url, "SELECT epoch::int FROM firebreak_owner")
      assert.deepStrictEqual(owner, { epoch: 1 })
    })
  )

  it.live("where there are other tables of that name, or some of its own are gone", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      yield* Effect.scoped(makePostgresStore({ url }))
      yield* sql(url, "DROP TABLE firebreak_requests")
      because(yield* refusal(url), "Damaged", "firebreak_requests")
      because(yield* refusalOfVisit(url), "Damaged", "firebreak_requests")
      yield* sql(url, "CREATE TABLE firebreak_requests ()")
      yield* sql(url, "DROP TABLE firebreak_journal")
      yield* sql(url, "CREATE TABLE firebreak_journal (title text)")
      because(yield* refusal(url), "NotAJournal", "firebreak_journal")
    })
  )

  it.live("where somebody only wants to look and there is none, and none is made", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      because(yield* refusalOfVisit(url), "Missing", "no journal")
      assert.deepStrictEqual(yield* sql(url, "SELECT to_regclass('firebreak_journal') AS it"), [{ it: null }])
    })
  )
})

describe("a journal in PostgreSQL", () => {
  it.live("can be one of several in a database, each in its schema", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      yield* sql(url, "CREATE SCHEMA one")
      yield* sql(url, "CREATE SCHEMA other")
      const one = yield* makePostgresStore({ url: withParam(url, "search_path", "one") })
      const other = yield* makePostgresStore({ url: withParam(url, "search_path", "other") })
      yield* one.commit(batch(1, [row(1)]))
      yield* other.commit(batch(1, [row(2)]))
      assert.notStrictEqual(one.namespace, other.namespace)
      assert.deepStrictEqual(
        (yield* one.list({ limit: 9 })).map(({ seq }) => seq),
        [1]
      )
      assert.include(one.name, "search_path=one")
    })
  )

  it.live("is made once when several processes begin at the same time", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const opened = yield* Effect.forEach([1, 2, 3, 4], () => Effect.exit(makePostgresStore({ url })), {
        concurrency: "unbounded"
      })
      const owners = opened.filter(({ _tag }) => _tag === "Success")
      assert.strictEqual(owners.length, 1)
      assert.deepStrictEqual(yield* sql(url, "SELECT count(*)::int AS n FROM firebreak_journal"), [{ n: 1 }])
    })
  )
})

describe("a password", { skip: !canStartPostgres }, () => {
  it.live("opens the journal, is told by nobody, and may come from the environment", () =>
    Effect.gen(function* () {
      const server = yield* Effect.acquireRelease(
        Effect.promise(() => startPostgres({ loopback: true })),
        ({ stop }) => Effect.promise(stop)
      )
      const { password, port } = new URL(server.url)
      const store = yield* makePostgresStore({ url: Redacted.make(server.url) })
      const visitor = yield* openVisitor(server.url)
      const shown = [store.name, visitor.name, (yield* refusal(server.url)).message]
      for (const wrong of ["guessed", ""]) {
        const error = yield* refusal(Object.assign(new URL(server.url), { password: wrong }).href)
        because(error, "Unreachable", "PGPASSWORD")
        shown.push(error.message, JSON.stringify(error))
      }
      assert.strictEqual(store.name, `postgres://postgres@127.0.0.1:${port}/postgres`)
      for (const each of shown) {
        assert.notInclude(each, password)
        assert.notInclude(each, "guessed")
      }
      // It is not in the journal either.
      const [owner] = yield* sql(server.url, "SELECT owner FROM firebreak_owner")
      assert.notInclude(JSON.stringify(owner), password)

      const without = Object.assign(new URL(server.url), { password: "" }).href
      yield* Effect.acquireUseRelease(
        Effect.sync(() => void (process.env["PGPASSWORD"] = password)),
        () => Effect.scoped(openVisitor(without)),
        () => Effect.sync(() => void delete process.env["PGPASSWORD"])
      )
    })
  )
})

const as = (url: string, role: string): string => {
  const other = new URL(url)
  if (other.searchParams.has("user")) other.searchParams.set("user", role)
  else Object.assign(other, { username: role, password: "hush" })
  return other.href
}
