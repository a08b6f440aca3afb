/**
 * The laws of scopes as the unit of taking back.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { coroutineScope, DeadlineExceeded, supervisorScope, withTimeout } from "firebreak/supervision"
import { type Harness, testJournal } from "./harness.ts"
import { refuses, see, slowly } from "./Outside.ts"
import { a, ask, b, c, d, story } from "./stories.ts"
import { e, failing, inScope, run, sorry } from "./undoing.ts"

export const undoScopeLaws = (harness: Harness): void => {
  describe("taking back", () => {
    it.effect("has happened before whoever catches the failure of a scope goes on", () =>
      Effect.gen(function* () {
        const inner = (id: string) =>
          inScope(function* () {
            yield* a(id)
            yield* b(id)
            yield* failing
          })
        const { happened, rest } = yield* run(harness, (id) => Effect.andThen(Effect.exit(inner(id)), c(id)))
        assert.strictEqual(rest.status, "completed")
        assert.deepStrictEqual(happened, ["a", "b", "undo b", "undo a", "c"])
      }).pipe(Effect.scoped)
    )

    it.effect("of a scope leaves alone what was done outside of it, and what a scope before it handed up", () =>
      Effect.gen(function* () {
        const body = (id: string) =>
          inScope(function* () {
            yield* a(id)
            yield* inScope(function* () {
              yield* b(id)
            })
            yield* Effect.exit(
              inScope(function* () {
                yield* c(id)
                yield* failing
              })
            )
            yield* d(id)
          })
        const { happened, rest } = yield* run(harness, body)
        assert.strictEqual(rest.status, "completed")
        assert.deepStrictEqual(happened, ["a", "b", "c", "undo c", "d"])
      }).pipe(Effect.scoped)
    )

    it.effect("of an outer scope takes back what inner ones handed up, in one order", () =>
      Effect.gen(function* () {
        const body = (id: string) =>
          Effect.exit(
            inScope(function* () {
              yield* a(id)
              yield* inScope(function* () {
                yield* b(id)
                yield* inScope(function* () {
                  yield* c(id)
                })
              })
              yield* d(id)
              yield* failing
            })
          )
        const { happened } = yield* run(harness, body)
        assert.deepStrictEqual(happened, ["a", "b", "c", "d", "undo d", "undo c", "undo b", "undo a"])
      }).pipe(Effect.scoped)
    )

    it.effect("gives a retry of a scope a clean floor, and new keys", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("b", refuses, refuses)
        const scope = (id: string) =>
          inScope(function* () {
            yield* a(id)
            return yield* b(id)
          })
        const life = yield* journal.open(story((id) => Effect.retry(scope(id), { times: 5 })))
        const rest = yield* life.do(ask())
        assert.deepStrictEqual([rest.status, rest.exit], ["completed", Exit.succeed("b 3")])
        assert.deepStrictEqual(journal.outside.happened, ["a", "undo a", "a", "undo a", "a", "b"])
        assert.strictEqual(new Set(journal.outside.keysOf("a")).size, 3)
        assert.strictEqual(new Set(journal.outside.keysOf("undo a")).size, 2)
      }).pipe(Effect.scoped)
    )

    it.effect("is decided by the outermost when several boundaries close at once, newest first across them", () =>
      Effect.gen(function* () {
        const body = (id: string) =>
          coroutineScope(function* (outer) {
            yield* a(id)
            yield* outer.launch(
              coroutineScope(function* (inner) {
                yield* b(id)
                yield* inner.launch(
                  Effect.andThen(
                    e(id),
                    coroutineScope(function* () {
                      yield* Effect.never
                    })
                  )
                )
                yield* Effect.never
              }),
              { name: "left" }
            )
            yield* outer.launch(
              Effect.gen(function* () {
                yield* Effect.sleep(10)
                yield* c(id)
                yield* Effect.sleep(10)
                yield* d(id)
                return yield* failing
              }),
              { name: "right" }
            )
          })
        const { happened, rest } = yield* run(harness, body)
        assert.deepStrictEqual(rest.exit, Exit.fail(sorry))
        assert.deepStrictEqual(happened, ["a", "b", "e", "c", "d", "undo d", "undo c", "undo e", "undo b", "undo a"])
      }).pipe(Effect.scoped)
    )

    it.effect("of a job in a supervisor touches none of its siblings", () =>
      Effect.gen(function* () {
        const body = (id: string) =>
          supervisorScope(function* (scope) {
            const bad = yield* scope.async(Effect.andThen(a(id), failing))
            const good = yield* scope.async(Effect.andThen(b(id), c(id)))
            yield* Effect.exit(bad.await)
            yield* see("caught")
            return yield* good.await
          })
        const { happened, rest } = yield* run(harness, body, { b: slowly(50), c: slowly(50) })
        assert.deepStrictEqual([rest.status, rest.exit], ["completed", Exit.succeed("c 1")])
        assert.deepStrictEqual(happened, ["a", "undo a", "b", "c"])
      }).pipe(Effect.scoped)
    )

    it.effect("of a job that is cancelled happens before it has ended", () =>
      Effect.gen(function* () {
        const body = (id: string) =>
          coroutineScope(function* (scope) {
            const job = yield* scope.launch(Effect.andThen(a(id), Effect.never))
            yield* b(id)
            yield* job.cancelAndJoin
            yield* see("joined")
            yield* c(id)
          })
        const { happened, rest } = yield* run(harness, body, { b: slowly(20) })
        assert.strictEqual(rest.status, "completed")
        assert.deepStrictEqual(happened, ["a", "b", "undo a", "c"])
      }).pipe(Effect.scoped)
    )

    it.effect("waits for a step of a cancelled job that is under way, and takes back what it did", () =>
      Effect.gen(function* () {
        const body = (id: string) =>
          coroutineScope(function* (scope) {
            const job = yield* scope.launch(a(id))
            yield* b(id)
            yield* job.cancelAndJoin
            yield* c(id)
          })
        const { happened } = yield* run(harness, body, {
          a: ({ happens }) => Effect.uninterruptible(Effect.andThen(Effect.sleep(100), happens)).pipe(Effect.as("a")),
          b: slowly(20)
        })
        assert.deepStrictEqual(happened, ["b", "a", "undo a", "c"])
      }).pipe(Effect.scoped)
    )

    it.effect("of what is given up by a time limit happens before the limit's failure is seen", () =>
      Effect.gen(function* () {
        const body = (id: string) =>
          Effect.gen(function* () {
            yield* a(id)
            const limited = withTimeout(Effect.all([b(id), c(id), Effect.sleep(1000)]), "100 millis", { name: "quick" })
            const error = yield* Effect.flip(limited)
            assert.instanceOf(error, DeadlineExceeded)
            yield* d(id)
          })
        const { happened, rest } = yield* run(harness, body as never)
        assert.strictEqual(rest.status, "completed", JSON.stringify(rest.why))
        assert.deepStrictEqual(happened, ["a", "b", "c", "undo c", "undo b", "d"])
      }).pipe(Effect.scoped)
    )
  })
}
