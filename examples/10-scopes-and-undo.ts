/**
 * The scope is the unit of undo: what was done in a scope that fails has been taken back by the time anybody sees it.
 *
 *   node --conditions=firebreak-source examples/10-scopes-and-undo.ts
 */
import { Console, Effect, Layer, Schema } from "effect"
import { Workflow } from "effect/workflow"
import { coroutineScope, supervisorScope, withTimeout } from "firebreak"
import { layerMemory } from "firebreak/journal"
import { Step } from "firebreak/workflows"

class SoldOut extends Schema.TaggedError<SoldOut>()("SoldOut", { sku: Schema.String }) {
  override get message() {
    return `${this.sku} is sold out`
  }
}

const stock = {
  reserve: (sku: string, _key: string) =>
    sku === "LAMP" ? Effect.fail(new SoldOut({ sku })) : Console.log(`  reserved ${sku}`),
  release: (sku: string, _key: string) => Console.log(`  released ${sku}`)
}

const reserve = Step.make("reserve", {
  error: SoldOut,
  do: (sku: string, key) => stock.reserve(sku, key),
  undo: (_, key, sku) => stock.release(sku, key),
  unknown: "repeat"
})

const slowly = Step.make("ask-the-supplier", {
  do: (_sku: string) => Effect.sleep("10 seconds"),
  undo: "nothing",
  unknown: "repeat"
})

const Basket = Workflow.make("Basket", {
  payload: { id: Schema.String },
  success: Schema.String,
  error: SoldOut,
  idempotencyKey: ({ id }) => id
})

// #region all
/** One step, several calls: each has a key of its own. */
const reserveAll = (skus: ReadonlyArray<string>) =>
  coroutineScope(function* (scope) {
    for (const sku of skus) yield* scope.launch(reserve(sku, { key: sku }), { name: sku })
  })
// #endregion

// #region otherwise
const thisOrThat = reserveAll(["MUG", "LAMP"]).pipe(
  Effect.as("the mug and the lamp"),
  // By now the mug has been given back.
  Effect.catchTag("SoldOut", (error) =>
    Effect.gen(function* () {
      yield* Console.log(`  ${error.message}: the plate instead`)
      yield* reserve("PLATE", { key: "PLATE" })
      return "the plate"
    })
  )
)
// #endregion

// #region each
const eachOnItsOwn = supervisorScope(function* (scope) {
  const jobs = []
  for (const sku of ["MUG", "LAMP", "VASE"])
    jobs.push(yield* scope.async(reserve(sku, { key: `${sku} alone` }), { name: sku }))
  let had = 0
  for (const job of jobs) had += yield* Effect.match(job.await, { onSuccess: () => 1, onFailure: () => 0 })
  return `${had} of ${jobs.length}`
})
// #endregion

// #region retry
/** The whole scope once more: what its first attempt did has been taken back, and each step gets a new key. */
const twice = reserveAll(["MUG", "LAMP"]).pipe(
  Effect.retry({ times: 1 }),
  Effect.catchTag("SoldOut", () => Effect.void),
  Effect.as("nothing")
)
// #endregion

// #region timeout
const inTime = withTimeout(Effect.andThen(reserve("MUG", { key: "in time" }), slowly("LAMP")), "100 millis").pipe(
  Effect.as("both"),
  Effect.catchTag("DeadlineExceeded", () => Effect.succeed("too late: nothing"))
)
// #endregion

const story = Basket.toLayer(({ id }) => {
  switch (id) {
    case "this or that":
      return thisOrThat
    case "each on its own":
      return eachOnItsOwn
    case "twice":
      return twice
    default:
      return inTime
  }
})

const program = Effect.forEach(["this or that", "each on its own", "twice", "in time"], (id) =>
  Effect.gen(function* () {
    yield* Console.log(`${id}:`)
    yield* Console.log(`  so it is ${yield* Basket.execute({ id })}`)
  })
)

await Effect.runPromise(Effect.provide(program, Layer.provideMerge(story, layerMemory())))

// > this or that:
// >   reserved MUG
// >   released MUG
// >   LAMP is sold out: the plate instead
// >   reserved PLATE
// >   so it is the plate
// > each on its own:
// >   reserved MUG
// >   reserved VASE
// >   so it is 2 of 3
// > twice:
// >   reserved MUG
// >   released MUG
// >   reserved MUG
// >   released MUG
// >   so it is nothing
// > in time:
// >   reserved MUG
// >   released MUG
// >   so it is too late: nothing
