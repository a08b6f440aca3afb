/**
 * Looking after a journal: asking it while nobody owns it, seeing to what is stuck, removing what is old, moving it.
 *
 *   node --conditions=firebreak-source examples/15-looking-after.ts
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Console, Effect, Layer, Schedule, Schema } from "effect"
import { Workflow } from "effect/workflow"
import { adoptCopy, type ExecutionHistory, Journal, layerSqlite, moveJournal, visitSqlite } from "firebreak/journal"
import { Step } from "firebreak/workflows"

class OutOfStock extends Schema.TaggedError<OutOfStock>()("OutOfStock", { order: Schema.String }) {}
const charge = Step.make("charge", {
  do: (order: string) => Console.log(`  charged for ${order}`),
  undo: () => Effect.fail("the gateway has no such payment"),
  unknown: "repeat"
})
const Order = Workflow.make("Order", {
  payload: { id: Schema.String },
  error: OutOfStock,
  idempotencyKey: ({ id }) => id
})
const story = Order.toLayer(
  Effect.fnUntraced(function* ({ id }) {
    yield* charge(id)
    if (id === "1002") return yield* new OutOfStock({ order: id })
  })
)

const folder = mkdtempSync(join(tmpdir(), "firebreak-journal-"))
const [file, elsewhere] = [join(folder, "orders.db"), join(folder, "moved.db")]
const owning = (file: string) => Layer.provideMerge(story, layerSqlite({ file }))

const run = Effect.gen(function* () {
  const journal = yield* Journal
  for (const id of ["1001", "1002"]) {
    const { status } = yield* journal.run(Order, { id })
    yield* Console.log(`  ${id} is ${status}`)
  }
})

// #region visit
const visit = Effect.gen(function* () {
  const journal = yield* visitSqlite(file)
  for (const { id, name } of yield* journal.list({ status: ["stuck", "blocked"] })) {
    const why = yield* journal.why(id)
    yield* Console.log(`  ${name}: ${why?.message}`)
    // Somebody has given the money back by hand.
    const answer = yield* journal.settle(id, "charge", { _tag: "Undone" })
    if (typeof answer !== "string") yield* Console.log("  written down for whoever owns the journal next")
  }
}).pipe(Effect.scoped)
// #endregion

// #region retention
const tidyUp = Effect.gen(function* () {
  const journal = yield* Journal
  const status = ["completed", "refused", "cancelled"] as const
  const removed = yield* journal.remove({ status, olderThan: "90 days" })
  yield* Console.log(`  removed ${removed}`)
})
// #endregion

const later = Effect.gen(function* () {
  const journal = yield* Journal
  const hasEnded = {
    until: ({ endedAt }: ExecutionHistory) => endedAt !== null,
    schedule: Schedule.spaced("10 millis")
  }
  const { status } = yield* Effect.repeat(journal.show("1002"), hasEnded)
  yield* Console.log(`  1002 is ${status}`)
  yield* tidyUp
})

// #region move
const move = Effect.gen(function* () {
  const { executions, requests, tombstones } = yield* moveJournal({ from: { file }, to: { file: elsewhere } })
  yield* Console.log(`  moved ${executions} executions, ${tombstones} tombstones, ${requests} requests`)
})
// #endregion

// #region adopt
const backup = join(folder, "backup.db")
const makeBackup = Effect.sync(() => {
  const database = new DatabaseSync(elsewhere, { readOnly: true })
  database.exec(`VACUUM INTO '${backup}'`)
  database.close()
})
/** The original is lost, and what it did since the backup has been looked up. */
const restore = adoptCopy({ file: backup })
// #endregion

const again = Effect.gen(function* () {
  yield* Order.execute({ id: "1001" })
  yield* Console.log("  1001 is known to have ended, and is not charged again")
})

const program = Effect.gen(function* () {
  yield* Console.log("the program runs:")
  yield* Effect.provide(run, owning(file))
  yield* Console.log("somebody looks:")
  yield* visit
  yield* Console.log("the program runs again:")
  yield* Effect.provide(later, owning(file))
  yield* Console.log("it is moved:")
  yield* move
  yield* Effect.provide(again, owning(elsewhere))
  yield* makeBackup
  yield* restore
  yield* Console.log("a backup is the original from now on:")
  yield* Effect.provide(again, owning(backup))
})
await Effect.runPromise(program)
rmSync(folder, { recursive: true })

// > the program runs:
// >   charged for 1001
// >   1001 is completed
// >   charged for 1002
// >   1002 is stuck
// > somebody looks:
// >   1002: the step "charge" needs a person: the gateway has no such payment
// >   written down for whoever owns the journal next
// > the program runs again:
// >   1002 is refused
// >   removed 0
// > it is moved:
// >   moved 2 executions, 0 tombstones, 0 requests
// >   1001 is known to have ended, and is not charged again
// > a backup is the original from now on:
// >   1001 is known to have ended, and is not charged again
