/**
 * A process that commits batch after batch for as long as it lives, and says which ones were committed.
 *
 *   node committer.ts FILE
 */
import { writeSync } from "node:fs"
import { Effect } from "effect"
import { makeSqliteStore } from "../../../../../../src/adapters/engine/stores/sqlite/makeSqliteStore.ts"
import { batch, event, row } from "../../contract/JournalUnderTest.ts"

const [, , file = ""] = process.argv

const program = Effect.gen(function* () {
  const store = yield* makeSqliteStore({ file })
  let last = store.lastExecution
  const commitOne = Effect.suspend(() => {
    const [one, other] = [++last, ++last]
    const events = [one, other].flatMap((seq) => [event(seq, 1), event(seq, 2)])
    return Effect.map(store.commit(batch(last, [row(one), row(other)], events)), () => {
      // At once, so that nothing is said later than it is known, and nothing is known that is not said.
      writeSync(1, `${last}\n`)
    })
  })
  return yield* Effect.forever(Effect.andThen(commitOne, Effect.yieldNow))
})

await Effect.runPromise(Effect.scoped(program))
