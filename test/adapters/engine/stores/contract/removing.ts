/**
 * The laws of removing: only what has ended, old enough, and a tombstone stays.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { batch, ended, event, row } from "./JournalUnderTest.ts"
import type { MakeJournal } from "./JournalUnderTest.ts"

export const removingLaws = (makeJournal: MakeJournal) =>
  describe("removing", () => {
    it.live("leaves a tombstone: who, which payload it was by its digest, how it ended; nothing else", () =>
      Effect.gen(function* () {
        const { open } = yield* makeJournal
        const store = yield* open
        yield* store.commit(batch(1, [ended(1, 100), ended(2, 100)], [event(1, 1), event(2, 1)]))
        assert.strictEqual(yield* store.remove({ status: ["completed"], endedBefore: 101, at: 500, limit: 1 }), 1)
        const tombstone = { ...ended(1, 100), payload: "", why: null, removedAt: 500 }
        assert.deepStrictEqual(yield* store.find(["id-1", "id-2"]), [tombstone, ended(2, 100)])
        assert.deepStrictEqual(yield* store.findNamed("order-1"), [tombstone])
        assert.deepStrictEqual(yield* store.events([1, 2]), [event(2, 1)])
        assert.deepStrictEqual(yield* store.list({ limit: 10 }), [ended(2, 100)])
        assert.deepStrictEqual(yield* store.list({ status: ["completed"], limit: 10 }), [ended(2, 100)])
        assert.deepStrictEqual([...(yield* store.counts)], [["completed", 1]])
      })
    )

    it.live("takes those that ended before a time in one of the statuses, and no others", () =>
      Effect.gen(function* () {
        const { open } = yield* makeJournal
        const store = yield* open
        yield* store.commit(
          batch(1, [
            ended(1, 100),
            ended(2, 200),
            ended(3, 100, { status: "failed" }),
            ended(4, 100, { status: "refused" }),
            row(5),
            row(6, { status: "stuck", endedAt: 100 }),
            row(7, { status: "suspended" })
          ])
        )
        const which = { endedBefore: 200, at: 900, limit: 100 }
        assert.strictEqual(yield* store.remove({ ...which, status: ["completed", "failed", "stuck", "running"] }), 2)
        const left = yield* store.list({ limit: 100 })
        assert.deepStrictEqual(
          left.map(({ seq }) => seq),
          [7, 6, 5, 4, 2]
        )
        assert.strictEqual(yield* store.remove({ ...which, status: [] }), 0)
      })
    )

    it.live("takes no more than it was asked to, and goes on where it was", () =>
      Effect.gen(function* () {
        const { open } = yield* makeJournal
        const store = yield* open
        const all = Array.from({ length: 700 }, (_, index) => ended(index + 1, index + 1))
        yield* store.commit(
          batch(
            1,
            all,
            all.map(({ seq }) => event(seq, 1))
          )
        )
        const remove = store.remove({ status: ["completed"], endedBefore: 651, at: 900, limit: 430 })
        assert.deepStrictEqual([yield* remove, yield* remove, yield* remove], [430, 220, 0])
        assert.strictEqual((yield* store.events(all.map(({ seq }) => seq))).length, 50)
      })
    )

    it.live("keeps the number and the id taken, and is never written over, by the next owner either", () =>
      Effect.gen(function* () {
        const { open } = yield* makeJournal
        yield* Effect.scoped(
          Effect.gen(function* () {
            const store = yield* open
            yield* store.commit(batch(1, [ended(1, 1), ended(2, 1)]))
            yield* store.remove({ status: ["completed"], endedBefore: 9, at: 9, limit: 9 })
          })
        )
        const store = yield* open
        assert.strictEqual(store.lastExecution, 2)
        assert.deepStrictEqual(
          [...(yield* store.commit(batch(1, [row(3, { id: "id-1" }), row(2)]))).keys()].sort(),
          [2, 3]
        )
        assert.deepStrictEqual(
          (yield* store.find(["id-2"])).map(({ removedAt }) => removedAt),
          [9]
        )
      })
    )
  })
