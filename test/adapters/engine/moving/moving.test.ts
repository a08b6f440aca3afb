/**
 * A journal that is moved: everything in it is there afterwards, and nothing is done twice.
 */
import { assert, describe, it } from "@effect/vitest"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect, Exit, Layer, Schema } from "effect"
import { DurableDeferred, Workflow } from "effect/workflow"
import {
  adoptCopy,
  Journal,
  type JournalPlace,
  layerPostgres,
  layerSqlite,
  markCopy,
  moveJournal,
  visitPostgres,
  visitSqlite
} from "firebreak/journal"
import { Step } from "firebreak/workflows"
import { testDatabase } from "../../../support/testDatabase.ts"
import { sql } from "../stores/postgres/journal.ts"
import { folder } from "../stores/sqlite/folder.ts"

class Sorry extends Schema.TaggedError<Sorry>()("Sorry", { why: Schema.String }) {}
const Story = Workflow.make("Moved", {
  payload: { id: Schema.String },
  success: Schema.String,
  error: Sorry,
  idempotencyKey: ({ id }) => id
})
const Go = DurableDeferred.make("go")

/** What the outside was asked, with which keys. */
const asked: Array<string> = []
const step = Step.make("moved-step", {
  success: Schema.String,
  do: (id: string, key) => Effect.sync(() => `${id} ${asked.push(`do ${id} ${key}`)}`),
  undo: (_, key, id) => Effect.sync(() => asked.push(`undo ${id} ${key}`)),
  unknown: "repeat"
})
const undone = Step.make("never-undone", {
  do: (_: string) => Effect.void,
  undo: () => Effect.die(new Error("the shelf is locked")),
  unknown: "repeat"
})

const story = Story.toLayer(({ id }) =>
  Effect.gen(function* () {
    const value = yield* step(id)
    if (id === "stuck") yield* undone(id)
    if (id === "refused" || id === "stuck") return yield* new Sorry({ why: id })
    if (id === "waits" || id === "cancelled later") yield* DurableDeferred.await(Go)
    return value
  })
)

const layer = (place: JournalPlace) => ("file" in place ? layerSqlite(place) : layerPostgres(place))
const visit = (place: JournalPlace) => ("file" in place ? visitSqlite(place.file) : visitPostgres(place.url))
const on = <A, E>(place: JournalPlace, body: Effect.Effect<A, E, Journal | Layer.Success<ReturnType<typeof layer>>>) =>
  Effect.provide(body, Layer.provideMerge(story, layer(place)))

const isCopy = (place: JournalPlace): Effect.Effect<boolean> =>
  "url" in place
    ? Effect.map(sql(place.url as string, "SELECT is_copy::text AS it FROM firebreak_journal"), ([row]) =>
        JSON.stringify(row).includes("true")
      )
    : Effect.sync(() => {
        const db = new DatabaseSync(place.file, { readOnly: true })
        const row = db.prepare("SELECT is_copy FROM firebreak_journal").get()
        db.close()
        return row?.["is_copy"] === 1
      })

const inSqlite = Effect.map(folder, (path): JournalPlace => ({ file: join(path, "journal.db") }))
const inPostgres = Effect.map(testDatabase, (url): JournalPlace => ({ url }))

/** A journal with something of everything in it. */
const fill = (place: JournalPlace) =>
  Effect.gen(function* () {
    yield* on(
      place,
      Effect.gen(function* () {
        const journal = yield* Journal
        yield* journal.run(Story, { id: "removed" })
        assert.strictEqual(yield* journal.remove({ olderThan: -1000 }), 1)
        for (const id of ["completed", "refused", "stuck"]) yield* journal.run(Story, { id })
        for (const id of ["waits", "cancelled later"]) {
          yield* journal.start(Story, { id })
          yield* Effect.repeat(journal.show(id), { until: ({ steps }) => steps[0]?.state === "done" })
        }
      })
    )
    const visitor = yield* visit(place)
    assert.property(yield* visitor.cancel("cancelled later"), "request", "nobody owns it: the request waits")
  })

const everything = (place: JournalPlace) =>
  Effect.gen(function* () {
    const journal = yield* visit(place)
    const all = yield* journal.list({ limit: 100 })
    return yield* Effect.forEach(all, ({ id }) => journal.show(id))
  })

const ways = [
  { name: "from SQLite to PostgreSQL", from: inSqlite, to: inPostgres },
  { name: "from PostgreSQL to SQLite", from: inPostgres, to: inSqlite },
  { name: "from one SQLite file to another", from: inSqlite, to: inSqlite }
]

