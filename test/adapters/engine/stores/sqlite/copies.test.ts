/**
 * A copy of a SQLite journal is not the original: what it does not remember may have happened.
 */
import { assert, describe, it } from "@effect/vitest"
import { copyFileSync, existsSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import { isSameFile } from "../../../../../src/adapters/engine/stores/sqlite/fileIdentity.ts"
import { adoptCopy, makeSqliteStore } from "../../../../../src/adapters/engine/stores/sqlite/makeSqliteStore.ts"
import { batch, row } from "../contract/JournalUnderTest.ts"
import { folder } from "./folder.ts"
import { gone, started } from "./programs/started.ts"

/** Opens a journal, commits `howMany` executions, and closes it in order. */
const used = (file: string, howMany = 1) =>
  Effect.scoped(
    Effect.gen(function* () {
      const store = yield* makeSqliteStore({ file })
      for (let id = 1; id <= howMany; id++) yield* store.commit(batch(id, [row(store.lastExecution + id)]))
      return store
    })
  )

const isCopy = (file: string) => Effect.map(used(file), ({ isCopy }) => isCopy)

describe("a SQLite journal", () => {
  it.live("is no copy when it is opened again, or was renamed with or without what lies beside it", () =>
    Effect.gen(function* () {
      const path = yield* folder
      yield* used(join(path, "a.db"))
      assert.isFalse(yield* isCopy(join(path, "a.db")))
      renameSync(join(path, "a.db"), join(path, "b.db"))
      assert.isFalse(yield* isCopy(join(path, "b.db")))
      for (const end of ["", ".owner", ".inbox"]) renameSync(join(path, `b.db${end}`), join(path, `c.db${end}`))
      assert.isFalse(yield* isCopy(join(path, "c.db")))
    })
  )

  it.live("is no copy after its owner was killed", () =>
    Effect.gen(function* () {
      const file = join(yield* folder, "journal.db")
      yield* gone((yield* started("owner", file, "5")).child)
      assert.isFalse(yield* isCopy(file))
    })
  )

  it.live("is a copy when the file was copied, and has the namespace of the original, which stays one", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const original = yield* used(join(path, "a.db"))
      copyFileSync(join(path, "a.db"), join(path, "b.db"))
      const copy = yield* used(join(path, "b.db"))
      assert.isTrue(copy.isCopy)
      assert.strictEqual(copy.namespace, original.namespace)
      assert.isFalse(yield* isCopy(join(path, "a.db")))
    })
  )

  it.live("is a copy when SQLite made it while the original was in use", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const store = yield* makeSqliteStore({ file: join(path, "a.db") })
      yield* store.commit(batch(1, [row(1)]))
      const database = new DatabaseSync(join(path, "a.db"), { readOnly: true })
      database.exec(`VACUUM INTO '${join(path, "b.db")}'`)
      database.close()
      const copy = yield* makeSqliteStore({ file: join(path, "b.db") })
      assert.isTrue(copy.isCopy)
      assert.strictEqual(copy.lastExecution, 1)
      // The owner of the original notices nothing.
      yield* store.commit(batch(2, [row(2)]))
    })
  )

  it.live("is a copy when it was removed and restored from a backup", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const file = join(path, "journal.db")
      yield* used(file)
      copyFileSync(file, join(path, "backup"))
      yield* used(file)
      rmSync(file)
      // A file system may give the new file the number of the old one.
      copyFileSync(join(path, "backup"), file)
      assert.isTrue(yield* isCopy(file))
    })
  )

  it.live("is a copy when an older one was written over it, owners ago", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const file = join(path, "journal.db")
      yield* used(file)
      copyFileSync(file, join(path, "backup"))
      yield* used(file)
      const epoch = (yield* used(file)).epoch
      copyFileSync(join(path, "backup"), file)
      const restored = yield* used(file)
      assert.isTrue(restored.isCopy)
      // Nobody wrote under its epoch before, not even in what it has forgotten.
      assert.isAbove(restored.epoch, epoch)
    })
  )

  it.live("is a copy when an older one of the same owner was written over it", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const file = join(path, "journal.db")
      yield* Effect.scoped(
        Effect.gen(function* () {
          const store = yield* makeSqliteStore({ file })
          yield* store.commit(batch(1, [row(1)]))
          const database = new DatabaseSync(file, { readOnly: true })
          database.exec(`VACUUM INTO '${join(path, "backup")}'`)
          database.close()
          yield* store.commit(batch(2, [row(2)]))
        })
      )
      copyFileSync(join(path, "backup"), file)
      assert.isTrue(yield* isCopy(file))
    })
  )

  it.live("stays a copy through later owners, until a person says that it is the original", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const [original, copy] = [join(path, "a.db"), join(path, "b.db")]
      yield* used(original)
      copyFileSync(original, copy)
      assert.deepStrictEqual([yield* isCopy(copy), yield* isCopy(copy), yield* isCopy(copy)], [true, true, true])
      yield* adoptCopy({ file: copy })
      assert.deepStrictEqual([yield* isCopy(copy), yield* isCopy(copy)], [false, false])
    })
  )

  it.live("that begins anew beside what another one left remembers nothing of it", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const file = join(path, "journal.db")
      const before = yield* used(file, 3)
      rmSync(file)
      // Its lock file says that there was a journal: nothing is begun in its place by mistake.
      const error = yield* Effect.flip(used(file))
      assert.strictEqual(error._tag === "JournalUnusable" && error.because, "Missing")
      assert.isFalse(existsSync(file))
      rmSync(`${file}.owner`)
      const anew = yield* used(file)
      assert.notStrictEqual(anew.namespace, before.namespace)
      assert.isFalse(anew.isCopy)
    })
  )
})

describe("a file", () => {
  it("is the same as long as its number and the moment of its birth are", () => {
    assert.isTrue(isSameFile("64:12:1700000000000000001", "64:12:1700000000000000001"))
    assert.isTrue(isSameFile("64:12:1700000000000000001", "65:12:1700000000000000001"), "devices are renumbered")
    assert.isFalse(isSameFile("64:12:1700000000000000001", "64:12:1700000000000000002"), "numbers are given again")
    assert.isFalse(isSameFile("64:12:1700000000000000001", "64:13:1700000000000000001"))
  })

  it("is the same on the same device, where births are not recorded", () => {
    assert.isTrue(isSameFile("64:12:0", "64:12:0"))
    assert.isFalse(isSameFile("64:12:0", "65:12:0"))
    assert.isTrue(isSameFile("64:12:0", "64:12:1700000000000000001"))
  })
})
