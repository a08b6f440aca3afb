/**
 * The laws of the inbox: what is asked is kept until it is answered, in order, whether or not somebody owns the journal.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Option } from "effect"
import type { Inbox } from "../../../../../src/adapters/engine/Store.ts"
import { during } from "./JournalUnderTest.ts"
import type { MakeJournal } from "./JournalUnderTest.ts"
import { oneWithin } from "./oneWithin.ts"

const cancel = (execution: string) => ({ execution, kind: "cancel" as const, data: "{}", askedAt: 1_000 })

/** How long it took until `notice` was called for what `ask` does, in milliseconds. */
const noticedAfter = (inbox: Inbox, ask: Effect.Effect<unknown, unknown>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const noticed = yield* Deferred.make<void>()
      yield* inbox.onRequest(() => Deferred.doneUnsafe(noticed, Effect.void))
      yield* ask
      const askedAt = performance.now()
      yield* Deferred.await(noticed)
      return performance.now() - askedAt
    })
  )

export const askingLaws = (makeJournal: MakeJournal) =>
  describe("the inbox", () => {
    it.live("keeps requests in the order of asking until they are answered", () =>
      Effect.gen(function* () {
        const { open, visit } = yield* makeJournal
        const { inbox } = yield* open
        const visitor = yield* visit
        const first = yield* visitor.inbox.ask(cancel("id-1"))
        const second = yield* inbox.ask({ ...cancel("id-2"), kind: "settle", data: '{"step":"charge"}' })
        const third = yield* visitor.inbox.ask(cancel("id-1"))
        assert.deepStrictEqual(yield* inbox.pending(0, 10), [
          { ...cancel("id-1"), seq: first },
          { ...cancel("id-2"), kind: "settle", data: '{"step":"charge"}', seq: second },
          { ...cancel("id-1"), seq: third }
        ])
        assert.deepStrictEqual(
          (yield* inbox.pending(first, 1)).map(({ seq }) => seq),
          [second]
        )
        yield* inbox.answer(second, '"yes"')
        assert.deepStrictEqual(
          (yield* inbox.pending(0, 10)).map(({ seq }) => seq),
          [first, third]
        )
      })
    )

    it.live("gives the answer to who asked, as soon as there is one", () =>
      Effect.gen(function* () {
        const { open, visit } = yield* makeJournal
        const { inbox } = yield* open
        const visitor = yield* visit
        const request = yield* visitor.inbox.ask(cancel("id-1"))
        assert.deepStrictEqual(yield* visitor.inbox.answerTo(request), Option.none())
        yield* inbox.answer(request, '{"status":"cancelled"}')
        assert.deepStrictEqual(yield* visitor.inbox.answerTo(request), Option.some('{"status":"cancelled"}'))
        assert.deepStrictEqual(yield* visitor.inbox.answerTo(request + 1), Option.none())
      })
    )

    it.live("keeps the first answer of several", () =>
      Effect.gen(function* () {
        const { open } = yield* makeJournal
        const { inbox } = yield* open
        const request = yield* inbox.ask(cancel("id-1"))
        yield* inbox.answer(request, '"first"')
        yield* inbox.answer(request, '"second"')
        assert.deepStrictEqual(yield* inbox.answerTo(request), Option.some('"first"'))
      })
    )

    it.live("keeps what was asked while nobody owned the journal for the next owner", () =>
      Effect.gen(function* () {
        const { open, visit } = yield* makeJournal
        yield* during(open, () => Effect.void)
        const request = yield* Effect.scoped(Effect.flatMap(visit, ({ inbox }) => inbox.ask(cancel("id-9"))))
        yield* during(open, ({ inbox }) =>
          Effect.gen(function* () {
            assert.deepStrictEqual(yield* inbox.pending(0, 10), [{ ...cancel("id-9"), seq: request }])
            yield* inbox.answer(request, "1")
          })
        )
        const visitor = yield* visit
        assert.deepStrictEqual(yield* visitor.inbox.answerTo(request), Option.some("1"))
      })
    )

    it.live("calls the owner within 200 ms of a request of somebody else", () =>
      Effect.gen(function* () {
        const { open, visit } = yield* makeJournal
        const { inbox } = yield* open
        const visitor = yield* visit
        assert.isBelow(yield* oneWithin(200, noticedAfter(inbox, visitor.inbox.ask(cancel("id-1")))), 200)
      })
    )

    it.live("calls the owner for its own requests as well", () =>
      Effect.gen(function* () {
        const { inbox } = yield* Effect.flatten(Effect.map(makeJournal, ({ open }) => open))
        assert.isBelow(yield* oneWithin(200, noticedAfter(inbox, inbox.ask(cancel("id-1")))), 200)
      })
    )

    it.live("calls nobody who does not listen any more", () =>
      Effect.gen(function* () {
        const { inbox } = yield* Effect.flatten(Effect.map(makeJournal, ({ open }) => open))
        let calls = 0
        yield* Effect.scoped(inbox.onRequest(() => calls++))
        // The second listener hears of it, so the first would have as well.
        yield* noticedAfter(inbox, inbox.ask(cancel("id-1")))
        assert.strictEqual(calls, 0)
      })
    )
  })
