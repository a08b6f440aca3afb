/**
 * Writes a journal of today's layout, to be kept as a fixture when another layout comes.
 *
 *   node --conditions=firebreak-source fixture.ts FILE
 */
import { rmSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import { makeSqliteStore } from "../../../../../../src/adapters/engine/stores/sqlite/makeSqliteStore.ts"
import { batch } from "../../contract/JournalUnderTest.ts"
import { fixtureEvents, fixtureRows, fixtureTombstone } from "./fixtureRows.ts"

const [, , file = ""] = process.argv

await Effect.runPromise(
  Effect.scoped(
    Effect.gen(function* () {
      const store = yield* makeSqliteStore({ file })
      yield* store.commit(
        batch(1, [...fixtureRows, { ...fixtureTombstone, payload: "{}", removedAt: null }], fixtureEvents)
      )
      yield* store.remove({ status: ["completed"], endedBefore: 2, at: 9_999, limit: 1 })
    })
  )
)
for (const end of [".owner", ".inbox"]) rmSync(`${file}${end}`)
const database = new DatabaseSync(file)
database.exec("UPDATE firebreak_journal SET namespace = '0190f2a5-6f6e-4a71-8d5c-0b7d7c1b6a51', file = '1:1:1'")
database.exec("UPDATE firebreak_owner SET since = 0; VACUUM")
database.close()
