/**
 * Who owns a SQLite journal, with real processes that are killed and frozen.
 */
import { assert, describe, it } from "@effect/vitest"
import { existsSync, readdirSync, rmSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { Effect, Option } from "effect"
import { makeSqliteStore } from "../../../../../src/adapters/engine/stores/sqlite/makeSqliteStore.ts"
import { openVisitor } from "../../../../../src/adapters/engine/stores/sqlite/openVisitor.ts"
import { batch, row } from "../contract/JournalUnderTest.ts"
import { folder } from "./folder.ts"
import { gone, killedAfter, left, started } from "./programs/started.ts"

const journalIn = Effect.map(folder, (path) => join(path, "journal.db"))

describe("the owner of a SQLite journal", () => {
  it.live("that is killed leaves everything it committed, and never blocks the next one", () =>
    Effect.gen(function* () {
      const file = yield* journalIn
      for (const epoch of [1, 2, 3]) {
        const { child, said } = yield* started("owner", file, "20")
        assert.strictEqual(said, `owned under epoch ${epoch}, ${epoch * 20} executions`)
        assert.strictEqual(yield* gone(child), "SIGKILL")
      }
      const store = yield* makeSqliteStore({ file })
      assert.strictEqual(store.epoch, 4)
      assert.strictEqual(store.lastExecution, 60)
      assert.strictEqual((yield* store.events([60])).length, 1)
    })
  )

  it.live("that is killed while it commits loses nothing that it told of, and leaves no half of a batch", () =>
    Effect.gen(function* () {
      const file = yield* journalIn
      for (const howMany of [1, 7, 60, 300]) {
        const told = yield* killedAfter(howMany, "committer", file)
        const store = yield* makeSqliteStore({ file }).pipe(Effect.scoped)
        assert.isAtLeast(store.lastExecution, told)
        // Of the batch after the last one it told of it may have all, or nothing.
        assert.isAtMost(store.lastExecution, told + 2)
        assert.strictEqual(store.lastExecution % 2, 0)
        const visitor = yield* openVisitor(file)
        const seqs = Array.from({ length: store.lastExecution }, (_, index) => index + 1)
        assert.strictEqual((yield* visitor.list({ limit: 10_000 })).length, seqs.length)
        assert.strictEqual((yield* visitor.events(seqs)).length, 2 * seqs.length)
      }
    })
  )

  it.live("in another process is named to whoever wants to own the journal as well, even while it is frozen", () =>
    Effect.gen(function* () {
      const file = yield* journalIn
      const { pid, child } = yield* started("owner", file, "3")
      child.kill("SIGSTOP")
      const error = yield* Effect.flip(makeSqliteStore({ file }))
      assert.strictEqual(error.because, "Owned")
      assert.match(error.reason, new RegExp(`^it is owned by process ${pid} on .+ \\(owner.ts\\), since \\d{4}-`))
      const other = yield* started("owner", file, "3")
      assert.include(other.said, `it is owned by process ${pid}`)
      yield* gone(child)
      assert.strictEqual((yield* makeSqliteStore({ file })).lastExecution, 3)
    })
  )

  it.live("in another process is named to visitors, until it is killed", () =>
    Effect.gen(function* () {
      const file = yield* journalIn
      const { pid, child } = yield* started("owner", file, "3")
      const visitor = yield* openVisitor(file)
      assert.include(
        Option.getOrElse(yield* visitor.owner, () => ""),
        `process ${pid} `
      )
      assert.strictEqual(yield* gone(child), "SIGKILL")
      assert.deepStrictEqual(yield* visitor.owner, Option.none())
      // It left its log behind. The visitor reads that too.
      assert.isTrue(existsSync(`${file}-wal`))
      assert.strictEqual((yield* (yield* openVisitor(file)).list({ limit: 10 })).length, 3)
    })
  )

  it.live("is the same one for a journal by its other name", () =>
    Effect.gen(function* () {
      const file = yield* journalIn
      yield* makeSqliteStore({ file })
      symlinkSync(file, `${file}.link`)
      assert.strictEqual((yield* Effect.flip(makeSqliteStore({ file: `${file}.link` }))).because, "Owned")
      assert.isTrue(Option.isSome(yield* (yield* openVisitor(`${file}.link`)).owner))
    })
  )

  it.live("is not disturbed by visitors that look who it is, and a new one gets in between them", () =>
    Effect.gen(function* () {
      const file = yield* journalIn
      yield* Effect.scoped(makeSqliteStore({ file }))
      const visitor = yield* openVisitor(file)
      const looking = Effect.forever(Effect.andThen(visitor.owner, Effect.yieldNow))
      const opened = Effect.scoped(Effect.map(makeSqliteStore({ file }), ({ epoch }) => epoch))
      const epochs = yield* Effect.raceFirst(looking, Effect.all(Array.from({ length: 10 }, () => opened)))
      assert.deepStrictEqual(epochs, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    })
  )

  it.live("finds out when the journal is removed under it", () =>
    Effect.gen(function* () {
      const file = yield* journalIn
      const store = yield* makeSqliteStore({ file })
      yield* store.commit(batch(1, [row(1)]))
      rmSync(file)
      const error = yield* Effect.flip(
        Effect.forever(Effect.suspend(() => Effect.andThen(store.commit(batch(2, [])), Effect.sleep("10 millis"))))
      )
      assert.strictEqual(error._tag, "StoreBroken")
      assert.include(error.message, "was removed or replaced")
    })
  )

  it.live("that has nothing to do but listen does not keep its process alive", () =>
    Effect.gen(function* () {
      const file = yield* journalIn
      const { child, said } = yield* started("listener", file)
      assert.strictEqual(said, "listens")
      assert.strictEqual(yield* left(child), 0)
    })
  )

  it.live("leaves one file and its two companions when it goes in order", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const file = join(path, "new", "folder", "journal.db")
      yield* Effect.scoped(Effect.flatMap(makeSqliteStore({ file }), (store) => store.commit(batch(1, [row(1)]))))
      assert.deepStrictEqual(readdirSync(join(path, "new", "folder")).sort(), [
        "journal.db",
        "journal.db.inbox",
        "journal.db.owner"
      ])
    })
  )
})
