/**
 * What ten thousand executions that wait cost the process that owns them: measured on a SQLite file.
 */
import { join } from "node:path"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { DurableDeferred, Workflow } from "effect/workflow"
import { Journal, layerSqlite } from "firebreak/journal"
import { folder } from "./stores/sqlite/folder.ts"

const Go = DurableDeferred.make("go")
const Patient = Workflow.make("Patient", {
  payload: { id: Schema.String },
  success: Schema.String,
  idempotencyKey: ({ id }) => id
})
const patient = Patient.toLayer(({ id }) =>
  Effect.as(Effect.raceFirst(DurableDeferred.await(Go), Effect.sleep("1 hour")), id)
)
const many = 10_000

/** The bytes that are in use when nothing is left to collect. */
const used = Effect.promise(async () => {
  setFlagsFromString("--expose_gc")
  const collect = runInNewContext("gc") as () => void // sound: the flag provides it
  for (let n = 0; n < 5; n++) {
    collect()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return process.memoryUsage().heapUsed
})

const untilOutOfMemory = Effect.gen(function* () {
  const journal = yield* Journal
  while ((yield* journal.load).inMemory > 0) yield* Effect.sleep(20)
})

describe("ten thousand executions that wait", () => {
  it.live("cost less than 200 bytes each while they are out of memory, and each comes back when it is told to", () =>
    Effect.gen(function* () {
      const path = yield* folder
      yield* Effect.gen(function* () {
        const journal = yield* Journal
        const start = (id: string) => Patient.execute({ id }, { discard: true })
        // What is loaded and compiled once is no cost of theirs.
        yield* Effect.forEach(
          Array.from({ length: many }, (_, n) => `first ${n}`),
          start,
          { concurrency: 50 }
        )
        yield* untilOutOfMemory
        const before = yield* used
        yield* Effect.forEach(
          Array.from({ length: many }, (_, n) => `order ${n}`),
          start,
          { concurrency: 50 }
        )
        yield* untilOutOfMemory
        const each = ((yield* used) - before) / many
        assert.isBelow(each, 200, `${Math.round(each)} bytes each`)
        const counts = yield* journal.counts
        assert.strictEqual(counts.get("suspended"), 2 * many)

        const executionId = yield* Patient.executionId({ id: "order 7777" })
        const token = DurableDeferred.tokenFromExecutionId(Go, { workflow: Patient, executionId })
        yield* DurableDeferred.succeed(Go, { token, value: undefined })
        assert.strictEqual(yield* Patient.execute({ id: "order 7777" }), "order 7777")
      }).pipe(Effect.provide(Layer.provideMerge(patient, layerSqlite({ file: join(path, "journal.db") }))))
    }).pipe(Effect.scoped)
  )
})
