/**
 * The laws of children whose layer comes, goes or is not there: a parent hears of the end of its child all the same. And
 * of the children of children: what is taken back is taken back with all that it started.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Schema, Scope } from "effect"
import { Workflow } from "effect/workflow"
import { performEverywhere } from "./crashes.ts"
import { Child, child, childId, family, later, openSlowly, retryChild, x } from "./families.ts"
import { answeringLate } from "./answeringLate.ts"
import { type Harness, testJournal, type TestJournal, type Workflows } from "./harness.ts"
import { crashes, refuses, slowly, Sorry, type World } from "./Outside.ts"
import { written, writtenEvents } from "./outsiders.ts"
import { a, ask, b, c, reversible, story } from "./stories.ts"
import { failing } from "./undoing.ts"

const Grandchild = Workflow.make("Grandchild", {
  payload: { id: Schema.String },
  success: Schema.String,
  error: Sorry,
  idempotencyKey: ({ id }) => id
})
const g = reversible("g")
const grandchildren = (body: () => Effect.Effect<unknown, any, any>) =>
  // sound: the body asks for nothing but the world and the engine, and its steps do not give up
  Grandchild.toLayer(() => Effect.map(body(), String) as Effect.Effect<string, Sorry, World>)

/** A child that was started sleeps for an hour, and the next process has the layer of its parent only. */
const withoutChildren = (harness: Harness) =>
  Effect.gen(function* () {
    const parents = story(() => Effect.all([child(), Effect.sleep(1500)]))
    const children = Child.toLayer(() => Effect.andThen(Effect.orDie(x("1")), Effect.as(Effect.sleep("1 hour"), "x")))
    const journal = yield* testJournal(harness)
    const first = yield* journal.open(Layer.merge(parents, children))
    first.launch(ask())
    yield* first.pass(100)
    const second = yield* journal.open(parents)
    return { children, journal, parents, second }
  })

