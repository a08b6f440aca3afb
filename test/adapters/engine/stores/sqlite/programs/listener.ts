/**
 * A process that owns a journal and listens for requests, and has nothing else to do.
 *
 *   node listener.ts FILE
 */
import { Effect, Scope } from "effect"
import { makeSqliteStore } from "../../../../../../src/adapters/engine/stores/sqlite/makeSqliteStore.ts"

const [, , file = ""] = process.argv

await Effect.runPromise(
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const store = yield* Scope.provide(makeSqliteStore({ file }), scope)
    yield* Scope.provide(
      store.inbox.onRequest(() => {}),
      scope
    )
    console.log("listens")
  })
)
