/**
 * A component with a place of its own to launch into: its jobs live as long as it does, and no longer.
 */
import { Console, Effect, Schema } from "effect"
import { Supervisor } from "firebreak"

class SyncFailed extends Schema.TaggedError<SyncFailed>()("SyncFailed", { what: Schema.String }) {}

const syncService = Effect.gen(function* () {
  const jobs = yield* Supervisor.make({
    name: "sync",
    onFailure: (error: SyncFailed) => Console.log(`could not sync ${error.what}; the others go on`)
  })
  return {
    sync: (what: string) =>
      jobs.launch(what === "prices" ? Effect.fail(new SyncFailed({ what })) : Console.log(`synced ${what}`)),
    watch: jobs.launch(Effect.onInterrupt(Effect.never, () => Console.log("stopped watching")))
  }
})

const program = Effect.gen(function* () {
  const leaked = yield* Effect.scoped(
    Effect.gen(function* () {
      const service = yield* syncService
      yield* service.watch
      yield* service.sync("prices")
      yield* service.sync("orders")
      return service
    })
  )
  yield* leaked.sync("too late").pipe(Effect.catchTag("ScopeClosed", (error) => Console.log(error.message)))
})

Effect.runPromise(program)

// > could not sync prices; the others go on
// > synced orders
// > stopped watching
// > "sync" is closed: nothing is launched on it any more
