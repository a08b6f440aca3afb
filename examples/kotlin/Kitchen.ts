/**
 * `Kitchen.kt`: a salad and a pasta at the same time, and what a kitchen fire reaches.
 *
 * Kotlin:  val kitchenScope = CoroutineScope(Job() + Dispatchers.Default)      // or SupervisorJob()
 *          val saladOrder = kitchenScope.launch { … }
 *          val pastaOrder = kitchenScope.async { launch { boilWater() }; launch { cookPasta() } }
 *          pastaOrder.await()
 *
 * Here: how far a fire reaches is decided where the scope is opened, and written in its type. `Supervisor.make` without
 * `onFailure` takes no dish that can burn; with it, the fire is somebody's. `coroutineScope` is one kitchen for all: its
 * type says `KitchenFire`, so whoever runs it has to say what happens then, where Kotlin crashes.
 */
import { Console, Data, Effect } from "effect"
import { coroutineScope, type ScopeClosed, type SupervisedJob, Supervisor } from "firebreak/supervision"
import { printIfMain, seedProgram } from "./harness/SeedProgram.ts"
import { cancelledAfter, described, IOException, openness, sayStatus } from "./harness/words.ts"

export class KitchenFire extends Data.TaggedError("KitchenFire")<{ readonly message: string }> {}

const ack = new KitchenFire({ message: "Ack! Kitchen fire" })

const makingSalad = <E>(happens: Effect.Effect<unknown, E> = Effect.void): Effect.Effect<void, E> =>
  Console.log("Making salad").pipe(
    Effect.andThen(happens),
    Effect.andThen(Effect.sleep(100)),
    Effect.andThen(Console.log("Salad is ready!"))
  )

const makingPasta = Effect.andThen(
  Console.log("Making pasta"),
  coroutineScope(function* (scope) {
    yield* scope.launch(
      Console.log("Boiling water...").pipe(
        Effect.andThen(Effect.sleep(150)),
        Effect.andThen(Console.log("Water is hot!"))
      ),
      { name: "boilWater" }
    )
    yield* scope.launch(
      Console.log("Cooking pasta...").pipe(
        Effect.andThen(Effect.sleep(125)),
        Effect.andThen(Console.log("Pasta is cooked."))
      ),
      { name: "cookPasta" }
    )
  })
)

/** Both dishes in `kitchen`, and how all of it stands at the end. */
const service = Effect.fnUntraced(function* (
  kitchen: Supervisor,
  launchSalad: Effect.Effect<SupervisedJob<void, KitchenFire>, ScopeClosed>
) {
  const saladOrder = yield* launchSalad
  const pastaOrder = yield* kitchen.launch(makingPasta, { name: "pastaOrder" })
  yield* pastaOrder.await
  yield* Console.log("Pasta is ready!")
  yield* saladOrder.join
  yield* Console.log("All dishes are prepared!")
  yield* sayStatus("salad", saladOrder)
  yield* sayStatus("pasta", pastaOrder)
  yield* Console.log(`kitchen: ${yield* openness(kitchen)}`)
})

const inKitchenThatCannotBurn = (salad: Effect.Effect<void>) =>
  Effect.gen(function* () {
    const kitchen = yield* Supervisor.make({ name: "kitchenScope" })
    yield* service(kitchen, kitchen.launch(salad, { name: "saladOrder" }))
  })

export const S29 = seedProgram("S29", "the kitchen, as it should be", {
  "the dishes are made at the same time, and the caller waits": inKitchenThatCannotBurn(makingSalad())
})

export const S30 = seedProgram("S30", "cancel() inside the salad", {
  "only the salad is gone": inKitchenThatCannotBurn(makingSalad(Effect.interrupt))
})

export const S31 = seedProgram("S31", "a kitchen fire in the salad, one kitchen for all", {
  "the fire takes the pasta along, and its caller has to say what then": coroutineScope(function* (scope) {
    yield* scope.launch(makingSalad(ack), { name: "saladOrder" })
    const pastaOrder = yield* scope.async(makingPasta, { name: "pastaOrder" })
    yield* pastaOrder.await
    yield* Console.log("Pasta is ready!")
  }).pipe(Effect.catchTag("KitchenFire", (fire) => Console.log(`main caught ${described(fire)}`)))
})

export const S32 = seedProgram("S32", "the fire is handled inside the salad", {
  "nothing outside hears of it": inKitchenThatCannotBurn(
    Effect.catchTag(makingSalad(ack), "KitchenFire", (fire) =>
      Console.log(`Unable to create salad order. Cause: ${fire.message}`)
    )
  )
})

export const S33 = seedProgram("S33", "a kitchen fire in the salad, each dish on its own", {
  "the fire is contained, and somebody is told": Effect.gen(function* () {
    const kitchen = yield* Supervisor.make({
      name: "kitchenScope",
      onFailure: (fire: KitchenFire) => Console.log(`onFailure ${described(fire)}`)
    })
    yield* service(kitchen, kitchen.launch(makingSalad(ack), { name: "saladOrder" }))
  })
})

// ── The rules of the article's text ──────────────────────────────────────────────────────────────────────────────────

const working = (what: string) => Effect.never.pipe(Effect.onInterrupt(() => Console.log(`${what} cancelled`)))

const after = (millis: number, what: string) => Effect.andThen(Effect.sleep(millis), Console.log(what))

export const S34 = seedProgram("S34", "the four rules of the text", {
  "a parent always waits for its children": Effect.gen(function* () {
    yield* coroutineScope(function* (scope) {
      yield* scope.launch(
        coroutineScope(function* (inner) {
          yield* inner.launch(after(50, "child"))
        })
      )
      yield* Console.log("body")
    })
    yield* Console.log("after")
  }),
  "a child never gets lost: cancelling the parent finds it": cancelledAfter(
    50,
    coroutineScope(function* (scope) {
      yield* scope.launch(
        coroutineScope(function* (inner) {
          yield* inner.launch(working("grandchild"))
        })
      )
    })
  ),
  "cancellation goes down only": coroutineScope(function* (scope) {
    const dish = yield* scope.launch(
      coroutineScope(function* (inner) {
        yield* inner.launch(working("child"))
      })
    )
    yield* scope.launch(after(50, "sibling done"))
    yield* dish.cancelAndJoin
    yield* Console.log("parent alive")
  }),
  "failure goes up, then down": coroutineScope(function* (scope) {
    yield* scope.launch(working("sibling"))
    yield* scope.launch(
      coroutineScope(function* (inner) {
        yield* inner.launch(Effect.andThen(Effect.sleep(50), new IOException({ message: "E1" })))
      })
    )
    yield* Effect.never
  }).pipe(Effect.catchTag("IOException", (error) => Console.log(`caller caught ${described(error)}`)))
})

printIfMain(import.meta.url, { S29, S30, S31, S32, S33, S34 })
