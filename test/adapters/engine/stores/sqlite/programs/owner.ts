/**
 * A process that owns the journal at the path it is given, commits an execution after the other, and stays.
 *
 *   node owner.ts FILE HOW_MANY
 */
import { Effect } from "effect"
import { makeSqliteStore } from "../../../../../../src/adapters/engine/stores/sqlite/makeSqliteStore.ts"
import { batch, event, row } from "../../contract/JournalUnderTest.ts"

const [, , file = "", howMany = "0"] = process.argv

const program = Effect.gen(function* () {
  const store = yield* makeSqliteStore({ file })
  for (let id = 1; id <= Number(howMany); id++) {
    const seq = store.lastExecution + id
    yield* store.commit(batch(id, [row(seq)], [event(seq, 1)]))
  }
  console.log(`owned under epoch ${store.epoch}, ${store.lastExecution + Number(howMany)} executions`)
  // An owner with nothing to do does not keep its process alive; this one is to stay until it is killed.
  yield* Effect.acquireRelease(
    Effect.sync(() => setInterval(() => {}, 1_000)),
    (timer) => Effect.sync(() => clearInterval(timer))
  )
  return yield* Effect.never
})

Effect.runPromise(Effect.scoped(program)).catch((error: unknown) => {
  console.log(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
})
