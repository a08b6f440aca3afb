/**
 * A process that owns a journal, commits, has it backed up in one way or another, commits more, and is killed by itself.
 *
 *   node backedUp.ts FILE HOW WHEN
 *
 * HOW: `vacuum` (VACUUM INTO) or `backup` (SQLite's backup, page by page); the backup is FILE.backup.
 * WHEN: `before` the log began again, or `within` what the log holds.
 */
import { readFileSync } from "node:fs"
import { DatabaseSync, backup } from "node:sqlite"
import { Effect } from "effect"
import { makeSqliteStore } from "../../../../../../src/adapters/engine/stores/sqlite/makeSqliteStore.ts"
import { batch, event, row } from "../../contract/JournalUnderTest.ts"

const [, , file = "", how, when] = process.argv

const numberOfLog = () => readFileSync(`${file}-wal`).readUInt32BE(16)

const program = Effect.gen(function* () {
  const store = yield* makeSqliteStore({ file })
  let last = 0
  const commit = (howMany: number) =>
    Effect.gen(function* () {
      for (const until = last + howMany; last < until;) {
        const seq = ++last
        yield* store.commit(
          batch(seq, [row(seq)], [event(seq, 1), event(seq, 2, { data: '"'.padEnd(300, "x") + '"' })])
        )
      }
    })
  const makeBackup = Effect.promise(async () => {
    const database = new DatabaseSync(file, { readOnly: true })
    if (how === "vacuum") database.exec(`VACUUM INTO '${file}.backup'`)
    else await backup(database, `${file}.backup`)
    database.close()
  })
  yield* commit(100)
  if (when === "before") {
    yield* makeBackup
    // Another thread moves the log when there is enough in it; then it begins again, under another number.
    const first = numberOfLog()
    while (numberOfLog() === first) yield* Effect.andThen(commit(20), Effect.sleep("2 millis"))
    yield* Effect.sleep("200 millis")
    yield* commit(10)
  } else {
    yield* commit(10)
    yield* makeBackup
    yield* commit(40)
  }
  console.log(last)
  process.kill(process.pid, "SIGKILL")
})

await Effect.runPromise(Effect.scoped(program))
