/**
 * One owner: a dead one is in nobody's way, a frozen one that was replaced writes nothing, and one that lost its lock has
 * it again unless somebody else was faster.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Option, Scope } from "effect"
import { spawn } from "node:child_process"
import readline from "node:readline"
import { fileURLToPath } from "node:url"
import { journalLayer } from "../../../../../src/adapters/engine/openJournal.ts"
import { makePostgresStore } from "../../../../../src/adapters/engine/stores/postgres/makePostgresStore.ts"
import { openVisitor } from "../../../../../src/adapters/engine/stores/postgres/openVisitor.ts"
import { testDatabase } from "../../../../support/testDatabase.ts"
import { batch, contents, event, row } from "../contract/JournalUnderTest.ts"
import { endSessions, sql, until } from "./journal.ts"
import { makeRelay } from "./relay.ts"

const ownerProcess = (url: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const file = fileURLToPath(new URL("ownerProcess.ts", import.meta.url))
      const child = spawn(process.execPath, ["--conditions=firebreak-source", file, url], {
        stdio: ["pipe", "pipe", "inherit"]
      })
      const lines = readline.createInterface(child.stdout)[Symbol.asyncIterator]()
      return {
        pid: child.pid ?? 0,
        says: Effect.promise(async () => String((await lines.next()).value)),
        commit: (n: number) => Effect.sync(() => void child.stdin.write(`${n}\n`)),
        signal: (signal: NodeJS.Signals) => Effect.sync(() => void child.kill(signal)),
        ended: new Promise((resolve) => child.once("exit", resolve))
      }
    }),
    ({ ended, signal }) =>
      Effect.andThen(
        signal("SIGKILL"),
        Effect.promise(() => ended)
      )
  )

/** The processes of the server that hold the lock of an owner: one or none. */
const holders = (url: string) =>
  Effect.map(
    sql(
      url,
      `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
    ),
    (rows) => rows.map(({ pid }) => pid)
  )

/** The server notices in its own time that a session has no other end any more. */
const untilNobodyHolds = (url: string) => until(Effect.map(holders(url), ({ length }) => length === 0))

/** The processes of the server that serve sessions of owners. */
const owners = (url: string) =>
  Effect.map(
    sql(
      url,
      `SELECT pid FROM pg_stat_activity
       WHERE application_name = 'firebreak owner' AND datname = current_database()`
    ),
    (rows) => rows.map(({ pid }) => pid)
  )

describe("an owner in another process", () => {
  it.live("is named to whom it keeps out, and keeps nobody out once it was killed", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const other = yield* ownerProcess(url)
      assert.strictEqual(yield* other.says, "epoch 1")
      yield* other.commit(1)
      assert.strictEqual(yield* other.says, "committed 1")

      const error = yield* Effect.flip(makePostgresStore({ url }))
      assert.strictEqual(error.because, "Owned")
      assert.include(error.message, `process ${other.pid} on `)

      yield* other.signal("SIGKILL")
      // Who opens it waits half a second for the server to notice, which a busy machine may not be enough for.
      const store = yield* Effect.retry(makePostgresStore({ url }), { while: ({ because }) => because === "Owned" })
      assert.deepStrictEqual([store.epoch, store.lastExecution, store.isCopy], [2, 1, false])
    })
  )

  it.live("that is frozen keeps others out, is replaced by who takes over, and then writes nothing", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const frozen = yield* ownerProcess(url)
      assert.strictEqual(yield* frozen.says, "epoch 1")
      yield* frozen.commit(1)
      assert.strictEqual(yield* frozen.says, "committed 1")
      yield* frozen.signal("SIGSTOP")
      yield* frozen.commit(2)

      assert.strictEqual((yield* Effect.flip(makePostgresStore({ url }))).because, "Owned")
      const store = yield* makePostgresStore({ url, takeOver: true })
      assert.deepStrictEqual([store.epoch, store.lastExecution], [2, 1])
      yield* store.commit(batch(1, [row(3)]))

      yield* frozen.signal("SIGCONT")
      assert.strictEqual(yield* frozen.says, "OwnershipLost")
      yield* frozen.commit(4)
      assert.strictEqual(yield* frozen.says, "OwnershipLost")
      assert.deepStrictEqual(yield* contents(store, 4), { rows: [row(1), row(3)], events: [event(1, 1)] })
      // Its session was ended with its lock, which the server does in its own time, and it has not come back for it.
      yield* until(Effect.map(owners(url), ({ length }) => length === 1))
      assert.deepStrictEqual(yield* holders(url), yield* owners(url))
      yield* store.commit(batch(2, [row(5)]))
    })
  )
})

describe("an owner whose statement is on its way while somebody takes over", () => {
  it.live("has written nothing when it arrives", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const relay = yield* makeRelay(url)
      const before = yield* makePostgresStore({ url: relay.url })
      yield* before.commit(batch(1, [row(1)]))
      const sent = yield* relay.hold("writer")
      const late = yield* Effect.forkChild(Effect.flip(before.commit(batch(2, [row(2)], [event(2, 1)]))))
      yield* sent

      const store = yield* makePostgresStore({ url, takeOver: true })
      yield* relay.release("writer")
      assert.strictEqual((yield* Fiber.join(late))._tag, "OwnershipLost")
      assert.deepStrictEqual(yield* contents(store, 2), { rows: [row(1)], events: [] })
    })
  )
})

describe("an owner that lost the session of its lock", () => {
  it.live("takes it again and goes on, having written all the time", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const store = yield* makePostgresStore({ url })
      for (const n of [1, 2]) {
        // Opening looked from a second session whether there is a proxy in between.
        yield* until(Effect.map(owners(url), ({ length }) => length === 1))
        assert.strictEqual(yield* endSessions(url, "owner"), 1)
        yield* store.commit(batch(n, [row(n)]))
        yield* until(Effect.map(holders(url), ({ length }) => length === 1))
      }
      assert.strictEqual((yield* Effect.flip(makePostgresStore({ url }))).because, "Owned")
      assert.strictEqual(store.epoch, 1)
      yield* store.commit(batch(3, [row(3)]))
    })
  )

  it.live("has lost the journal if somebody else took it meanwhile, and does not take it back", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const relay = yield* makeRelay(url)
      const first = yield* makePostgresStore({ url: relay.url })
      yield* first.commit(batch(1, [row(1)]))
      yield* relay.close(true)
      yield* untilNobodyHolds(url)
      const scope = yield* Scope.make()
      const second = yield* Scope.provide(makePostgresStore({ url }), scope)
      assert.strictEqual(second.epoch, 2)
      yield* relay.close(false)

      yield* until(Effect.map(Effect.flip(first.commit(batch(2, [row(2)]))), ({ _tag }) => _tag === "OwnershipLost"))
      assert.strictEqual((yield* Effect.flip(first.lastBatch))._tag, "OwnershipLost")
      yield* second.commit(batch(1, [row(3)]))
      assert.deepStrictEqual((yield* contents(second, 3)).rows, [row(1), row(3)])

      // It does not wait for its turn either: when the second has gone, the third is in nobody's way.
      yield* Scope.close(scope, Exit.void)
      for (const epoch of [3, 4, 5]) {
        assert.strictEqual(yield* Effect.scoped(Effect.map(makePostgresStore({ url }), (it) => it.epoch)), epoch)
      }
    })
  )

  it.live("hears that somebody else took it, though it has nothing to write", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const relay = yield* makeRelay(url)
      const told: Array<string> = []
      const options = { onLost: ({ _tag }: { readonly _tag: string }) => void told.push(_tag) }
      yield* Layer.build(journalLayer(makePostgresStore({ url: relay.url }), options))
      yield* relay.close(true)
      yield* untilNobodyHolds(url)
      yield* makePostgresStore({ url })
      yield* relay.close(false)
      yield* until(Effect.sync(() => told.length > 0))
      assert.deepStrictEqual(told, ["OwnershipLost"])
    })
  )

  it.live("ends the session that the server still holds open for it", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const relay = yield* makeRelay(url)
      const store = yield* makePostgresStore({ url: relay.url })
      const before = yield* holders(url)
      // The way is cut, and the server does not notice: for it the old session lives on, with the lock.
      yield* Effect.asVoid(relay.lose("owner"))
      yield* relay.cut("owner")
      const isHeldAgain = Effect.gen(function* () {
        const held = yield* holders(url)
        return held.length === 1 && held[0] !== before[0] && (yield* owners(url)).length === 1
      })
      yield* until(isHeldAgain)
      yield* store.commit(batch(1, [row(1)]))
    })
  )
})

describe("taking over", () => {
  it.live("needs no right to end the sessions of others", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const roles = ["first", "second"].map((role) => `firebreak_${role}_${Math.floor(performance.now())}`)
      const [first = "", second = ""] = yield* Effect.acquireRelease(
        Effect.gen(function* () {
          for (const role of roles) {
            yield* sql(url, `CREATE ROLE ${role} LOGIN PASSWORD 'secret'`)
            yield* sql(url, `GRANT CREATE, USAGE ON SCHEMA public TO ${role}`)
          }
          return roles.map((role) => as(url, role))
        }),
        () =>
          Effect.forEach(roles, (role) =>
            Effect.andThen(sql(url, `DROP OWNED BY ${role}`), sql(url, `DROP ROLE ${role}`))
          )
      )
      yield* Effect.scoped(
        Effect.gen(function* () {
          const scope = yield* Scope.make()
          const before = yield* Scope.provide(makePostgresStore({ url: first }), scope)
          yield* sql(url, `GRANT ALL ON ALL TABLES IN SCHEMA public TO ${roles[1]}`)
          const store = yield* makePostgresStore({ url: second, takeOver: true })
          assert.strictEqual((yield* Effect.flip(before.commit(batch(1, [row(1)]))))._tag, "OwnershipLost")
          yield* store.commit(batch(1, [row(2)]))
          const { owner } = yield* openVisitor(second)
          assert.isTrue(Option.isSome(yield* owner))
          // The lock is still held by the session before, and is taken when that one ends.
          const held = yield* holders(url)
          yield* Scope.close(scope, Exit.void)
          yield* until(Effect.map(holders(url), (now) => now.length === 1 && now[0] !== held[0]))
        })
      )
    })
  )

  it.live("of a journal that nobody owns is the same as opening it", () =>
    Effect.gen(function* () {
      const url = yield* testDatabase
      const store = yield* makePostgresStore({ url, takeOver: true })
      yield* store.commit(batch(1, [row(1)]))
      assert.deepStrictEqual([store.epoch, (yield* holders(url)).length], [1, 1])
    })
  )
})

const as = (url: string, role: string): string => {
  const other = new URL(url)
  if (other.searchParams.has("user")) other.searchParams.set("user", role)
  else Object.assign(other, { username: role, password: "secret" })
  return other.href
}
