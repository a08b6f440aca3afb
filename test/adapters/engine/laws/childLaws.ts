/**
 * The laws of child workflows: to its parent a linked child is what a step is, a detached one is nobody's.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer } from "effect"
import { DurableDeferred, Workflow } from "effect/workflow"
import { Journal } from "firebreak/journal"
import { coroutineScope } from "firebreak/supervision"
import { perform, performEverywhere } from "./crashes.ts"
import { both, Child, child, childId, family, isSorry, later, openSlowly, retryChild, sorry, x } from "./families.ts"
import { type Harness, testJournal } from "./harness.ts"
import { refuses, see, slowly, Sorry } from "./Outside.ts"
import { inMemory, written } from "./outsiders.ts"
import { a, ask, b, c, cancel, story } from "./stories.ts"
import { failing } from "./undoing.ts"

const Go = DurableDeferred.make("go")
const go = (workflow: Workflow.Any, id: string) =>
  DurableDeferred.succeed(Go, {
    token: DurableDeferred.tokenFromExecutionId(Go, { workflow, executionId: id }),
    value: undefined
  })

const childStatus = Effect.map(
  Journal.use((journal) => journal.show(childId())),
  ({ status }) => status
)

const valueOf = <A>(exit: Exit.Exit<A, unknown>): A | undefined => (Exit.isSuccess(exit) ? exit.value : undefined)

export const childLaws = (harness: Harness): void => {
  describe("a child workflow", () => {
    it.effect("gives its result to its parent, once, whatever crashes in between", () =>
      Effect.gen(function* () {
        const workflows = family(
          (id) =>
            Effect.gen(function* () {
              const before = yield* a(id)
              const result = yield* child()
              yield* see(result)
              return `${before} ${result} ${yield* b(id)}`
            }),
          both
        )
        for (const { answer, contradictions, crash, journal } of yield* performEverywhere(harness, {
          workflows,
          ask: ask()
        })) {
          assert.deepStrictEqual(contradictions, [], crash)
          assert.strictEqual(Exit.isSuccess(answer) && answer.value.status, "completed", crash)
          assert.deepStrictEqual(journal.outside.happened, ["a", "x", "y", "b"], crash)
        }
      })
    )

    it.effect("that fails is a typed failure of its parent, and what it did is taken back before", () =>
      Effect.gen(function* () {
        const workflows = family(
          () =>
            Effect.catchTag(child(), "Sorry", (error) =>
              Effect.andThen(b("1"), Effect.succeed(`${error instanceof Sorry} ${error.why}`))
            ),
          () => Effect.andThen(x("1"), sorry("1"))
        )
        const script = (journal: { outside: { answer: (what: string, answer: typeof isSorry) => void } }) =>
          journal.outside.answer("sorry", isSorry)
        for (const { answer, contradictions, crash, journal } of yield* performEverywhere(harness, {
          workflows,
          ask: ask(),
          script
        })) {
          assert.deepStrictEqual(contradictions, [], crash)
          assert.deepStrictEqual(Exit.isSuccess(answer) && answer.value.exit, Exit.succeed("true sold out"), crash)
          assert.deepStrictEqual(journal.outside.happened, ["x", "undo x", "b"], crash)
        }
      })
    )

    it.effect("that completed is taken back, newest first, when its parent fails", () =>
      Effect.gen(function* () {
        const workflows = family(
          (id) =>
            Effect.gen(function* () {
              yield* a(id)
              yield* child()
              yield* b(id)
              return yield* c(id)
            }),
          both
        )
        const play = {
          workflows,
          ask: Effect.all([ask(), childStatus]),
          script: (journal: { outside: { answer: (what: string, answer: typeof refuses) => void } }) =>
            journal.outside.answer("c", refuses)
        }
        for (const { answer, contradictions, crash, journal } of yield* performEverywhere(harness, play)) {
          assert.deepStrictEqual(contradictions, [], crash)
          const [rest, status] = valueOf(answer) ?? []
          assert.deepStrictEqual([rest?.status, status], ["refused", "cancelled"], crash)
          assert.deepStrictEqual(
            journal.outside.happened,
            ["a", "x", "y", "b", "undo b", "undo y", "undo x", "undo a"],
            crash
          )
        }
      })
    )

    it.effect("is waited for by a parent that has left memory, also in another process", () =>
      Effect.gen(function* () {
        const workflows = family(
          () => child(),
          () => Effect.andThen(Effect.sleep("1 hour"), x("1"))
        )
        const journal = yield* testJournal(harness)
        const first = yield* journal.open(workflows)
        first.launch(ask())
        yield* first.pass(60_000)
        assert.strictEqual(yield* first.do(inMemory), 0)
        assert.deepStrictEqual((yield* first.do(ask())).exit, Exit.succeed("x 1"))

        const other = yield* testJournal(harness)
        const before = yield* other.open(workflows)
        before.launch(ask())
        yield* before.pass(60_000)
        const after = yield* other.open(workflows)
        assert.deepStrictEqual((yield* after.do(ask())).exit, Exit.succeed("x 1"))
        assert.deepStrictEqual(other.outside.happened, ["x"])
      }).pipe(Effect.scoped)
    )

    it.effect("that takes long is waited for, whatever crashes in between", () =>
      Effect.gen(function* () {
        const workflows = family(
          (id) => Effect.andThen(child(), b(id)),
          () => Effect.andThen(Effect.sleep("1 hour"), x("1"))
        )
        for (const { answer, contradictions, crash, journal } of yield* performEverywhere(harness, {
          workflows,
          ask: ask()
        })) {
          assert.deepStrictEqual(contradictions, [], crash)
          assert.deepStrictEqual(Exit.isSuccess(answer) && answer.value.status, "completed", crash)
          assert.deepStrictEqual(journal.outside.happened, ["x", "b"], crash)
        }
      })
    )

    it.effect("is cancelled with its parent, which waits for it; what both did is taken back", () =>
      Effect.gen(function* () {
        const workflows = family(
          (id) => Effect.andThen(a(id), child()),
          () =>
            Effect.gen(function* () {
              yield* x("1")
              return yield* DurableDeferred.await(Go)
            })
        )
        for (const pause of [0, 60_000]) {
          const journal = yield* testJournal(harness)
          journal.outside.answer("undo x", slowly(5000))
          const life = yield* journal.open(workflows)
          life.launch(ask())
          yield* life.settle
          yield* life.pass(pause)
          const provisional = yield* life.do(cancel())
          assert.isFalse("_tag" in provisional || provisional.isFinal)
          const rest = yield* life.do(ask())
          assert.strictEqual(rest.status, "cancelled")
          assert.deepStrictEqual(journal.outside.happened, ["a", "x", "undo x", "undo a"])
          assert.strictEqual((yield* written(journal, childId()))?.status, "cancelled")
        }
      }).pipe(Effect.scoped)
    )

    it.effect("is cancelled, joined and taken back when a sibling job fails", () =>
      Effect.gen(function* () {
        const workflows = family(
          (id) =>
            coroutineScope(function* (scope) {
              yield* scope.async(child())
              const failing = yield* scope.async(c(id))
              return yield* failing.await
            }),
          () => Effect.andThen(x("1"), DurableDeferred.await(Go))
        )
        const journal = yield* testJournal(harness)
        journal.outside.answer("c", slowly(3000, refuses))
        const life = yield* journal.open(workflows)
        const rest = yield* life.do(ask())
        assert.strictEqual(rest.status, "refused")
        assert.deepStrictEqual(journal.outside.happened, ["x", "undo x"])
        assert.strictEqual((yield* written(journal, childId()))?.status, "cancelled")
      }).pipe(Effect.scoped)
    )

    it.effect("that is detached goes on when its parent is cancelled, and when its parent has ended", () =>
      Effect.gen(function* () {
        const workflows = family(
          (id) =>
            Effect.gen(function* () {
              yield* Child.execute({ id: `of ${id}` }, { discard: true, detached: true })
              if (id === "waits") yield* DurableDeferred.await(Go)
              return "parent"
            }),
          () => Effect.andThen(Effect.sleep("10 seconds"), x("1"))
        )
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(workflows)
        assert.deepStrictEqual((yield* life.do(ask("ends"))).exit, Exit.succeed("parent"))
        assert.isNull((yield* written(journal, childId("of ends")))!.endedAt)
        life.launch(ask("waits"))
        yield* life.settle
        yield* life.do(cancel("waits"))
        assert.strictEqual((yield* life.do(ask("waits"))).status, "cancelled")
        yield* life.pass(20_000)
        assert.strictEqual((yield* written(journal, childId("of waits")))!.status, "completed")
        assert.strictEqual((yield* written(journal, childId("of ends")))!.status, "completed")
        assert.isNull((yield* written(journal, childId("of ends")))!.parent)
      }).pipe(Effect.scoped)
    )

    it.effect("that was started and not waited for is not lost, whatever crashes in between", () =>
      Effect.gen(function* () {
        for (const detached of [true, false]) {
          const workflows = family(
            () => Effect.as(Child.execute({ id: "child" }, { discard: true, detached }), "parent"),
            () => x("1")
          )
          const play = { workflows, ask: Effect.all([ask(), Effect.andThen(Effect.sleep("1 minute"), childStatus)]) }
          for (const { answer, crash } of yield* performEverywhere(harness, play)) {
            const [rest, status] = valueOf(answer) ?? []
            assert.deepStrictEqual(
              [rest?.exit, status],
              [Exit.succeed("parent"), "completed"],
              `${crash}, detached: ${detached}`
            )
          }
        }
      })
    )

    it.effect("asked for by two parents is one execution, and both are told", () =>
      Effect.gen(function* () {
        const workflows = family(
          () => child("shared"),
          () => Effect.andThen(Effect.sleep("1 hour"), x("1"))
        )
        const play = { workflows, ask: Effect.all([ask("1"), ask("2")], { concurrency: 2 }) }
        for (const { answer, contradictions, crash, journal } of yield* performEverywhere(harness, play)) {
          assert.deepStrictEqual(contradictions, [], crash)
          const x = Exit.succeed(`x ${journal.outside.asks("x")}`)
          assert.deepStrictEqual(Exit.isSuccess(answer) && answer.value.map(({ exit }) => exit), [x, x], crash)
          assert.deepStrictEqual(journal.outside.happened, ["x"], crash)
        }
      })
    )

    it.effect("belongs to the parent that started it: another one that is cancelled or fails leaves it alone", () =>
      Effect.gen(function* () {
        const workflows = family(
          (id) =>
            Effect.gen(function* () {
              if (id === "late") yield* Effect.sleep("10 seconds")
              const result = yield* child("shared")
              if (id === "late") yield* c(id)
              return result
            }),
          () => Effect.andThen(x("1"), Effect.as(DurableDeferred.await(Go), "done"))
        )
        const journal = yield* testJournal(harness)
        journal.outside.answer("c", refuses)
        const life = yield* journal.open(workflows)
        life.launch(ask("owner"))
        life.launch(ask("late"))
        yield* life.pass(20_000)
        life.launch(cancel("late"))
        yield* life.settle
        assert.strictEqual((yield* life.do(ask("late"))).status, "cancelled")
        assert.isNull((yield* written(journal, childId("shared")))!.endedAt)
        yield* life.do(go(Child, childId("shared")))
        assert.deepStrictEqual((yield* life.do(ask("owner"))).exit, Exit.succeed("done"))

        const other = yield* testJournal(harness)
        other.outside.answer("c", refuses)
        const alive = yield* other.open(workflows)
        alive.launch(ask("owner"))
        alive.launch(ask("late"))
        yield* alive.pass(20_000)
        yield* alive.do(go(Child, childId("shared")))
        assert.strictEqual((yield* alive.do(ask("late"))).status, "refused")
        assert.strictEqual((yield* alive.do(ask("owner"))).status, "completed")
        assert.deepStrictEqual(other.outside.happened, ["x"])
      }).pipe(Effect.scoped)
    )

    it.effect("asked for with another payload than it has is a defect of its parent that says so", () =>
      Effect.gen(function* () {
        const workflows = family(
          (id) => Child.execute({ id: "shared", note: id }),
          () => x("1")
        )
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(workflows)
        assert.strictEqual((yield* life.do(ask("1"))).status, "completed")
        const rest = yield* life.do(ask("2"))
        assert.strictEqual(rest.status, "failed")
        assert.match(rest.why!.message, /started before with another payload/)
        assert.strictEqual((yield* written(journal, childId("shared")))!.status, "completed")
      }).pipe(Effect.scoped)
    )

    it.effect("that is not registered is a defect of its parent that says what to do", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(story((id) => Effect.andThen(a(id), child())))
        const rest = yield* life.do(ask())
        assert.strictEqual(rest.status, "failed")
        assert.match(rest.why!.message, /"Child" is not registered: provide its layer/)
        assert.deepStrictEqual(journal.outside.happened, ["a", "undo a"])
      }).pipe(Effect.scoped)
    )

    it.effect("that somebody else cancels is a defect of the parent that waits for it, and says so", () =>
      Effect.gen(function* () {
        const workflows = family(
          (id) => Effect.andThen(a(id), child()),
          () => Effect.andThen(x("1"), DurableDeferred.await(Go))
        )
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(workflows)
        life.launch(ask())
        yield* life.pass(60_000)
        yield* life.do(Journal.use((journal) => journal.cancel(childId())))
        const rest = yield* life.do(ask())
        assert.strictEqual(rest.status, "failed")
        assert.match(rest.why!.message, /the child Child .* was cancelled, but not by its parent/)
        assert.deepStrictEqual(journal.outside.happened, ["a", "x", "undo x", "undo a"])
      }).pipe(Effect.scoped)
    )

    it.effect("is found by its parent when its layer is built later, as happens at every start", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const parent = story((id) => Effect.andThen(a(id), child()))
        const children = Child.toLayer(() => x("1"))
        const first = yield* journal.open(Layer.merge(parent, children), { crash: { commit: 2, when: "after" } })
        assert.strictEqual((yield* first.attempt(ask()))._tag, "None")
        yield* journal.end(first)
        const second = yield* openSlowly(journal, Layer.provideMerge(later(children), parent))
        assert.strictEqual((yield* second.do(ask())).status, "completed")
        assert.deepStrictEqual(journal.outside.happened, ["a", "x"])
      }).pipe(Effect.scoped)
    )

    it.effect(
      "is taken back by its parent also when its layer is built later, whenever the process before was gone",
      () =>
        Effect.gen(function* () {
          const parent = story((id) =>
            Effect.gen(function* () {
              yield* a(id)
              yield* child()
              return yield* c(id)
            })
          )
          const children = Child.toLayer(() => Effect.as(both(), "done"))
          const { commits } = yield* perform(harness, {
            workflows: Layer.merge(parent, children),
            ask: ask(),
            script: ({ outside }) => outside.answer("c", refuses)
          })
          for (let commit = 1; commit <= commits; commit++) {
            const what = `gone after commit ${commit} of ${commits}`
            const journal = yield* testJournal(harness)
            journal.outside.answer("c", refuses)
            const first = yield* journal.open(Layer.merge(parent, children), { crash: { commit, when: "after" } })
            yield* first.attempt(ask())
            yield* journal.end(first)
            const second = yield* openSlowly(journal, Layer.provideMerge(later(children), parent))
            assert.strictEqual((yield* second.do(ask())).status, "refused", what)
            assert.deepStrictEqual(journal.outside.happened, ["a", "x", "y", "undo y", "undo x", "undo a"], what)
          }
        }).pipe(Effect.scoped)
    )

    it.effect("wakes its parent when it has been taken back, however long that took", () =>
      Effect.gen(function* () {
        const workflows = family(
          () => Effect.andThen(child(), failing),
          () => x("1")
        )
        for (const time of harness.isQuick ? aroundLeaving : [120, 124, 128, 200, 1000]) {
          const journal = yield* testJournal(harness)
          journal.outside.answer("x", slowly(50))
          journal.outside.answer("undo x", slowly(time))
          const life = yield* journal.open(workflows, { around: (_, commit) => Effect.delay(commit, 10) })
          life.launch(ask())
          yield* life.pass(60_000)
          assert.strictEqual((yield* written(journal))!.status, "refused", `taken back after ${time} ms`)
        }
      }).pipe(Effect.scoped)
    )

    it.effect("wakes a parent that has caught the failure of a scope, when it has been taken back", () =>
      Effect.gen(function* () {
        const workflows = family(
          (id) =>
            Effect.andThen(
              Effect.exit(
                coroutineScope(function* () {
                  yield* child()
                  yield* c(id)
                })
              ),
              Effect.succeed("caught")
            ),
          () => x("1")
        )
        for (const time of harness.isQuick ? aroundLeaving : [120, 124, 128, 200, 1000]) {
          const what = `taken back after ${time} ms`
          const journal = yield* testJournal(harness)
          journal.outside.answer("c", refuses)
          journal.outside.answer("undo x", slowly(time))
          const life = yield* journal.open(workflows, { around: (_, commit) => Effect.delay(commit, 10) })
          life.launch(ask())
          yield* life.pass(60_000)
          assert.strictEqual((yield* written(journal))!.status, "completed", what)
          assert.deepStrictEqual(journal.outside.happened, ["x", "undo x"], what)
        }
      }).pipe(Effect.scoped)
    )

    it.effect("whose undo is stuck keeps its parent waiting, and both end when a person has seen to it", () =>
      Effect.gen(function* () {
        const workflows = family(
          (id) =>
            Effect.gen(function* () {
              yield* a(id)
              yield* child()
              return yield* c(id)
            }),
          () => x("1")
        )
        const journal = yield* testJournal(harness)
        journal.outside.answer("c", refuses)
        journal.outside.script("undo x", () => Effect.die(new Error("broken")))
        const life = yield* journal.open(workflows)
        life.launch(ask())
        yield* life.pass(60_000)
        assert.strictEqual((yield* written(journal, childId()))!.status, "stuck")
        assert.strictEqual((yield* written(journal))!.status, "undoing")
        assert.deepStrictEqual(journal.outside.happened, ["a", "x"])
        const settled = yield* journal.open(workflows)
        yield* settled.pass(60_000)
        yield* settled.do(retryChild)
        assert.strictEqual((yield* settled.do(ask())).status, "refused")
        assert.deepStrictEqual(journal.outside.happened, ["a", "x", "undo x", "undo a"])
        assert.strictEqual((yield* written(journal, childId()))!.status, "cancelled")
      }).pipe(Effect.scoped)
    )
  })
}

/** A parent that only waits leaves memory after 200 ms: after these it is on its way out, gone, or still there. */
const aroundLeaving = [0, 100, ...Array.from({ length: 30 }, (_, n) => 110 + n), 190, 195, 200, 205, 300, 1000, 5000]
