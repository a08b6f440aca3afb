/**
 * A SQLite journal with several names: its lock, log and inbox lie beside one of them only.
 */
import { assert, describe, it } from "@effect/vitest"
import { linkSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { Effect, Option } from "effect"
import type { Scope } from "effect"
import type { JournalUnusable } from "../../../../../src/adapters/engine/Store.ts"
import { makeSqliteStore } from "../../../../../src/adapters/engine/stores/sqlite/makeSqliteStore.ts"
import { openVisitor } from "../../../../../src/adapters/engine/stores/sqlite/openVisitor.ts"
import { batch, row } from "../contract/JournalUnderTest.ts"
import { folder } from "./folder.ts"

const request = { execution: "id-1", kind: "cancel" as const, data: "{}", askedAt: 1 }

/** The ways to open a journal. */
const both = (file: string): ReadonlyArray<Effect.Effect<unknown, JournalUnusable, Scope.Scope>> => [
  makeSqliteStore({ file }),
  openVisitor(file)
]

describe("a SQLite journal", () => {
  it.live("with two names in the file system is refused to owners and visitors by either, until one is removed", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const [file, other] = [join(path, "a.db"), join(path, "b.db")]
      yield* Effect.scoped(makeSqliteStore({ file }))
      linkSync(file, other)
      for (const name of [file, other]) {
        for (const open of both(name)) {
          const error = yield* Effect.flip(Effect.scoped(open))
          assert.strictEqual(error.because, "Unreachable")
          assert.match(error.message, /[ab]\.db: it has 2 names .*find .* -samefile/)
        }
      }
      assert.deepStrictEqual(readdirSync(path).sort(), ["a.db", "a.db.inbox", "a.db.owner", "b.db"])
      rmSync(other)
      assert.strictEqual((yield* makeSqliteStore({ file })).epoch, 2)
    })
  )

  it.live("that gets another name while it is owned stays its owner's, and nobody else's by the other", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const [file, other] = [join(path, "a.db"), join(path, "b.db")]
      const store = yield* makeSqliteStore({ file })
      linkSync(file, other)
      yield* store.commit(batch(1, [row(1)]))
      assert.strictEqual((yield* Effect.flip(makeSqliteStore({ file: other }))).because, "Unreachable")
      assert.strictEqual(yield* store.lastBatch, 1)
    })
  )

  for (const [how, target] of [
    ["another folder", (path: string) => join(path, "real", "orders.db")],
    ["another folder, from where the link is", () => "real/orders.db"],
    ["another link", () => "second.db"]
  ] as const) {
    it.live(`named by a link before it is there has one owner by all its names (a link to ${how})`, () =>
      Effect.gen(function* () {
        const path = yield* folder
        mkdirSync(join(path, "real"))
        symlinkSync(target(path), join(path, "first.db"))
        symlinkSync(join(path, "real", "orders.db"), join(path, "second.db"))
        const [link, real] = [join(path, "first.db"), join(path, "real", "orders.db")]
        assert.strictEqual((yield* Effect.flip(openVisitor(link))).because, "Missing")
        const store = yield* makeSqliteStore({ file: link })
        for (const file of [link, real]) {
          assert.strictEqual((yield* Effect.flip(makeSqliteStore({ file }))).because, "Owned")
        }
        const visitor = yield* openVisitor(link)
        assert.isTrue(Option.isSome(yield* visitor.owner))
        yield* visitor.inbox.ask(request)
        assert.strictEqual((yield* store.inbox.pending(0, 10)).length, 1)
        assert.deepStrictEqual(readdirSync(path).sort(), ["first.db", "real", "second.db"])
      })
    )
  }

  it.live("named by a link to a folder that is not there, or to itself, is refused, and nothing is made", () =>
    Effect.gen(function* () {
      const path = yield* folder
      symlinkSync(join(path, "unmounted", "orders.db"), join(path, "away.db"))
      symlinkSync(join(path, "round.db"), join(path, "round.db"))
      for (const name of ["away.db", "round.db"]) {
        const error = yield* Effect.flip(makeSqliteStore({ file: join(path, name) }))
        assert.strictEqual(error.because, "Unreachable", error.message)
        assert.match(error.message, /cannot be used/)
      }
      assert.deepStrictEqual(readdirSync(path).sort(), ["away.db", "round.db"])
    })
  )
})