describe.each(ways)("a journal that is moved $name", ({ from, to }) => {
  it.live("has everything that it had, with the same keys", () =>
    Effect.gen(function* () {
      const [old, fresh] = [yield* from, yield* to]
      yield* fill(old)
      const before = yield* everything(old)
      const moved = yield* moveJournal({ from: old, to: fresh })
      assert.deepStrictEqual(moved, { executions: 5, tombstones: 1, requests: 1 })
      assert.deepStrictEqual(yield* everything(fresh), before)
      assert.isAbove(before.flatMap(({ steps }) => steps).length, 5)
    }).pipe(Effect.scoped)
  )

  it.live("goes on where it was, and does nothing again", () =>
    Effect.gen(function* () {
      const [old, fresh] = [yield* from, yield* to]
      yield* fill(old)
      const before = [...asked]
      yield* moveJournal({ from: old, to: fresh })
      yield* on(
        fresh,
        Effect.gen(function* () {
          const journal = yield* Journal
          for (const id of ["completed", "refused", "stuck"])
            assert.strictEqual((yield* journal.run(Story, { id })).found, "finished", id)
          assert.strictEqual((yield* Effect.exit(Story.execute({ id: "removed" })))._tag, "Success")
          const cancelled = yield* journal.run(Story, { id: "cancelled later" })
          assert.strictEqual(cancelled.status, "cancelled")
          const executionId = (yield* journal.show("waits")).id
          const token = DurableDeferred.tokenFromExecutionId(Go, { workflow: Story, executionId })
          yield* DurableDeferred.succeed(Go, { token, value: undefined })
          assert.isTrue(Exit.isSuccess((yield* journal.run(Story, { id: "waits" })).exit!))
        })
      )
      const since = asked.slice(before.length).map((call) => call.replace(/ \w{64}$/, ""))
      assert.deepStrictEqual(since, ["undo cancelled later"])
    }).pipe(Effect.scoped)
  )

  it.live("is the original from now on, and the old one a copy until somebody says otherwise", () =>
    Effect.gen(function* () {
      const [old, fresh] = [yield* from, yield* to]
      yield* fill(old)
      yield* moveJournal({ from: old, to: fresh })
      assert.deepStrictEqual([yield* isCopy(old), yield* isCopy(fresh)], [true, false])
      yield* on(fresh, Effect.void)
      assert.isFalse(yield* isCopy(fresh))
      yield* adoptCopy(old)
      assert.isFalse(yield* isCopy(old))
    }).pipe(Effect.scoped)
  )

  it.live("is refused while it is owned, where it is not there, and where the new place is not empty", () =>
    Effect.gen(function* () {
      const [old, fresh] = [yield* from, yield* to]
      const missing = yield* Effect.flip(moveJournal({ from: old, to: fresh }))
      assert.strictEqual(missing._tag === "JournalUnusable" ? missing.because : missing._tag, "Missing")
      yield* fill(old)
      const owned = yield* on(old, Effect.flip(moveJournal({ from: old, to: fresh })))
      assert.strictEqual(owned._tag === "JournalUnusable" ? owned.because : owned._tag, "Owned")
      yield* fill(fresh)
      const full = yield* Effect.flip(moveJournal({ from: old, to: fresh }))
      assert.include(full.message, "there are executions in it already")
      assert.deepStrictEqual([yield* isCopy(old), yield* isCopy(fresh)], [false, false])
    }).pipe(Effect.scoped)
  )
})

describe("a move that is cut off", () => {
  it.live("leaves the old journal the original, and the new one a copy", () =>
    Effect.gen(function* () {
      const [old, fresh] = [yield* inSqlite, yield* inPostgres]
      yield* fill(old)
      // A place that is there and empty, and does not take one of the executions.
      yield* on(fresh, Effect.void)
      const { url } = fresh as { url: string }
      yield* sql(url, "ALTER TABLE firebreak_executions ADD CHECK (name <> 'waits')")
      const refused = yield* Effect.flip(moveJournal({ from: old, to: fresh }))
      assert.include(refused.message, `execution "waits" cannot be stored there`)
      assert.deepStrictEqual([yield* isCopy(old), yield* isCopy(fresh)], [false, true])
    }).pipe(Effect.scoped)
  )
})

describe("a journal that was put back to an earlier state unnoticed", () => {
  for (const [kind, place] of [
    ["SQLite", inSqlite],
    ["PostgreSQL", inPostgres]
  ] as const) {
    it.live(`in ${kind} is a copy from when somebody says so, and until somebody says otherwise`, () =>
      Effect.gen(function* () {
        const journal = yield* place
        const missing = yield* Effect.flip(markCopy(journal))
        assert.strictEqual(missing._tag === "JournalUnusable" ? missing.because : missing._tag, "Missing")
        yield* on(journal, Effect.void)
        // Its owner read what it is when it opened it.
        const owned = yield* on(journal, Effect.flip(markCopy(journal)))
        assert.strictEqual(owned._tag === "JournalUnusable" ? owned.because : owned._tag, "Owned")
        assert.isFalse(yield* isCopy(journal))
        yield* markCopy(journal)
        for (const _ of [1, 2]) {
          assert.isTrue(yield* isCopy(journal))
          yield* on(journal, Effect.void)
        }
        yield* adoptCopy(journal)
        assert.isFalse(yield* isCopy(journal))
      }).pipe(Effect.scoped)
    )
  }
})

describe("adopting", () => {
  it.live("makes no journal where there is none", () =>
    Effect.gen(function* () {
      const refused = yield* Effect.flip(adoptCopy(yield* inSqlite))
      assert.strictEqual(refused.because, "Missing")
    }).pipe(Effect.scoped)
  )
})
