/**
 * The laws of reading: owners and visitors are told the same, tombstones are no executions, pages follow on each other.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { ListFilter, Status } from "../../../../../src/adapters/engine/Store.ts"
import { batch, contents, during, ended, event, row } from "./JournalUnderTest.ts"
import type { MakeJournal } from "./JournalUnderTest.ts"

const statuses: ReadonlyArray<Status> = ["running", "suspended", "completed", "failed", "stuck"]

/** Fifty executions of two workflows, started one a second, with a status each in turn; three share a name. */
const fifty = Array.from({ length: 50 }, (_, index) => {
  const seq = index + 1
  const status = statuses[index % statuses.length] ?? "running"
  return row(seq, {
    status,
    workflow: seq % 10 === 0 ? "SyncOrder" : "ProcessOrder",
    name: seq % 20 === 3 ? "order-twice" : `order-${seq}`,
    startedAt: seq * 1_000,
    endedAt: status === "completed" || status === "failed" ? seq * 1_000 + 1 : null,
    wakeAt: status === "suspended" && seq !== 2 ? 100_000 - seq : null
  })
})
/** One of them, by its number. */
const one = (seq: number) => fifty.filter((each) => each.seq === seq)
const seqs = (rows: ReadonlyArray<{ readonly seq: number }>) => rows.map(({ seq }) => seq)
const newestFirst = (isWanted: (row: (typeof fifty)[number]) => boolean) => seqs(fifty.filter(isWanted)).reverse()

