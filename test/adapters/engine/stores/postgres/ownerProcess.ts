/**
 * A process that owns a journal, for tests to freeze and kill: `node ownerProcess.ts URL`.
 *
 * It writes what it does to standard output, line by line, and commits execution `n` for each line `n` that it reads.
 */
import { Effect } from "effect"
import readline from "node:readline"
import { makePostgresStore } from "../../../../../src/adapters/engine/stores/postgres/makePostgresStore.ts"
import { batch, event, row } from "../contract/JournalUnderTest.ts"

const say = (line: string) => Effect.sync(() => console.log(line))

const program = Effect.gen(function* () {
  const store = yield* makePostgresStore({ url: process.argv[2] ?? "" })
  yield* say(`epoch ${store.epoch}`)
  const lines = readline.createInterface(process.stdin)[Symbol.asyncIterator]()
  while (true) {
    const line = yield* Effect.promise(() => lines.next())
    if (line.done === true) return
    const n = Number(line.value)
    yield* store.commit(batch(n, [row(n)], [event(n, 1)])).pipe(
      Effect.matchEffect({
        onSuccess: () => say(`committed ${n}`),
        onFailure: (error) => say(error._tag)
      })
    )
  }
})

Effect.runFork(Effect.scoped(program)).addObserver((exit) => {
  if (exit._tag === "Failure") console.log(String(exit.cause))
  process.exit()
})
