/**
 * `OrderSyncWorker.syncOrder`: whatever happens to the upload, the attempt is marked.
 *
 * Kotlin:  try { upload(getOrder(id)) } finally { withContext(NonCancellable) { markSyncAttempted(id); logSyncAttempt(id) } }
 *
 * Here: `Effect.ensuring`. Finalizers cannot be cancelled by construction, so there is no `NonCancellable` to forget. And
 * a finalizer must not be able to fail: what goes wrong in marking has to be handled there, so it can no longer hide why
 * the upload failed, which in Kotlin it does.
 */
import { Console, Effect } from "effect"
import { coroutineScope } from "firebreak/supervision"
import { printIfMain, seedProgram } from "./harness/SeedProgram.ts"
import { described, IllegalStateException, IOException, sayStatus } from "./harness/words.ts"

export interface OrderDao {
  readonly getOrder: Effect.Effect<string>
  readonly markSyncAttempted: Effect.Effect<void, IllegalStateException>
}

export interface OrderApi {
  readonly uploadOrder: (order: string) => Effect.Effect<void, IOException>
}

export const syncOrder = (dao: OrderDao, api: OrderApi): Effect.Effect<void, IOException> =>
  dao.getOrder.pipe(
    Effect.flatMap(api.uploadOrder),
    Effect.ensuring(
      dao.markSyncAttempted.pipe(
        Effect.andThen(Console.log("logSyncAttempt")),
        Effect.catchTag("IllegalStateException", (error) => Console.log(`attempt not marked: ${described(error)}`))
      )
    )
  )

const dao: OrderDao = {
  getOrder: Effect.sleep(25).pipe(Effect.andThen(Console.log("getOrder")), Effect.as("o1")),
  markSyncAttempted: Effect.andThen(Effect.sleep(25), Console.log("markSyncAttempted"))
}
const brokenDao: OrderDao = { ...dao, markSyncAttempted: Effect.fail(new IllegalStateException({ message: "db" })) }

const api: OrderApi = {
  uploadOrder: () => Effect.andThen(Effect.sleep(50), Console.log("uploadOrder ok"))
}
const brokenApi: OrderApi = {
  uploadOrder: () => Effect.andThen(Effect.sleep(50), new IOException({ message: "upload" }))
}

const told = (syncing: Effect.Effect<void, IOException>) =>
  syncing.pipe(
    Effect.andThen(Console.log("returned")),
    Effect.catchTag("IOException", (error) => Console.log(`caller caught ${described(error)}`))
  )

export const S17 = seedProgram("S17", "clean-up that must complete", {
  "the upload works": told(syncOrder(dao, api)),
  "the upload fails: the attempt is marked, then the caller hears of it": told(syncOrder(dao, brokenApi)),
  "cancelled during the upload: the attempt is marked before the job ends": coroutineScope(function* (scope) {
    const job = yield* scope.launch(told(syncOrder(dao, api)))
    yield* Effect.sleep(50)
    yield* Console.log("cancel()")
    yield* job.cancelAndJoin
    yield* sayStatus("job", job)
  }),
  "the upload fails and so does marking: both are told": told(syncOrder(brokenDao, brokenApi))
})

printIfMain(import.meta.url, { S17 })
