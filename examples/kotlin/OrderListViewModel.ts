/**
 * `OrderListViewModel`: which failures the screen shows, and which are nobody's fault but ours.
 *
 * Kotlin:  loadOrders          try { … } catch (e: IOException) { Error(…) } catch (e: HttpException) { Error(…) }
 *          refreshWithFallback try { … } catch (e: IOException) { emit(ShowSnackbar(…)) }     // HttpException: crash
 *
 * Here: a failure that `refreshWithFallback` forgets is in its type, and a `viewModelScope` without `onFailure` does not
 * take it. So the forgotten `HttpException` is either handled in the job or, as here, named in `onFailure`; it is no crash
 * in the field. Bugs go to the `UncaughtHandler`, as in Kotlin.
 */
import { Console, Effect } from "effect"
import { Supervisor } from "firebreak/supervision"
import { printIfMain, seedProgram } from "./harness/SeedProgram.ts"
import { described, HttpException, IllegalStateException, IOException, sayStatus } from "./harness/words.ts"

export interface OrderRepository {
  readonly getOrders: Effect.Effect<ReadonlyArray<string>, IOException | HttpException>
  readonly refreshOrders: Effect.Effect<void, IOException | HttpException>
}

const uiState = (state: string) => Console.log(`uiState=${state}`)

export const makeOrderListViewModel = Effect.fnUntraced(function* (repository: OrderRepository) {
  const viewModelScope = yield* Supervisor.make({
    name: "viewModelScope",
    onFailure: (error: HttpException) => Console.log(`onFailure ${described(error)}`)
  })

  const loadOrders = uiState("Loading").pipe(
    Effect.andThen(repository.getOrders),
    Effect.map((orders) => (orders.length === 0 ? "Empty" : `Success([${orders.join(", ")}])`)),
    Effect.catchTags({
      // Recoverable: a network issue, show a retry option.
      IOException: () => Effect.succeed("Error(Check your internet connection, canRetry=true)"),
      // May or may not be worth a retry.
      HttpException: ({ code }) =>
        Effect.succeed(`Error(Server error (${code}), canRetry=${code >= 500 && code <= 599})`)
    }),
    Effect.flatMap(uiState)
  )

  const refreshWithFallback = repository.refreshOrders.pipe(
    Effect.andThen(Console.log("refreshed (Room flow updates UI)")),
    // Soft failure: show a snackbar, don't wipe the screen.
    Effect.catchTag("IOException", () => Console.log("event=ShowSnackbar(Couldn't refresh. Showing cached data.)"))
  )

  return {
    loadOrders: viewModelScope.launch(loadOrders, { name: "loadOrders" }),
    refreshWithFallback: viewModelScope.launch(refreshWithFallback, { name: "refresh" })
  }
})

const offline = new IOException({ message: "offline" })
const http = (code: number) => new HttpException({ code, message: `HTTP ${code}` })
const loads = (getOrders: OrderRepository["getOrders"]) =>
  makeOrderListViewModel({ getOrders, refreshOrders: Effect.void })
const refreshes = (refreshOrders: OrderRepository["refreshOrders"]) =>
  makeOrderListViewModel({ getOrders: Effect.succeed([]), refreshOrders })

export const S19a = seedProgram("S19a", "which failures are a state of the screen", {
  "what can be expected becomes a state; leaving the screen does not": Effect.gen(function* () {
    for (const orders of [Effect.succeed([]), Effect.succeed(["o1"]), offline, http(503), http(404)]) {
      yield* (yield* (yield* loads(orders)).loadOrders).join
    }
    const job = yield* (yield* loads(Effect.never)).loadOrders
    yield* Effect.sleep(25)
    yield* job.cancelAndJoin
    yield* sayStatus("cancelled", job)
  }),
  "a bug is no state: it goes to the last resort": Effect.gen(function* () {
    const bug = Effect.die(new IllegalStateException({ message: "bug" }))
    yield* (yield* (yield* loads(bug)).loadOrders).join
  })
})

export const S19b = seedProgram("S19b", "a soft failure as an event", {
  "the snackbar for what was thought of, onFailure for what was not": Effect.gen(function* () {
    yield* Effect.sleep(25)
    yield* (yield* (yield* refreshes(Effect.void)).refreshWithFallback).join
    yield* (yield* (yield* refreshes(offline)).refreshWithFallback).join
    const job = yield* (yield* refreshes(http(500))).refreshWithFallback
    yield* job.join
    yield* sayStatus("http", job)
  })
})

printIfMain(import.meta.url, { S19a, S19b })
