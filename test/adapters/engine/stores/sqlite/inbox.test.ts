/**
 * The file of requests beside a SQLite journal: locked by commands that are frozen, left by other journals, old.
 *
 * Not here: what every inbox promises (`../contract/asking.ts`).
 */
import { assert, describe, it } from "@effect/vitest"
import { copyFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Deferred, Effect, Option } from "effect"
import { makeSqliteStore } from "../../../../../src/adapters/engine/stores/sqlite/makeSqliteStore.ts"
import { openVisitor } from "../../../../../src/adapters/engine/stores/sqlite/openVisitor.ts"
import { batch, row } from "../contract/JournalUnderTest.ts"
import { folder } from "./folder.ts"
import { gone, started } from "./programs/started.ts"

/** A journal of one execution, closed in order. */
const journal = Effect.gen(function* () {
  const file = join(yield* folder, "journal.db")
  yield* Effect.scoped(Effect.flatMap(makeSqliteStore({ file }), (store) => store.commit(batch(1, [row(1)]))))
  return file
})

const cancel = { execution: "id-1", kind: "cancel" as const, data: "{}", askedAt: 1 }

describe("a SQLite journal", () => {
  it.live("commits although a command that asks something is frozen with the lock of the inbox", () =>
    Effect.gen(function* () {
      const file = yield* journal
      const store = yield* makeSqliteStore({ file })
      const { child } = yield* started("locker", `${file}.inbox`)
      child.kill("SIGSTOP")
      yield* store.commit(batch(1, [row(2)]))
      assert.deepStrictEqual(yield* store.inbox.pending(0, 10), [])
      const error = yield* Effect.flip(store.inbox.answer(1, "1"))
      assert.strictEqual(error._tag, "StoreUnavailable")
      assert.include(error.message, ".inbox is locked by another process")
    })
  )

  it.live("is owned at once, and does its work, although a command is frozen with the lock of the inbox", () =>
    Effect.gen(function* () {
      const file = yield* journal
      const asked = yield* Effect.scoped(Effect.flatMap(openVisitor(file), ({ inbox }) => inbox.ask(cancel)))
      const { child } = yield* started("locker", `${file}.inbox`)
      child.kill("SIGSTOP")
      const store = yield* makeSqliteStore({ file })
      yield* store.commit(batch(1, [row(2)]))
      assert.deepStrictEqual(
        (yield* store.inbox.pending(0, 10)).map(({ seq }) => seq),
        [asked]
      )
      yield* gone(child)
      yield* store.inbox.answer(asked, "1")
      assert.deepStrictEqual(yield* store.inbox.answerTo(asked), Option.some("1"))
    })
  )

  it.live("is owned although a command is frozen while it makes the inbox, which is made when the lock is gone", () =>
    Effect.gen(function* () {
      const file = yield* journal
      rmSync(`${file}.inbox`)
      const { child } = yield* started("locker", `${file}.inbox`)
      const store = yield* makeSqliteStore({ file })
      assert.deepStrictEqual(yield* store.inbox.pending(0, 10), [])
      assert.strictEqual((yield* Effect.flip(store.inbox.ask(cancel)))._tag, "StoreUnavailable")
      yield* gone(child)
      const seen = yield* Deferred.make<void>()
      yield* store.inbox.onRequest(() => Deferred.doneUnsafe(seen, Effect.void))
      yield* (yield* openVisitor(file)).inbox.ask(cancel)
      yield* Deferred.await(seen)
      assert.strictEqual((yield* store.inbox.pending(0, 10)).length, 1)
    })
  )

  it.live("forgets answers after a week, when it answers the next request", () =>
    Effect.gen(function* () {
      const file = yield* journal
      const [old, recent] = yield* Effect.scoped(
        Effect.gen(function* () {
          const { inbox } = yield* makeSqliteStore({ file })
          const asked = [yield* inbox.ask(cancel), yield* inbox.ask(cancel)] as const
          for (const seq of asked) yield* inbox.answer(seq, "1")
          return asked
        })
      )
      const inbox = new DatabaseSync(`${file}.inbox`)
      inbox
        .prepare("UPDATE firebreak_requests SET answered_at = answered_at - 7 * 24 * 3600000 - 1 WHERE seq = ?")
        .run(old)
      inbox.close()
      const store = yield* makeSqliteStore({ file })
      yield* store.inbox.answer(yield* store.inbox.ask(cancel), "1")
      assert.deepStrictEqual(yield* store.inbox.answerTo(old), Option.none())
      assert.deepStrictEqual(yield* store.inbox.answerTo(recent), Option.some("1"))
    })
  )

  it.live("forgets the requests that were left for another journal of that name", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const [file, other] = [join(path, "journal.db"), join(path, "other.db")]
      yield* Effect.scoped(Effect.flatMap(makeSqliteStore({ file: other }), ({ inbox }) => inbox.ask(cancel)))
      copyFileSync(`${other}.inbox`, `${file}.inbox`)
      const store = yield* makeSqliteStore({ file })
      assert.deepStrictEqual(yield* store.inbox.pending(0, 10), [])
    })
  )
})
