/**
 * Any sequence of batches, good and bad, removals and restarts leaves the same journal as it leaves in memory.
 *
 * The special rule: memory is the plain text of what a store does, so whatever a store does differently shows here.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import * as fc from "fast-check"
import type { Batch, ExecutionRow, Store } from "../../../../../src/adapters/engine/Store.ts"
import { makeMemoryData } from "../../../../../src/adapters/engine/stores/memory/MemoryData.ts"
import { makeMemoryStore } from "../../../../../src/adapters/engine/stores/memory/makeMemoryStore.ts"
import { batch, contents, event, row } from "./JournalUnderTest.ts"
import type { MakeJournal } from "./JournalUnderTest.ts"

type Act =
  | { readonly _tag: "commit"; readonly executions: ReadonlyArray<ExecutionRow>; readonly events: Batch["events"] }
  | { readonly _tag: "remove"; readonly endedBefore: number; readonly limit: number }
  | { readonly _tag: "restart" }

const last = 12

/** Rows of a dozen executions. Some claim the id of another, some texts cannot be stored. */
const execution: fc.Arbitrary<ExecutionRow> = fc
  .record({
    seq: fc.integer({ min: 1, max: last }),
    status: fc.constantFrom("running", "suspended", "undoing", "stuck", "completed", "failed"),
    at: fc.integer({ min: 1, max: 50 }),
    thief: fc.boolean().chain((one) => (one ? fc.integer({ min: 1, max: last }) : fc.constant(undefined))),
    outcome: fc.constantFrom(null, "{}", '"ö"', '"\0"', '"\ud800"')
  })
  .map(({ seq, status, at, thief, outcome }) => {
    const isOver = status === "completed" || status === "failed"
    return row(seq, {
      id: `id-${thief ?? seq}`,
      status,
      outcome,
      changedAt: at,
      endedAt: isOver ? at : null,
      wakeAt: status === "suspended" ? at : null
    })
  })

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      _tag: fc.constant("commit" as const),
      executions: fc.uniqueArray(execution, { selector: ({ seq }) => seq, maxLength: 5 }),
      events: fc
        .array(fc.tuple(fc.integer({ min: 1, max: last }), fc.integer({ min: 1, max: 6 })), { maxLength: 8 })
        .map((places) => places.sort(([a, n], [b, m]) => a - b || n - m).map(([seq, n]) => event(seq, n)))
    })
  },
  {
    weight: 1,
    arbitrary: fc.record({
      _tag: fc.constant("remove" as const),
      endedBefore: fc.integer({ min: 1, max: 50 }),
      // All of them: which go first, where not all may, is up to the store.
      limit: fc.constant(last)
    })
  },
  { weight: 1, arbitrary: fc.constant({ _tag: "restart" as const }) }
)

/** All that can be read of a store. */
const all = (store: Store) =>
  Effect.gen(function* () {
    return {
      ...(yield* contents(store, last)),
      list: yield* store.list({ limit: 100 }),
      failed: yield* store.list({ status: ["failed", "stuck"], limit: 3 }),
      counts: [...(yield* store.counts)].sort(),
      unfinished: yield* store.unfinished(2, 5),
      due: yield* store.due(30, 5),
      lastBatch: yield* store.lastBatch,
      lastExecution: store.lastExecution
    }
  })

/** A store that can be closed and opened again. */
const restartable = (open: Effect.Effect<Store, unknown, Scope.Scope>) =>
  Effect.gen(function* () {
    let scope = yield* Scope.make()
    let store = yield* Scope.provide(open, scope)
    yield* Effect.addFinalizer((exit) => Effect.suspend(() => Scope.close(scope, exit)))
    return (act: Act, id: number) =>
      Effect.gen(function* () {
        let answer: unknown
        if (act._tag === "commit")
          answer = [...(yield* store.commit(batch(id, act.executions, act.events))).keys()].sort()
        if (act._tag === "remove") {
          answer = yield* store.remove({
            status: ["completed"],
            endedBefore: act.endedBefore,
            at: 99,
            limit: act.limit
          })
        }
        if (act._tag === "restart") {
          yield* Scope.close(scope, Exit.void)
          scope = yield* Scope.make()
          store = yield* Scope.provide(open, scope)
        }
        return { answer, all: yield* all(store) }
      })
  })

export const modelLaws = (makeJournal: MakeJournal) =>
  describe("whatever is done to it", () => {
    it("holds what a journal in memory holds, after every act of 25 random stories", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 16 }), (acts) =>
          Effect.gen(function* () {
            const journal = yield* makeJournal
            const data = makeMemoryData()
            const real = yield* restartable(journal.open)
            const model = yield* restartable(makeMemoryStore(data))
            let id = 0
            for (const act of acts) {
              id++
              assert.deepStrictEqual(yield* real(act, id), yield* model(act, id), `after act ${id}, ${act._tag}`)
            }
          }).pipe(Effect.scoped, Effect.runPromise)
        ),
        { numRuns: 25 }
      )
    })
  })
