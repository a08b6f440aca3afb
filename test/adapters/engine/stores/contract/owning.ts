/**
 * The laws of owning a journal: one owner writes, and what it wrote outlives it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Option, Scope } from "effect"
import { batch, contents, during, ended, event, row } from "./JournalUnderTest.ts"
import type { MakeJournal } from "./JournalUnderTest.ts"

export const owningLaws = (makeJournal: MakeJournal) =>
  describe("an owner", () => {
    it.live("finds what the owner before it committed, and the greatest number that was given out", () =>
      Effect.gen(function* () {
        const { open } = yield* makeJournal
        const first = yield* during(open, (store) =>
          Effect.gen(function* () {
            assert.strictEqual(store.lastExecution, 0)
            yield* store.commit(batch(1, [row(1), ended(7, 1)], [event(1, 1)]))
            return { namespace: store.namespace, epoch: store.epoch, isCopy: store.isCopy }
          })
        )
        const store = yield* open
        assert.strictEqual(store.lastExecution, 7)
        assert.strictEqual(store.namespace, first.namespace)
        assert.isNotEmpty(store.namespace)
        assert.isAbove(store.epoch, first.epoch)
        assert.isFalse(first.isCopy)
        assert.isFalse(store.isCopy)
        assert.deepStrictEqual(yield* contents(store, 7), { rows: [row(1), ended(7, 1)], events: [event(1, 1)] })
      })
    )

    it.live("of another journal has another namespace", () =>
      Effect.gen(function* () {
        const one = yield* Effect.flatten(Effect.map(makeJournal, ({ open }) => open))
        const other = yield* Effect.flatten(Effect.map(makeJournal, ({ open }) => open))
        assert.notStrictEqual(one.namespace, other.namespace)
      })
    )

    it.live("that was replaced writes nothing any more, and is told by whom", () =>
      Effect.gen(function* () {
        const { open, takeOver } = yield* makeJournal
        const frozen = yield* open
        yield* frozen.commit(batch(1, [row(1), ended(2, 1)], [event(1, 1)]))
        const owner = yield* takeOver
        const error = yield* Effect.flip(frozen.commit(batch(2, [ended(1, 1), row(3)], [event(1, 2)])))
        assert.strictEqual(error._tag, "OwnershipLost")
        assert.isNotEmpty(error._tag === "OwnershipLost" && error.by)
        const refusals = [
          yield* Effect.flip(frozen.lastBatch),
          yield* Effect.flip(frozen.remove({ status: ["completed"], endedBefore: 9, at: 9, limit: 9 }))
        ]
        assert.deepStrictEqual(
          refusals.map(({ _tag }) => _tag),
          ["OwnershipLost", "OwnershipLost"]
        )
        assert.deepStrictEqual(yield* contents(owner, 3), { rows: [row(1), ended(2, 1)], events: [event(1, 1)] })
        yield* owner.commit(batch(1, [ended(1, 5)]))
        assert.strictEqual(yield* owner.lastBatch, 1)
      })
    )

    it.live("that was replaced does not take the place of its successor when it ends", () =>
      Effect.gen(function* () {
        const { open, takeOver, visit } = yield* makeJournal
        const scope = yield* Scope.make()
        yield* Scope.provide(open, scope)
        const owner = yield* takeOver
        yield* Scope.close(scope, Exit.void)
        yield* owner.commit(batch(1, [row(1)]))
        assert.strictEqual(yield* owner.lastBatch, 1)
        assert.isTrue(Option.isSome(yield* (yield* visit).owner))
      })
    )

    it.live("that has been closed writes nothing, and says so", () =>
      Effect.gen(function* () {
        const { open } = yield* makeJournal
        const closed = yield* during(open, Effect.succeed)
        const error = yield* Effect.flip(closed.commit(batch(1, [row(1)])))
        assert.strictEqual(error._tag, "StoreUnavailable")
        assert.deepStrictEqual((yield* contents(yield* open, 1)).rows, [])
      })
    )

    it.live("keeps a second one out for as long as it lives, where the store can, and is named", () =>
      Effect.gen(function* () {
        const journal = yield* makeJournal
        if (!journal.keepsOthersOut) {
          // Then the second takes it over, which is the law above.
          yield* journal.open
          return assert.isAbove((yield* journal.open).epoch, 1)
        }
        yield* during(journal.open, (store) =>
          Effect.gen(function* () {
            const error = yield* Effect.flip(journal.open)
            assert.strictEqual(error.because, "Owned")
            assert.include(error.message, `process ${process.pid}`)
            // Refusing somebody changes nothing for the owner.
            yield* store.commit(batch(1, [row(1)]))
          })
        )
        assert.strictEqual((yield* journal.open).lastExecution, 1)
      })
    )

    it.live("is named to visitors for as long as it lives, and then no more", () =>
      Effect.gen(function* () {
        const { open, visit } = yield* makeJournal
        const named = yield* during(open, () => Effect.flatMap(visit, ({ owner }) => owner))
        assert.include(
          Option.getOrElse(named, () => ""),
          `process ${process.pid}`
        )
        assert.deepStrictEqual(yield* Effect.flatMap(visit, ({ owner }) => owner), Option.none())
      })
    )
  })
