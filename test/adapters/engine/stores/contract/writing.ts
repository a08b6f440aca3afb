/**
 * The laws of `commit`: all of a batch or nothing, and a bad row costs its own execution only.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { longestText } from "../../../../../src/adapters/engine/stores/rows/unstorable.ts"
import { batch, contents, during, ended, event, row } from "./JournalUnderTest.ts"
import type { MakeJournal } from "./JournalUnderTest.ts"

export const writingLaws = (makeJournal: MakeJournal) =>
  describe("commit", () => {
    it.live("writes every column as it was given, and reads it back", () =>
      Effect.gen(function* () {
        const store = yield* Effect.flatten(Effect.map(makeJournal, ({ open }) => open))
        const rows = [
          row(1, {
            status: "stuck",
            outcome: '{"_tag":"Success"}',
            why: '{"because":"stuck"}',
            parent: "id-0",
            endedAt: 4_102_444_800_123,
            wakeAt: 1_753_000_000_001
          }),
          row(2, { name: "Zoë's 🍵\n“order”", payload: "" })
        ]
        const events = [event(1, 1), event(1, 2, { kind: "done", subject: null, call: 1, data: null }), event(2, 1)]
        assert.strictEqual((yield* store.commit(batch(1, rows, events))).size, 0)
        assert.deepStrictEqual(yield* contents(store, 2), { rows, events })
      })
    )

    it.live("writes an execution anew when it has changed, and keeps its events", () =>
      Effect.gen(function* () {
        const { open } = yield* makeJournal
        const store = yield* open
        yield* store.commit(batch(1, [row(1), row(2)], [event(1, 1)]))
        yield* store.commit(batch(2, [ended(1, 5_000)], [event(1, 2)]))
        assert.deepStrictEqual(yield* contents(store, 2), {
          rows: [ended(1, 5_000), row(2)],
          events: [event(1, 1), event(1, 2)]
        })
      })
    )

    it.live("takes events of an execution whose row has not changed", () =>
      Effect.gen(function* () {
        const { open } = yield* makeJournal
        const store = yield* open
        yield* store.commit(batch(1, [row(1)], [event(1, 1)]))
        yield* store.commit(batch(2, [], [event(1, 2), event(1, 3)]))
        assert.deepStrictEqual(yield* contents(store, 1), {
          rows: [row(1)],
          events: [event(1, 1), event(1, 2), event(1, 3)]
        })
      })
    )

    it.live("takes executions in any order of their numbers, and numbers that were left out", () =>
      Effect.gen(function* () {
        const { open } = yield* makeJournal
        const store = yield* open
        yield* store.commit(batch(1, [row(5), row(2)]))
        yield* store.commit(batch(2, [row(3), ended(5, 9_000)]))
        assert.deepStrictEqual((yield* contents(store, 6)).rows, [row(2), row(3), ended(5, 9_000)])
      })
    )

    it.live("takes a batch of nothing, and one of a thousand executions", () =>
      Effect.gen(function* () {
        const { open } = yield* makeJournal
        const store = yield* open
        assert.strictEqual((yield* store.commit(batch(1, []))).size, 0)
        const rows = Array.from({ length: 1_000 }, (_, index) => row(index + 1))
        const events = rows.flatMap(({ seq }) => [1, 2, 3].map((n) => event(seq, n)))
        yield* store.commit(batch(2, rows, events))
        assert.deepStrictEqual(yield* contents(store, 1_000), { rows, events })
      })
    )

    it.live("tells the last batch that was committed under this owner: none at first", () =>
      Effect.gen(function* () {
        const { open } = yield* makeJournal
        yield* during(open, (store) =>
          Effect.gen(function* () {
            assert.strictEqual(yield* store.lastBatch, 0)
            yield* store.commit(batch(1, [row(1)]))
            yield* store.commit(batch(7, [], [event(1, 1)]))
            assert.strictEqual(yield* store.lastBatch, 7)
          })
        )
        assert.strictEqual(yield* during(open, (store) => store.lastBatch), 0)
      })
    )

    it.live("refuses an id that another execution has, and writes the neighbours", () =>
      Effect.gen(function* () {
        const { open } = yield* makeJournal
        const store = yield* open
        yield* store.commit(batch(1, [row(1)]))
        const rejected = yield* store.commit(
          batch(2, [row(2), row(3, { id: "id-1" }), row(4)], [event(2, 1), event(3, 1), event(4, 1)])
        )
        assert.deepStrictEqual([...rejected.keys()], [3])
        assert.isNotEmpty(rejected.get(3))
        assert.deepStrictEqual(yield* contents(store, 4), {
          rows: [row(1), row(2), row(4)],
          events: [event(2, 1), event(4, 1)]
        })
        assert.strictEqual(yield* store.lastBatch, 2)
      })
    )

    it.live("refuses the second of two executions in one batch that have the same id", () =>
      Effect.gen(function* () {
        const { open } = yield* makeJournal
        const store = yield* open
        const rejected = yield* store.commit(batch(1, [row(1), row(2, { id: "id-1" }), row(3)]))
        assert.deepStrictEqual([...rejected.keys()], [2])
        assert.deepStrictEqual((yield* contents(store, 3)).rows, [row(1), row(3)])
      })
    )

    it.live("refuses a number that another execution has", () =>
      Effect.gen(function* () {
        const { open } = yield* makeJournal
        const store = yield* open
        yield* store.commit(batch(1, [row(1)]))
        const rejected = yield* store.commit(batch(2, [row(1, { id: "id-2" }), row(3)]))
        assert.deepStrictEqual([...rejected.keys()], [1])
        assert.deepStrictEqual((yield* contents(store, 3)).rows, [row(1), row(3)])
      })
    )

    it.live("refuses an event that is written already, with the row and the other events of its execution", () =>
      Effect.gen(function* () {
        const { open } = yield* makeJournal
        const store = yield* open
        yield* store.commit(batch(1, [row(1), row(2)], [event(1, 1)]))
        const again = batch(2, [ended(1, 9_000), ended(2, 9_000)], [event(1, 1), event(1, 2), event(2, 1)])
        assert.deepStrictEqual([...(yield* store.commit(again)).keys()], [1])
        assert.deepStrictEqual(yield* contents(store, 2), {
          rows: [row(1), ended(2, 9_000)],
          events: [event(1, 1), event(2, 1)]
        })
      })
    )

    it.live("writes an execution whose rows were refused when they come again in order", () =>
      Effect.gen(function* () {
        const { open } = yield* makeJournal
        const store = yield* open
        yield* store.commit(batch(1, [row(1, { name: "a\0b" }), row(2)], [event(1, 1)]))
        assert.strictEqual((yield* store.commit(batch(2, [row(1)], [event(1, 1)]))).size, 0)
        assert.deepStrictEqual(yield* contents(store, 2), { rows: [row(1), row(2)], events: [event(1, 1)] })
      })
    )

    for (const [what, bad] of unstorable) {
      it.live(`refuses ${what}, and writes the neighbours`, () =>
        Effect.gen(function* () {
          const { open } = yield* makeJournal
          const store = yield* open
          const { rows, events } = bad()
          const rejected = yield* store.commit(
            batch(1, [row(1), ...rows, row(3)], [event(1, 1), ...events, event(3, 1)])
          )
          assert.deepStrictEqual([...rejected.keys()], [2])
          assert.isNotEmpty(rejected.get(2))
          assert.deepStrictEqual(yield* contents(store, 3), {
            rows: [row(1), row(3)],
            events: [event(1, 1), event(3, 1)]
          })
        })
      )
    }
  })

/** What no store takes, as rows of execution 2. */
const unstorable: ReadonlyArray<readonly [string, () => Pick<ReturnType<typeof bad>, "rows" | "events">]> = [
  ["half of a surrogate pair in a name", () => bad({ name: "a\ud83c" })],
  ["a NUL in a payload", () => bad({ payload: "a\0b" })],
  ["a time that is no number", () => bad({ startedAt: Number.NaN })],
  ["a time with a fraction", () => bad({ wakeAt: 1.5 })],
  ["a text that is too long", () => bad({ payload: "x".repeat(longestText + 1) })],
  ["half of a surrogate pair in the second event", () => bad({}, { data: '"\udf75"' })],
  ["a NUL in the subject of an event", () => bad({}, { subject: "\0" })],
  ["an event at a place that is no whole number", () => bad({}, { n: 2.5 })]
]

const bad = (columns: Parameters<typeof row>[1], ofEvent?: Parameters<typeof event>[2]) => ({
  rows: [row(2, columns)],
  events: [event(2, 1), event(2, 2, ofEvent)]
})
