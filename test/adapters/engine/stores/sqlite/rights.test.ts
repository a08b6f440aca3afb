/**
 * SQLite journals that this user may read and not write, or not even read.
 *
 * Who may do everything (root) becomes nobody for the moment: otherwise there is nothing that it may not do.
 */
import { assert, describe, it } from "@effect/vitest"
import { chmodSync, chownSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { Effect, Option } from "effect"
import { makeSqliteStore } from "../../../../../src/adapters/engine/stores/sqlite/makeSqliteStore.ts"
import { openVisitor } from "../../../../../src/adapters/engine/stores/sqlite/openVisitor.ts"
import { batch, row } from "../contract/JournalUnderTest.ts"
import { folder } from "./folder.ts"
import { started } from "./programs/started.ts"

const nobody = 65_534

const asNobody = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  process.getuid?.() === 0
    ? Effect.acquireUseRelease(
        Effect.sync(() => process.seteuid?.(nobody)),
        () => effect,
        () => Effect.sync(() => process.seteuid?.(0))
      )
    : effect

/** A journal of one execution; `mode` is that of its folder. */
const journal = (modes: { readonly folder: number; readonly file: number }) =>
  Effect.gen(function* () {
    const path = yield* folder
    const file = join(path, "journal.db")
    yield* Effect.scoped(Effect.flatMap(makeSqliteStore({ file }), (store) => store.commit(batch(1, [row(1)]))))
    yield* restrict(path, modes)
    return { path, file }
  })

const restrict = (path: string, modes: { readonly folder: number; readonly file: number }) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      for (const name of readdirSync(path)) {
        if (process.getuid?.() === 0) chownSync(join(path, name), nobody, nobody)
        chmodSync(join(path, name), name === "journal.db" ? modes.file : 0o600)
      }
      if (process.getuid?.() === 0) chownSync(path, nobody, nobody)
      chmodSync(path, modes.folder)
    }),
    () => Effect.sync(() => chmodSync(path, 0o700))
  )

describe("a SQLite journal", () => {
  it.live("that may not be written is refused to an owner, and shown to a visitor", () =>
    Effect.gen(function* () {
      const { file } = yield* journal({ folder: 0o700, file: 0o400 })
      const error = yield* asNobody(Effect.flip(Effect.scoped(makeSqliteStore({ file }))))
      assert.strictEqual(error.because, "ReadOnly")
      assert.match(error.message, /cannot be written.*Let this user write the file and the folder/)
      const seen = yield* asNobody(Effect.scoped(Effect.flatMap(openVisitor(file), ({ list }) => list({ limit: 9 }))))
      assert.strictEqual(seen.length, 1)
    })
  )

  it.live("in a folder that may not be written is refused to an owner and to a visitor, who is told why", () =>
    Effect.gen(function* () {
      const { file, path } = yield* journal({ folder: 0o500, file: 0o600 })
      const owning = yield* asNobody(Effect.flip(Effect.scoped(makeSqliteStore({ file }))))
      assert.strictEqual(owning.because, "ReadOnly")
      const visiting = yield* asNobody(Effect.flip(Effect.scoped(openVisitor(file))))
      assert.strictEqual(visiting.because, "Unreachable")
      assert.match(visiting.message, /SQLite keeps an index beside it/)
      assert.deepStrictEqual(readdirSync(path).sort(), ["journal.db", "journal.db.inbox", "journal.db.owner"])
    })
  )

  it.live("that may not be read is refused to both", () =>
    Effect.gen(function* () {
      const { file } = yield* journal({ folder: 0o700, file: 0o000 })
      const owning = yield* asNobody(Effect.flip(Effect.scoped(makeSqliteStore({ file }))))
      const visiting = yield* asNobody(Effect.flip(Effect.scoped(openVisitor(file))))
      assert.deepStrictEqual([owning.because, visiting.because], ["Unreachable", "Unreachable"])
    })
  )

  it.live("of somebody else is shown beside its owner, and its requests are refused in words", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const file = join(path, "journal.db")
      const { pid } = yield* started("owner", file, "3")
      yield* Effect.acquireRelease(
        Effect.sync(() => chmodSync(path, 0o555)),
        () => Effect.sync(() => chmodSync(path, 0o700))
      )
      const looked = Effect.gen(function* () {
        const visitor = yield* openVisitor(file)
        const rows = yield* visitor.list({ limit: 10 })
        const owner = Option.getOrElse(yield* visitor.owner, () => "")
        return { rows, owner, asked: yield* Effect.result(visitor.inbox.ask(request)) }
      })
      const { rows, owner, asked } = yield* asNobody(Effect.scoped(looked))
      assert.strictEqual(rows.length, 3)
      assert.include(owner, `process ${pid} `)
      if (process.getuid?.() !== 0) return assert.strictEqual(asked._tag, "Success")
      assert.match(asked._tag === "Failure" ? asked.failure.message : "", /journal\.db\.inbox cannot be written/)
    })
  )
})

const request = { execution: "id-1", kind: "cancel" as const, data: "{}", askedAt: 1 }
