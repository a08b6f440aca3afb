/**
 * A program that was changed while executions of it had not ended: they are blocked, not guessed at.
 *
 *   node --conditions=firebreak-source examples/14-changed-workflow.ts
 *
 * The same journal is opened three times, as by a program of Monday, of Tuesday and of Wednesday.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Console, Effect, Layer, Schedule, Schema } from "effect"
import { Workflow } from "effect/workflow"
import { type ExecutionHistory, Journal, layerSqlite } from "firebreak/journal"
import { Step } from "firebreak/workflows"

const putAside = Step.make("put-aside", {
  do: (sku: string) => Console.log(`  put ${sku} aside`),
  undo: (_, __, sku) => Console.log(`  put ${sku} back`),
  unknown: "repeat"
})
const print = Step.make("print-label", {
  do: (id: string) => Console.log(`  printed the label of ${id}`),
  undo: "nothing",
  unknown: "repeat"
})
const ship = Step.make("ship", {
  do: (id: string) => Console.log(`  shipped ${id}`),
  undo: "irreversible",
  unknown: "ask"
})

const Order = Workflow.make("Order", { payload: { id: Schema.String }, idempotencyKey: ({ id }) => id })

// #region days
const monday = Order.toLayer(
  Effect.fnUntraced(function* ({ id }) {
    yield* putAside("MUG-1")
    yield* Effect.sleep("2 seconds")
    yield* ship(id)
  })
)

/** The label is printed before the wait, where the journal of Monday has none. */
const tuesday = Order.toLayer(
  Effect.fnUntraced(function* ({ id }) {
    yield* putAside("MUG-1")
    yield* print(id)
    yield* Effect.sleep("2 seconds")
    yield* ship(id)
  })
)
// #endregion

const file = join(mkdtempSync(join(tmpdir(), "firebreak-changed-")), "orders.db")
const on = <A, E>(story: typeof monday, day: Effect.Effect<A, E, Journal>) =>
  Effect.provide(day, Layer.provideMerge(story, layerSqlite({ file })))

const status = Effect.gen(function* () {
  const { status, why } = yield* Journal.use((journal) => journal.show("1001"))
  yield* Console.log(`1001 is ${status}${why === null ? "" : `: ${why.message}`}`)
})

const isWaiting = ({ timers }: ExecutionHistory) => timers.length > 0

const program = Effect.gen(function* () {
  yield* Console.log("Monday:")
  yield* on(
    monday,
    Effect.gen(function* () {
      const journal = yield* Journal
      yield* journal.start(Order, { id: "1001" })
      const untilItWaits = { until: isWaiting, schedule: Schedule.spaced("10 millis") }
      yield* Effect.repeat(journal.show("1001"), untilItWaits)
      yield* status
    })
  )
  yield* Console.log("Tuesday:")
  yield* on(
    tuesday,
    Effect.gen(function* () {
      yield* Journal.use((journal) => journal.run(Order, { id: "1001" }))
      yield* status
    })
  )
  yield* Console.log("Wednesday:")
  yield* on(
    tuesday,
    Effect.gen(function* () {
      const journal = yield* Journal
      yield* journal.cancel("1001")
      yield* journal.run(Order, { id: "1001" })
      yield* status
    })
  )
})

await Effect.runPromise(program)
rmSync(join(file, ".."), { recursive: true })

// > Monday:
// >   put MUG-1 aside
// > 1001 is running
// > Tuesday:
// > 1001 is blocked: the workflow has changed, or depends on something outside of the journal: event 3 of the journal is timer "sleep", and the program asked for step "print-label"
// > Wednesday:
// >   put MUG-1 back
// > 1001 is cancelled: it was cancelled
