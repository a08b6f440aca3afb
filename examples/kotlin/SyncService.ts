/**
 * `SyncService` and its `AppCoroutineSetup`: a long-lived scope, and the last resort for what nobody handles.
 *
 * Kotlin:  val scope = CoroutineScope(SupervisorJob() + Dispatchers.IO + exceptionHandler)
 *          fun syncData() { scope.launch { repository.syncAllData() } }
 *          fun destroy() { scope.cancel() }
 *
 * Here: `Supervisor.make({ name, onFailure })`. `onFailure` hears of the failures that are expected, and its type decides
 * what may be launched; `UncaughtHandler` is the crash-reporting hook and hears of bugs only. A handler on a child of a
 * fail-fast scope, which Kotlin ignores, cannot be written. After `destroy()` a launch is refused with `ScopeClosed`,
 * where Kotlin drops it without a word.
 */
import { Cause, Console, Effect } from "effect"
import { coroutineScope, type ScopeClosed, Supervisor, supervisorScope, UncaughtHandler } from "firebreak/supervision"
import { printIfMain, seedProgram } from "./harness/SeedProgram.ts"
import { described, IllegalStateException, IOException, openness, sayStatus } from "./harness/words.ts"

// ── AppCoroutineSetup ────────────────────────────────────────────────────────────────────────────────────────────────

/** Crash reporting, and nothing else: there is no screen to update and nothing to recover here. */
export const withCrashReports = Effect.provideService(UncaughtHandler, ({ cause }) =>
  Effect.andThen(
    Console.log(`CrashReporter.logException ${described(Cause.squash(cause))}`),
    Console.log(`Log.e Unhandled exception ${described(Cause.squash(cause))}`)
  )
)

const bug = Effect.die(new IllegalStateException({ message: "bug" }))

export const S13 = seedProgram("S13", "the global handler reports crashes and does nothing else", {
  "a bug is reported once, after everything below it has ended": Effect.gen(function* () {
    const scope = yield* Supervisor.make({ name: "scope" })
    const job = yield* scope.launch(
      coroutineScope(function* (inner) {
        yield* inner.launch(
          Effect.onInterrupt(Effect.never, () => Effect.andThen(Effect.sleep(50), Console.log("cleaned up")))
        )
        yield* Effect.sleep(50)
        yield* Console.log("throws")
        yield* bug
      })
    )
    yield* job.join
    yield* sayStatus("job", job)
  }).pipe(withCrashReports),
  "it never hears of a cancellation, a handled failure, or one that is awaited": Effect.gen(function* () {
    yield* supervisorScope(function* (scope) {
      const cancelled = yield* scope.launch(Effect.never)
      yield* cancelled.cancelAndJoin
      yield* scope.launch(Effect.ignore(new IOException({ message: "handled" })))
      const awaited = yield* scope.async(new IOException({ message: "awaited" }))
      yield* Effect.flip(awaited.await)
    })
    yield* Console.log("handler silent")
  }).pipe(withCrashReports)
})

// ── SyncService ──────────────────────────────────────────────────────────────────────────────────────────────────────

export const makeSyncService = Effect.fnUntraced(function* (syncAllData: Effect.Effect<void, IOException>) {
  const scope = yield* Supervisor.make({
    name: "SyncService",
    onFailure: (error: IOException) => Console.log(`handler: ${described(error)}`)
  })
  return { scope, syncData: scope.launch(syncAllData, { name: "syncData" }), destroy: scope.close }
})

const syncing = Effect.gen(function* () {
  let syncs = 0
  const repository = Effect.suspend(() => {
    const sync = ++syncs
    return Effect.sleep(50).pipe(
      Effect.andThen(sync === 1 ? new IOException({ message: "sync#1" }) : Console.log(`sync#${sync} ok`))
    )
  })
  const service = yield* makeSyncService(repository)
  const a = yield* service.syncData
  yield* a.join
  yield* sayStatus("a", a)
  yield* Console.log(`scope: ${yield* openness(service.scope)}`)
  const b = yield* service.syncData
  yield* b.join
  yield* sayStatus("b", b)
  const c = yield* service.syncData
  yield* Effect.sleep(25)
  yield* Console.log("destroy()")
  yield* service.destroy
  yield* sayStatus("c", c)
  yield* service.syncData.pipe(
    Effect.catchTag("ScopeClosed", (error: ScopeClosed) => Console.log(`d: ${described(error)}, n=${syncs}`))
  )
})

const whoseHandler = Effect.gen(function* () {
  yield* supervisorScope(function* (scope) {
    const job = yield* scope.async(new IOException({ message: "async" }))
    yield* job.join
    yield* sayStatus("async joined silently", job)
    yield* job.await.pipe(Effect.catchTag("IOException", (error) => Console.log(`await threw ${described(error)}`)))
  })
  const root = yield* Supervisor.make({
    name: "root",
    onFailure: (error: IOException) => Console.log(`root handler: ${described(error)}`)
  })
  const parent = yield* root.launch(
    coroutineScope(function* (scope) {
      yield* scope.launch(new IOException({ message: "grandchild" }))
    })
  )
  yield* parent.join
  yield* supervisorScope(function* (scope) {
    yield* scope.launch(new IOException({ message: "supervised" }), {
      onFailure: (error) => Console.log(`supervised child handler: ${described(error)}`)
    })
  })
  yield* Console.log("parent of supervisorScope continues")
})

export const S14 = seedProgram("S14", "a long-lived supervised scope", {
  "one sync fails, the next works; after destroy() nothing is launched, and the caller hears of it": syncing,
  "who is told of a failure": whoseHandler
})

printIfMain(import.meta.url, { S13, S14 })
