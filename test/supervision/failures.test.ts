/**
 * What a scope's cause holds, and what becomes of it in the hands of Effect.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Equal, Exit, Hash, Option, Schema } from "effect"
import { coroutineScope, failuresOf, prettyFailures } from "firebreak/supervision"

class Broken extends Schema.TaggedError<Broken>()("Broken", { part: Schema.String }) {
  override get message() {
    return `${this.part} is broken`
  }
}

const slowTo = (end: Effect.Effect<never, Broken>) => Effect.uninterruptible(Effect.andThen(Effect.yieldNow, end))

const threeFailures = coroutineScope(
  function* (scope) {
    yield* scope.launch(Effect.andThen(Effect.yieldNow, new Broken({ part: "mug" })), { name: "first" })
    yield* scope.launch(slowTo(Effect.die(new Error("bug"))), { name: "second" })
    yield* scope.launch(slowTo(Effect.fail(new Broken({ part: "cup" }))), { name: "third" })
  },
  { name: "table" }
)

const causeOf = <E>(effect: Effect.Effect<unknown, E>) =>
  Effect.map(Effect.exit(effect), (exit) => (Exit.isFailure(exit) ? exit.cause : Cause.empty))

describe("the failures of a scope", () => {
  it.effect("are all there, in order, each under its job's path", () =>
    Effect.gen(function* () {
      const failures = failuresOf(yield* causeOf(threeFailures))
      assert.deepStrictEqual(
        failures.map(({ cause, job }) => `${job}: ${(Cause.squash(cause) as Error).message}`),
        ["table / first: mug is broken", "table / second: bug", "table / third: cup is broken"]
      )
    })
  )

  it.effect("leave the first one catchable although another job died, and the typed ones in the cause", () =>
    Effect.gen(function* () {
      const cause = yield* causeOf(threeFailures)
      assert.deepStrictEqual(
        Option.map(Cause.findErrorOption(cause), (error) => error.part),
        Option.some("mug")
      )
      assert.deepStrictEqual(
        cause.reasons.map((reason) => reason._tag),
        ["Fail", "Fail"]
      )
    })
  )

  it.effect("keep the order over nested scopes, each with its full path", () =>
    Effect.gen(function* () {
      const nested = coroutineScope(function* (scope) {
        yield* scope.launch(threeFailures, { name: "inner" })
        yield* scope.launch(slowTo(Effect.andThen(Effect.yieldNow, Effect.die("later"))), { name: "outer" })
      })
      const failures = failuresOf(yield* causeOf(nested))
      assert.sameMembers(
        failures.map(({ job }) => job),
        [
          "scope / inner / table / first",
          "scope / inner / table / second",
          "scope / inner / table / third",
          "scope / outer"
        ]
      )
      assert.strictEqual(failures[0]?.job, "scope / inner / table / first")
    })
  )

  it.effect("are printed one under the other", () =>
    Effect.gen(function* () {
      const text = prettyFailures(yield* causeOf(threeFailures))
      assert.deepStrictEqual(
        text.split("\n").filter((line) => !line.includes(" at ")),
        [
          "failed first: table / first",
          "  Broken: mug is broken",
          "then failed: table / second",
          "  Error: bug",
          "then failed: table / third",
          "  Broken: cup is broken"
        ]
      )
      assert.strictEqual(prettyFailures(Cause.fail("plain")), Cause.pretty(Cause.fail("plain")))
    })
  )

  it.effect("can be compared and hashed like any cause", () =>
    Effect.gen(function* () {
      const cause = yield* causeOf(threeFailures)
      assert.isTrue(Equal.equals(cause, cause))
      assert.isFalse(Equal.equals(cause, yield* causeOf(threeFailures)))
      assert.strictEqual(Hash.hash(cause), Hash.hash(cause))
    })
  )

  it.effect(
    "inside one fiber, a dying finalizer makes two defects of a failure: only its author can prevent that",
    () =>
      Effect.gen(function* () {
        const program = coroutineScope(function* (scope) {
          yield* scope.launch(
            Effect.fail(new Broken({ part: "mug" })).pipe(Effect.ensuring(Effect.die("closing failed")))
          )
        })
        const cause = yield* causeOf(program)
        assert.deepStrictEqual(
          cause.reasons.map((reason) => reason._tag),
          ["Die", "Die"]
        )
      })
  )
})
