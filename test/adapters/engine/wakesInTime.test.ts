/**
 * How late sleeps end in real time, on a SQLite file, beside plain timers of the same process.
 */
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer, Schema } from "effect"
import { Workflow } from "effect/workflow"
import { Journal, layerSqlite } from "firebreak/journal"
import { oneWithin } from "./stores/contract/oneWithin.ts"
import { folder } from "./stores/sqlite/folder.ts"

const Sleeper = Workflow.make("Sleeper", {
  payload: { id: Schema.String, milliseconds: Schema.Int },
  idempotencyKey: ({ id }) => id
})
const sleeper = Sleeper.toLayer(({ milliseconds }) => Effect.sleep(Duration.millis(milliseconds)))

/** How late a plain timer of this process is: what the machine does to all of them. */
const plain = (milliseconds: number) =>
  Effect.promise(async () => {
    const due = Date.now() + milliseconds
    await new Promise((resolve) => setTimeout(resolve, milliseconds))
    return Date.now() - due
  })

let sleepers = 0
const durable = (milliseconds: number) =>
  Effect.gen(function* () {
    const journal = yield* Journal
    const { id } = yield* journal.run(Sleeper, { id: String(++sleepers), milliseconds })
    const { due, firedAt } = (yield* journal.show(id)).timers[0]!
    assert.isAtLeast(firedAt! - due, 0, "no sleep ends before its time")
    return firedAt! - due
  })

const middle = (all: ReadonlyArray<number>) => all.toSorted((x, y) => x - y)[all.length >> 1]!

describe("sleeps of 10 ms, 100 ms and 2 s", () => {
  it.live("end within 20 ms of their time, but for what keeps every timer of the process waiting", () =>
    Effect.gen(function* () {
      const path = yield* folder
      yield* Effect.gen(function* () {
        for (const milliseconds of [10, 100, 2000]) {
          const both = Effect.all(
            [durable, plain].map((sleep) =>
              Effect.forEach([1, 2, 3, 4, 5, 6, 7], () => sleep(milliseconds), { concurrency: "unbounded" })
            ),
            { concurrency: 2 }
          )
          const seen: Array<string> = []
          const late = Effect.map(both, ([ours = [], theirs = []]) => {
            seen.push(`${ours.join(" ")} beside ${theirs.join(" ")}`)
            return middle(ours) - middle(theirs)
          })
          assert.isAtMost(yield* oneWithin(20, late, 10), 20, `${milliseconds} ms: ${seen.join("; ")}`)
        }
      }).pipe(Effect.provide(Layer.provideMerge(sleeper, layerSqlite({ file: join(path, "journal.db") }))))
    }).pipe(Effect.scoped)
  )
})
