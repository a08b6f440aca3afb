/**
 * A process that owns a journal and commits until it cannot, and says what it came to.
 *
 *   node filler.ts FILE
 */
import { Effect } from "effect"
import { makeSqliteStore } from "../../../../../../src/adapters/engine/stores/sqlite/makeSqliteStore.ts"
import { batch, row } from "../../contract/JournalUnderTest.ts"

const [, , file = ""] = process.argv

const program = Effect.gen(function* () {
  const store = yield* makeSqliteStore({ file })
  let committed = 0
  const error = yield* Effect.flip(
    Effect.forever(
      Effect.suspend(() =>
        Effect.map(
          store.commit(batch(committed + 1, [row(committed + 1, { payload: "x".repeat(900) })])),
          () => committed++
        )
      )
    )
  )
  console.log(JSON.stringify({ committed, error: { _tag: error._tag, reason: error.message } }))
})

await Effect.runPromise(Effect.scoped(program))