export const childEndLaws = (harness: Harness): void => {
  describe("the end of a child", () => {
    it.effect("is told to its parent whose layer was not built yet", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("x", slowly(60_000, crashes))
        const parents = story(() => child())
        const children = Child.toLayer(() => Effect.orDie(x("1")))
        const first = yield* journal.open(Layer.merge(parents, children))
        first.launch(ask())
        yield* first.pass(61_000)
        assert.strictEqual((yield* written(journal))!.status, "suspended", "it has left memory")
        yield* journal.end(first)
        // The layer of the parent takes 300 ms; the child has ended before.
        const second = yield* openSlowly(journal, Layer.provideMerge(later(parents), children))
        assert.strictEqual((yield* written(journal, childId()))!.status, "completed")
        yield* second.pass(10_000)
        assert.strictEqual((yield* written(journal))!.status, "completed", "it goes on without being asked for")
        assert.deepStrictEqual((yield* second.do(ask())).exit, Exit.succeed("x 2"))
      }).pipe(Effect.scoped)
    )

    it.effect("is told to its parent in the next process, when both leave in good order while it comes", () =>
      Effect.gen(function* () {
        const parents = story(() => child())
        const children = Child.toLayer(() => Effect.orDie(x("1")))
        const orders = [
          Layer.merge(parents, children),
          Layer.provideMerge(parents, children),
          Layer.provideMerge(children, parents)
        ]
        for (const [order, workflows] of orders.entries()) {
          const journal = yield* testJournal(harness)
          journal.outside.script("x", slowly(2000))
          const first = yield* journal.open(workflows, { grace: 5000 })
          first.launch(ask())
          yield* first.pass(1000)
          yield* first.leave
          const second = yield* journal.open(workflows)
          yield* second.pass(10_000)
          assert.strictEqual((yield* written(journal))!.status, "completed", `order ${order}`)
          assert.strictEqual(journal.outside.asks("x"), 1, `order ${order}`)
        }
      }).pipe(Effect.scoped)
    )

    it.effect("is waited for, however long its layer is missing: the parent does not fail for that", () =>
      Effect.gen(function* () {
        const { children, journal, parents, second } = yield* withoutChildren(harness)
        second.launch(ask())
        yield* second.pass(60_000)
        assert.include(["running", "suspended"], (yield* written(journal))!.status)
        const third = yield* journal.open(Layer.merge(parents, children))
        yield* third.pass(86_400_000)
        assert.strictEqual((yield* written(journal))!.status, "completed")
        assert.deepStrictEqual(journal.outside.happened, ["x"])
      }).pipe(Effect.scoped)
    )

    it.effect("of one that was started before is waited for when its layer comes later in the same process", () =>
      Effect.gen(function* () {
        const { children, journal, second } = yield* withoutChildren(harness)
        yield* second.pass(60_000)
        const scope = yield* Scope.make()
        yield* second.do(Layer.buildWithScope(children, scope))
        yield* second.pass(86_400_000)
        assert.strictEqual((yield* written(journal))!.status, "completed")
        yield* second.do(Scope.close(scope, Exit.void))
      }).pipe(Effect.scoped)
    )

    it.effect("that is asked for while its layer closes is waited for: the parent goes on with the next layer", () =>
      Effect.gen(function* () {
        const parents = story((id) => Effect.andThen(Effect.andThen(a(id), b(id)), child("mine")))
        const children = Child.toLayer(() => Effect.orDie(x("1")))
        const journal = yield* testJournal(harness)
        journal.outside.script("x", slowly(3000))
        journal.outside.script("b", slowly(1000))
        const life = yield* journal.open(parents, { grace: 5000 })
        const scope = yield* Scope.make()
        yield* life.do(Layer.buildWithScope(Layer.fresh(children), scope))
        life.launch(ask())
        life.launch(child("other"))
        yield* life.pass(200)
        life.launch(Scope.close(scope, Exit.void))
        yield* life.pass(10_000)
        assert.include(["running", "suspended"], (yield* written(journal))!.status)
        const again = yield* Scope.make()
        yield* life.do(Layer.buildWithScope(Layer.fresh(children), again))
        yield* life.pass(10_000)
        assert.strictEqual((yield* written(journal))!.status, "completed")
        assert.deepStrictEqual(journal.outside.happened, ["a", "b", "x", "x"])
        yield* life.do(Scope.close(again, Exit.void))
      }).pipe(Effect.scoped)
    )

    it.effect("is told in the next process, whichever layer was closed first while the parent asked for it", () =>
      Effect.gen(function* () {
        const parents = story((id) => Effect.andThen(Effect.andThen(a(id), b(id)), child("mine")))
        const children = Child.toLayer(() => Effect.orDie(x("1")))
        // What was built last is closed first.
        const layers: { readonly [first: string]: Workflows } = {
          "the child's layer first": Layer.provideMerge(children, parents),
          "the parent's layer first": Layer.provideMerge(parents, children),
          "both at once": Layer.merge(parents, children)
        }
        for (const [what, workflows] of Object.entries(layers)) {
          const journal = yield* testJournal(harness)
          journal.outside.script("x", slowly(3000))
          journal.outside.script("b", slowly(1000))
          const first = yield* journal.open(workflows, { grace: 5000 })
          first.launch(ask())
          first.launch(child("other"))
          yield* first.pass(200)
          yield* first.leave
          const left = (yield* written(journal))!.status
          assert.include(["running", "suspended"], left, what)
          const second = yield* journal.open(workflows)
          yield* second.pass(10_000)
          assert.strictEqual((yield* written(journal))!.status, "completed", what)
          assert.deepStrictEqual(journal.outside.happened, ["a", "b", "x", "x"], what)
        }
      }).pipe(Effect.scoped)
    )

    it.effect("that belongs to another parent keeps nobody: who had only joined it fails, and leaves it alone", () =>
      Effect.gen(function* () {
        const workflows = family(
          (id) =>
            id === "owner"
              ? child()
              : Effect.andThen(
                  Child.execute({ id: "child" }, { discard: true }),
                  Effect.andThen(Effect.sleep(50), failing)
                ),
          () => Effect.andThen(Effect.sleep("1 hour"), x("1"))
        )
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(workflows)
        life.launch(ask("owner"))
        yield* life.pass(100)
        life.launch(ask("late"))
        yield* life.pass(10_000)
        assert.strictEqual((yield* life.do(ask("late"))).status, "refused")
        assert.isNull((yield* written(journal, childId()))!.endedAt)
        assert.deepStrictEqual((yield* life.do(ask("owner"))).exit, Exit.succeed("x 1"))
      }).pipe(Effect.scoped)
    )

    it.effect("that is being taken back and is blocked is waited for: nothing counts as taken back before it is", () =>
      Effect.gen(function* () {
        const workflows = family(
          () => Effect.andThen(child(), Effect.andThen(Effect.sleep(500), failing)),
          () => x("1")
        )
        const journal = yield* testJournal(harness)
        const first = yield* journal.open(workflows)
        first.launch(ask())
        yield* first.pass(100)
        yield* journal.end(first)
        const { seq } = (yield* written(journal, childId()))!
        const done = (yield* writtenEvents(journal, childId())).find(({ kind }) => kind === "done")!
        yield* journal.place.spoil({ execution: seq, n: done.n, data: "42" })
        for (let n = 0; n < 2; n++) {
          const life = yield* journal.open(workflows)
          life.launch(ask())
          yield* life.pass(10_000)
          assert.include(["blocked", "stuck", "undoing"], (yield* written(journal, childId()))!.status)
          assert.include(["undoing", "stuck"], (yield* written(journal))!.status)
          assert.deepStrictEqual(journal.outside.happened, ["x"])
          yield* journal.end(life)
        }
        yield* journal.place.spoil({ execution: seq, n: done.n, data: done.data! })
        const last = yield* journal.open(workflows)
        yield* last.do(retryChild)
        assert.strictEqual((yield* last.do(ask())).status, "refused")
        assert.deepStrictEqual(journal.outside.happened, ["x", "undo x"])
      }).pipe(Effect.scoped)
    )

    it.effect(
      "is not missed by a parent that is just finding out about it, however long the store takes to answer",
      () =>
        Effect.gen(function* () {
          const workflows = family(
            () => Effect.andThen(child(), failing),
            () => x("1")
          )
          const journal = yield* testJournal(answeringLate(harness))
          journal.outside.script("undo x", crashes)
          const first = yield* journal.open(workflows)
          yield* first.attempt(ask())
          assert.strictEqual((yield* written(journal, childId()))!.status, "undoing")
          const second = yield* journal.open(workflows)
          yield* second.pass(60_000)
          assert.strictEqual((yield* written(journal, childId()))!.status, "cancelled")
          assert.strictEqual((yield* written(journal))!.status, "refused")
        }).pipe(Effect.scoped)
    )
  })

  describe("the child of a child that is taken back", () => {
    const parents = (pause: number) =>
      story((id) => Effect.andThen(child(), Effect.andThen(Effect.sleep(pause), c(id))))
    const script = ({ outside }: TestJournal) => outside.answer("c", refuses)

    it.effect("and that still runs is cancelled, whatever crashes in between", () =>
      Effect.gen(function* () {
        const children = Child.toLayer(() =>
          Effect.andThen(Effect.orDie(x("1")), Grandchild.execute({ id: "g" }, { discard: true }))
        )
        const grand = grandchildren(() => Effect.andThen(Effect.sleep("1 hour"), g("1")))
        for (const pause of [0, 1000]) {
          const play = { workflows: Layer.mergeAll(parents(pause), children, grand), ask: ask(), script }
          for (const { answer, contradictions, crash, journal } of yield* performEverywhere(harness, play)) {
            const what = `${crash}, failed after ${pause} ms`
            assert.deepStrictEqual(contradictions, [], what)
            assert.strictEqual(Exit.isSuccess(answer) && answer.value.status, "refused", what)
            assert.deepStrictEqual(journal.outside.happened, ["x", "undo x"], what)
            const ends = [...journal.committed.rows.values()].map(({ status, workflow }) => [workflow, status])
            assert.deepStrictEqual(
              Object.fromEntries(ends),
              { Story: "refused", Child: "cancelled", Grandchild: "cancelled" },
              what
            )
          }
        }
      })
    )

    it.effect("and that had ended is taken back before it, whatever crashes in between", () =>
      Effect.gen(function* () {
        const children = Child.toLayer(() => Effect.orDie(Effect.andThen(x("1"), Grandchild.execute({ id: "g" }))))
        const play = {
          workflows: Layer.mergeAll(
            parents(10),
            children,
            grandchildren(() => g("1"))
          ),
          ask: ask(),
          script
        }
        for (const { answer, contradictions, crash, journal } of yield* performEverywhere(harness, play)) {
          assert.deepStrictEqual(contradictions, [], crash)
          assert.strictEqual(Exit.isSuccess(answer) && answer.value.status, "refused", crash)
          assert.deepStrictEqual(journal.outside.happened, ["x", "g", "undo g", "undo x"], crash)
        }
      })
    )
  })
}
