/**
 * The laws of what was asked for in vain: what nobody waits for any more before it was written down does not begin.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { Activity } from "effect/workflow"
import { supervisorScope } from "firebreak/supervision"
import { StepKey } from "firebreak/workflows"
import { go, waits } from "./comingBack.ts"
import { Child, child, x } from "./families.ts"
import { type Harness, testJournal, type TestJournal } from "./harness.ts"
import { Sorry, World } from "./Outside.ts"
import { a, ask, cancel, story } from "./stories.ts"
import { failing, inScope, letter } from "./undoing.ts"

const key = StepKey.make("0".repeat(64))
const tell = (what: string) => World.use((world) => world.call(what, key))
const activity = Activity.make({
  name: "activity",
  success: Schema.String,
  error: Sorry,
  execute: tell("activity") as Effect.Effect<string, Sorry, World> // sound: what the outside gives is checked by the schemas
})

export const notBegunLaws = (harness: Harness): void => {
  describe("what nobody waits for any more before it was written down", () => {
    const kinds: { readonly [name: string]: (id: string) => Effect.Effect<unknown, any, any> } = {
      "a step": (id) => letter(id),
      "a step that leaves something to take back": (id) => a(id),
      "a plain activity": () => activity,
      "a child": () => child()
    }
    const withChildren = (body: (id: string) => Effect.Effect<unknown, any, any>) =>
      Layer.merge(
        story(body),
        Child.toLayer(() => Effect.orDie(x("1")))
      )
    const isAsked = ({ committed }: TestJournal) =>
      committed.kinds().some((kind) => /^(step|activity|child) /.test(kind))
    const hasBegun = ({ committed, outside }: TestJournal) => outside.asked.length > 0 || committed.rows.size > 1

    for (const [name, asked] of Object.entries(kinds)) {
      // The id of a child is made on a thread of its own: it is not asked for in the same turn.
      if (name !== "a child")
        it.effect(`does not begin: ${name}, of a scope that failed in the same turn`, () =>
          Effect.gen(function* () {
            const journal = yield* testJournal(harness)
            const life = yield* journal.open(
              withChildren((id) =>
                inScope(function* () {
                  yield* Effect.forkChild(asked(id))
                  yield* Effect.yieldNow
                  yield* failing
                })
              )
            )
            const rest = yield* life.do(ask())
            yield* life.pass(10_000)
            assert.strictEqual(rest.status, "refused")
            assert.isTrue(isAsked(journal))
            assert.isFalse(hasBegun(journal))
          }).pipe(Effect.scoped)
        )

      it.effect(`does not begin: ${name}, whenever a cancel comes`, () =>
        Effect.gen(function* () {
          const seen = new Set<string>()
          for (let at = 0; at <= 24; at += harness.isQuick ? 1 : 4) {
            const what = `cancelled ${at} ms after it could go on`
            const journal = yield* testJournal(harness)
            const commits = { around: (_: number, commit: Effect.Effect<any, any>) => Effect.delay(commit, 10) }
            const life = yield* journal.open(
              withChildren((id) => Effect.andThen(waits, asked(id))),
              commits
            )
            life.launch(ask())
            yield* life.pass(100)
            life.launch(go())
            yield* life.pass(at)
            const isWritten = isAsked(journal)
            life.launch(cancel())
            yield* life.pass(10_000)
            if (!isWritten) assert.isFalse(hasBegun(journal), what)
            assert.include(["cancelled", "completed"], (yield* life.do(ask())).status, what)
            if (isAsked(journal)) seen.add(isWritten ? "begun" : "asked for in vain")
          }
          assert.deepStrictEqual([...seen], ["asked for in vain", "begun"])
        }).pipe(Effect.scoped)
      )
    }

    it.effect("is told all the same, where it is the handler of a failure", () =>
      Effect.gen(function* () {
        const seen = new Set<string>()
        for (let at = 0; at <= 24; at += harness.isQuick ? 1 : 4) {
          const what = `cancelled ${at} ms after it could go on`
          const journal = yield* testJournal(harness)
          const life = yield* journal.open(
            story(() =>
              Effect.andThen(
                waits,
                supervisorScope(function* (scope) {
                  yield* scope.launch(failing, { onFailure: () => Effect.asVoid(Effect.orDie(tell("handled"))) })
                  yield* Effect.sleep("1 hour")
                })
              )
            ),
            { around: (_, commit) => Effect.delay(commit, 10) }
          )
          life.launch(ask())
          yield* life.pass(100)
          life.launch(go())
          yield* life.pass(at)
          const isHandled = () => journal.committed.kinds().some((kind) => kind.startsWith("handler"))
          const isWritten = isHandled()
          life.launch(cancel())
          yield* life.pass(10_000)
          assert.strictEqual(yield* Effect.map(life.do(ask()), ({ status }) => status), "cancelled", what)
          assert.strictEqual(journal.outside.asks("handled"), isHandled() ? 1 : 0, what)
          if (isHandled()) seen.add(isWritten ? "written down" : "asked for")
        }
        assert.deepStrictEqual([...seen], ["asked for", "written down"])
      }).pipe(Effect.scoped)
    )
  })
}
