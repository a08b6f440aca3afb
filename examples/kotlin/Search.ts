/**
 * `SearchViewModel`: two searches at the same time, one screen.
 *
 * Kotlin:  BUGGY  viewModelScope.launch { val a = async { … }; val b = async { … }
 *                                         try { Success(a.await(), b.await()) } catch (e: Exception) { Error(e.message) } }
 *          FIXED  supervisorScope { async { try { … } catch (e: Exception) { emptyList() } } … }
 *
 * Here: the buggy one does not compile, because a fail-fast job's `await` is not an Effect and cannot be caught around.
 * `both` is what it wanted to be: the catch stands around the scope, the one place where the failure can still be
 * handled. It sees the failure that came first, whichever search it was, and nothing crashes. `whatWeCanGet` is the fixed
 * one; cancelled, it computes no fallbacks for nobody.
 */
import { Console, Effect } from "effect"
import { coroutineScope, Supervisor, supervisorScope } from "firebreak/supervision"
import { printIfMain, seedProgram } from "./harness/SeedProgram.ts"
import { cancelledAfter, described, IOException, openness, sayStatus, toItsEnd } from "./harness/words.ts"

type Search = Effect.Effect<string, IOException>

const uiState = (state: string) => Console.log(`uiState=${state}`)

/** All or nothing: the screen shows both, or the first failure. */
export const both = (products: Search, stores: Search) =>
  coroutineScope(function* (scope) {
    const productResults = yield* scope.async(products, { name: "products" })
    const storeResults = yield* scope.async(stores, { name: "stores" })
    return `Success(${yield* productResults.await},${yield* storeResults.await})`
  }).pipe(
    Effect.catchTag("IOException", (error) =>
      Effect.as(Console.log(`catch saw ${described(error)}`), `Error(${error.message})`)
    ),
    Effect.flatMap(uiState)
  )

/** Each on its own: what failed is shown as empty. */
export const whatWeCanGet = (products: Search, stores: Search) =>
  supervisorScope(function* (scope) {
    const orEmpty = (what: string, search: Search) =>
      Effect.catchTag(search, "IOException", (error) =>
        Effect.as(Console.log(`${what} fallback because ${described(error)}`), "[]")
      )
    const productResults = yield* scope.async(orEmpty("products", products), { name: "products" })
    const storeResults = yield* scope.async(orEmpty("stores", stores), { name: "stores" })
    yield* uiState(`Success(${yield* productResults.await},${yield* storeResults.await})`)
  })

const finds = (what: string, millis: number): Search =>
  Effect.sleep(millis).pipe(Effect.andThen(Console.log(`${what} done`)), Effect.as(what))

const fails = (what: string, message: string): Search =>
  Effect.sleep(50).pipe(
    Effect.andThen(Console.log(`${what} throws IOException(${message})`)),
    Effect.andThen(new IOException({ message }))
  )

const saysWhenCancelled = (what: string, search: Search, cleanUp = 0): Search =>
  Effect.onInterrupt(search, () => Effect.andThen(Console.log(`${what} cancelled`), Effect.sleep(cleanUp)))

export const S11a = seedProgram("S11a", "a catch around two awaits, and the first search fails", {
  "the failure is the screen's, and nothing crashes": Effect.gen(function* () {
    const viewModelScope = yield* Supervisor.make({ name: "viewModelScope" })
    const unrelated = yield* viewModelScope.launch(
      Effect.andThen(Effect.sleep(200), Console.log("unrelated sibling in viewModelScope finished"))
    )
    // The store search takes 25 ms to clean up: the scope waits for it before it fails.
    const stores = saysWhenCancelled("stores", finds("store", 100), 25)
    const job = yield* viewModelScope.launch(both(fails("product", "P"), stores))
    yield* job.join
    yield* sayStatus("job", job)
    yield* Console.log(`viewModelScope: ${yield* openness(viewModelScope)}`)
    yield* unrelated.join
  }),
  "both searches succeed": toItsEnd(both(finds("product", 50), finds("store", 100)))
})

export const S11b = seedProgram(
  "S11b",
  "a catch around two awaits, and the second search fails while the first is awaited",
  {
    "the screen shows the failure, not that of a victim": toItsEnd(
      both(saysWhenCancelled("products", finds("product", 100)), fails("store", "S"))
    )
  }
)

export const S12 = seedProgram("S12", "a fallback inside each search, in a supervisorScope", {
  "one search fails, the screen shows the other": toItsEnd(whatWeCanGet(fails("product", "P"), finds("store", 100))),
  "leaving the screen computes no fallbacks": cancelledAfter(
    25,
    whatWeCanGet(finds("product", 50), finds("store", 100))
  )
})

printIfMain(import.meta.url, { S11a, S11b, S12 })
