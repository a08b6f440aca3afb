/**
 * Looking at a SQLite journal from another process, whether or not it has an owner.
 *
 * Not here: rights (`rights.test.ts`) and damaged files (`faults.test.ts`).
 */
import { assert, describe, it } from "@effect/vitest"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { makeSqliteStore } from "../../../../../src/adapters/engine/stores/sqlite/makeSqliteStore.ts"
import { openVisitor } from "../../../../../src/adapters/engine/stores/sqlite/openVisitor.ts"
import { batch, row } from "../contract/JournalUnderTest.ts"
import { folder } from "./folder.ts"
import { gone, started } from "./programs/started.ts"

describe("a visitor of a SQLite journal", () => {
  it.live("does not create what is not there", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const error = yield* Effect.flip(openVisitor(join(path, "journal.db")))
      assert.strictEqual(error.because, "Missing")
      assert.match(error.message, /journal\.db: there is no such file\. Name the file/)
      assert.deepStrictEqual(readdirSync(path), [])
    })
  )

  it.live("in another process sees what was committed a moment ago, who owns it, and can ask", () =>
    Effect.gen(function* () {
      const file = join(yield* folder, "journal.db")
      const store = yield* makeSqliteStore({ file })
      yield* store.commit(batch(1, [row(1), row(2)]))
      const seen = JSON.parse((yield* started("visitor", file)).said)
      assert.strictEqual(seen.seen, 2)
      assert.include(seen.owner, `process ${process.pid}`)
      const [request] = yield* store.inbox.pending(0, 10)
      assert.strictEqual(request?.seq, seen.asked)
      assert.strictEqual(request?.execution, "id-1")
    })
  )

  it.live("sees what an owner committed that was killed, and leaves a request for the next", () =>
    Effect.gen(function* () {
      const file = join(yield* folder, "journal.db")
      yield* gone((yield* started("owner", file, "40")).child)
      const seen = JSON.parse((yield* started("visitor", file)).said)
      assert.deepStrictEqual([seen.seen, seen.owner], [40, null])
      const store = yield* makeSqliteStore({ file })
      assert.strictEqual(store.lastExecution, 40)
      assert.deepStrictEqual(
        (yield* store.inbox.pending(0, 10)).map(({ seq }) => seq),
        [seen.asked]
      )
    })
  )

  it.live("does not hold the owner up, however long it stays", () =>
    Effect.gen(function* () {
      const file = join(yield* folder, "journal.db")
      const store = yield* makeSqliteStore({ file })
      const visitor = yield* openVisitor(file)
      for (let id = 1; id <= 100; id++) {
        yield* store.commit(batch(id, [row(id)]))
        assert.strictEqual((yield* visitor.list({ limit: 1_000 })).length, id)
      }
    })
  )
})