export const readingLaws = (makeJournal: MakeJournal) =>
  describe("reading", () => {
    const filled = Effect.gen(function* () {
      const journal = yield* makeJournal
      const store = yield* journal.open
      yield* store.commit(batch(1, fifty, [event(3, 1), event(1, 1), event(1, 2)]))
      return { store, visit: journal.visit }
    })

    it.live("finds executions by id, those that are there, each once", () =>
      Effect.gen(function* () {
        const { store } = yield* filled
        assert.deepStrictEqual(yield* store.find(["id-4", "nobody", "id-2", "id-4"]), [...one(2), ...one(4)])
        assert.deepStrictEqual(yield* store.find([]), [])
      })
    )

    it.live("finds all executions of a name, the oldest first", () =>
      Effect.gen(function* () {
        const { store } = yield* filled
        assert.deepStrictEqual(seqs(yield* store.findNamed("order-twice")), [3, 23, 43])
        assert.deepStrictEqual(yield* store.findNamed("nobody"), [])
      })
    )

    it.live("gives events in the order of executions and of what happened", () =>
      Effect.gen(function* () {
        const { store } = yield* filled
        assert.deepStrictEqual(yield* store.events([3, 2, 1, 3]), [event(1, 1), event(1, 2), event(3, 1)])
        assert.deepStrictEqual(yield* store.events([]), [])
      })
    )

    const lists: ReadonlyArray<readonly [string, Omit<ListFilter, "limit">, (row: (typeof fifty)[number]) => boolean]> =
      [
        ["all", {}, () => true],
        ["one workflow", { workflow: "SyncOrder" }, ({ workflow }) => workflow === "SyncOrder"],
        ["one status", { status: ["failed"] }, ({ status }) => status === "failed"],
        [
          "several statuses",
          { status: ["stuck", "running"] },
          ({ status }) => status === "stuck" || status === "running"
        ],
        ["no status", { status: [] }, () => false],
        ["from a time on", { from: 20_000 }, ({ startedAt }) => startedAt >= 20_000],
        ["before a time", { until: 20_000 }, ({ startedAt }) => startedAt < 20_000],
        [
          "all conditions at once",
          { workflow: "ProcessOrder", status: ["completed", "failed"], from: 8_000, until: 40_000, before: 34 },
          (row) =>
            row.workflow === "ProcessOrder" &&
            (row.status === "completed" || row.status === "failed") &&
            row.startedAt >= 8_000 &&
            row.startedAt < 40_000 &&
            row.seq < 34
        ]
      ]
    for (const [what, filter, isWanted] of lists) {
      it.live(`lists ${what}, newest first, page by page`, () =>
        Effect.gen(function* () {
          const { store, visit } = yield* filled
          const visitor = yield* visit
          const wanted = newestFirst(isWanted)
          assert.deepStrictEqual(seqs(yield* store.list({ ...filter, limit: 100 })), wanted)
          const paged: Array<number> = []
          for (;;) {
            const page: ReadonlyArray<number> = seqs(
              yield* visitor.list({ ...filter, before: paged.at(-1) ?? filter.before, limit: 4 })
            )
            if (page.length === 0) break
            assert.isAtMost(page.length, 4)
            paged.push(...page)
          }
          assert.deepStrictEqual(paged, wanted)
        })
      )
    }

    it.live("lists whole rows", () =>
      Effect.gen(function* () {
        const { store } = yield* filled
        assert.deepStrictEqual(yield* store.list({ limit: 2 }), [...one(50), ...one(49)])
        assert.deepStrictEqual(yield* store.list({ status: ["suspended"], limit: 1 }), one(47))
      })
    )

    it.live("counts executions in each status that there are any in", () =>
      Effect.gen(function* () {
        const { store, visit } = yield* filled
        const wanted = new Map(statuses.map((status) => [status, 10]))
        assert.deepStrictEqual(sorted(yield* store.counts), sorted(wanted))
        assert.deepStrictEqual(sorted(yield* (yield* visit).counts), sorted(wanted))
      })
    )

    it.live("gives unfinished executions page by page: those that run or undo, not those that wait or are over", () =>
      Effect.gen(function* () {
        const { store } = yield* filled
        yield* store.commit(batch(2, [row(2, { status: "undoing" }), row(6, { status: "blocked" })]))
        assert.deepStrictEqual(seqs(yield* store.unfinished(0, 4)), [1, 2, 11, 16])
        assert.deepStrictEqual(seqs(yield* store.unfinished(16, 100)), [21, 26, 31, 36, 41, 46])
        assert.deepStrictEqual(yield* store.unfinished(46, 100), [])
      })
    )

    it.live("gives executions that are to be woken before a time, whatever they are, the earliest first", () =>
      Effect.gen(function* () {
        const { store } = yield* filled
        // Suspended are 7, 12, … 47, each due at 100,000 less its number; 2 is, but for no time.
        assert.deepStrictEqual(seqs(yield* store.due(100_000 - 32, 100)), [47, 42, 37])
        assert.deepStrictEqual(seqs(yield* store.due(Number.MAX_SAFE_INTEGER, 2)), [47, 42])
        yield* store.commit(batch(2, [row(47), row(6, { status: "undoing", wakeAt: 1 })]))
        assert.deepStrictEqual(seqs(yield* store.due(Number.MAX_SAFE_INTEGER, 2)), [6, 42])
      })
    )

    it.live("tells a visitor what is committed, at once, and after the owner has gone", () =>
      Effect.gen(function* () {
        const { open, visit } = yield* makeJournal
        yield* during(open, (store) =>
          Effect.gen(function* () {
            const visitor = yield* visit
            yield* store.commit(batch(1, [row(1)], [event(1, 1)]))
            assert.deepStrictEqual(yield* contents(visitor, 1), { rows: [row(1)], events: [event(1, 1)] })
            assert.deepStrictEqual(seqs(yield* visitor.findNamed("order-1")), [1])
          })
        )
        const visitor = yield* visit
        assert.deepStrictEqual(yield* contents(visitor, 1), { rows: [row(1)], events: [event(1, 1)] })
      })
    )

    it.live("tells nobody of a time that a tombstone counts: see removing", () =>
      Effect.gen(function* () {
        const { store } = yield* filled
        yield* store.commit(batch(2, [ended(51, 1)]))
        assert.strictEqual((yield* store.counts).get("completed"), 11)
        yield* store.remove({ status: ["completed"], endedBefore: 2, at: 3, limit: 10 })
        assert.strictEqual((yield* store.counts).get("completed"), 10)
        assert.strictEqual(seqs(yield* store.list({ limit: 1 }))[0], 50)
      })
    )
  })

const sorted = (counts: ReadonlyMap<Status, number>) => [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
