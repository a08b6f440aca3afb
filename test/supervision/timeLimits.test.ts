/**
 * Time limits: what they cancel, what they wait for, and which of several has passed.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Data, Duration, Effect, Exit, Fiber, Layer, Option, Schema } from "effect"
import { Activity, DurableDeferred, Workflow, WorkflowEngine } from "effect/workflow"
import { TestClock } from "effect/testing"
import {
  coroutineScope,
  DeadlineExceeded,
  nonCancellable,
  supervisorScope,
  withTimeout,
  withTimeoutOption
} from "firebreak/supervision"
import { run, Trail } from "../support/virtual.ts"

class E1 extends Data.TaggedError("E1")<{}> {}

/** How it ended: a value, or what the limits that passed said. */
const told = (exit: Exit.Exit<unknown, { readonly message: string }>): unknown =>
  Exit.isSuccess(exit)
    ? exit.value
    : exit.cause.reasons.map((reason) =>
        Cause.isFailReason(reason) ? reason.error.message || reason.error : reason._tag
      )

describe("withTimeout", () => {
  it.effect("fails when all under the limit has ended, finalizers and jobs included", () =>
    Effect.gen(function* () {
      const trail = new Trail()
      const { at, exit, left } = yield* run(
        withTimeout(
          coroutineScope(function* (scope) {
            yield* scope.launch(trail.work("job", 500).pipe(Effect.ensuring(trail.work("give back", 30))))
            yield* scope.launch(nonCancellable(trail.work("critical", 100), { within: "1 second" }))
          }),
          50,
          { name: "charge" }
        )
      )
      assert.deepStrictEqual(trail.events, ["50 job cancelled", "80 give back", "100 critical"])
      assert.deepStrictEqual(told(exit), ['"charge" was not done within 50ms: it was cancelled'])
      assert.deepStrictEqual([at, left], [100, 0])
    })
  )

  it.effect("gives the value in time, of what ends in the instant of the deadline too, and leaves no timer", () =>
    Effect.gen(function* () {
      for (const ms of [0, 1, 50]) {
        const { at, exit, left } = yield* run(withTimeout(Effect.as(Effect.sleep(ms), ms), 50))
        assert.deepStrictEqual([exit, left], [Exit.succeed(ms), 0])
        yield* TestClock.setTime(0)
        assert.strictEqual(at, ms)
      }
    })
  )

  it.effect("passes other failures and defects on, before the deadline and during the cancelling", () =>
    Effect.gen(function* () {
      const trail = new Trail()
      const before = yield* run(withTimeout(trail.failing(10, new E1()), 50))
      assert.deepStrictEqual(before.exit, Exit.fail(new E1()))
      const during = yield* run(withTimeout(Effect.uninterruptible(trail.failing(100, new E1())), 50))
      assert.deepStrictEqual(during.exit, Exit.fail(new E1()))
      const dying = yield* run(withTimeout(Effect.never.pipe(Effect.ensuring(Effect.die("boom"))), 50))
      assert.deepStrictEqual(dying.exit, Exit.die("boom"))
    })
  )

  it.effect("drops a value that comes after the deadline", () =>
    Effect.gen(function* () {
      const late = Effect.as(Effect.sleep(100), "late")
      const swallowing = Effect.as(Effect.exit(Effect.never), "a value after all")
      for (const block of [nonCancellable(late, { within: "1 second" }), Effect.uninterruptible(late), swallowing]) {
        const { exit } = yield* run(withTimeout(block, 50))
        assert.deepStrictEqual(told(exit), ["not done within 50ms: it was cancelled"])
        assert.deepStrictEqual((yield* run(withTimeoutOption(block, 50))).exit, Exit.succeed(Option.none()))
      }
    })
  )

  it.effect("expires at once when there is no time, and runs nothing", () =>
    Effect.gen(function* () {
      const trail = new Trail()
      for (const none of [0, -1, Duration.negativeInfinity]) {
        assert.strictEqual(Exit.isFailure((yield* run(withTimeout(trail.log("ran"), none))).exit), true)
        assert.deepStrictEqual(
          (yield* run(withTimeoutOption(trail.log("ran"), none))).exit,
          Exit.succeed(Option.none())
        )
      }
      assert.deepStrictEqual(trail.events, [])
    })
  )

  it.effect("never expires when the time is without end", () =>
    Effect.gen(function* () {
      const { exit } = yield* run(withTimeout(Effect.as(Effect.sleep(1000), "in time"), Duration.infinity))
      assert.deepStrictEqual(exit, Exit.succeed("in time"))
    })
  )

  it.effect("the outer of two that has passed wins, also over an inner one that waits for a finalizer", () =>
    Effect.gen(function* () {
      const slow = Effect.never.pipe(Effect.ensuring(Effect.sleep(100)))
      const outerFirst = withTimeout(withTimeout(slow, 500, { name: "inner" }), 50, { name: "outer" })
      assert.deepStrictEqual(told((yield* run(outerFirst)).exit), [
        '"outer" was not done within 50ms: it was cancelled'
      ])
      const innerFirst = withTimeout(withTimeout(slow, 50, { name: "inner" }), 100, { name: "outer" })
      assert.deepStrictEqual(told((yield* run(innerFirst)).exit), [
        '"outer" was not done within 100ms: it was cancelled'
      ])
      const innerOnly = withTimeout(withTimeout(slow, 50, { name: "inner" }), 500, { name: "outer" })
      assert.deepStrictEqual(told((yield* run(innerOnly)).exit), ['"inner" was not done within 50ms: it was cancelled'])
    })
  )

  it.effect("waits for the end of what it limits when it is cancelled itself, and keeps its failure", () =>
    Effect.gen(function* () {
      const trail = new Trail()
      const cleaning = Effect.never.pipe(Effect.ensuring(trail.work("give back", 100)))
      const cancelled = yield* run(
        supervisorScope(function* (scope) {
          const job = yield* scope.async(withTimeout(cleaning, 500))
          yield* Effect.sleep(10)
          yield* job.cancelAndJoin
          yield* trail.log(yield* job.status)
        })
      )
      assert.deepStrictEqual(trail.events, ["110 give back", "110 cancelled"])
      assert.strictEqual(cancelled.left, 0)

      const fiber = yield* Effect.forkChild(withTimeout(Effect.uninterruptible(trail.failing(50, new E1())), 500), {
        startImmediately: true
      })
      fiber.interruptUnsafe()
      yield* TestClock.adjust(50)
      const exit = yield* Fiber.await(fiber)
      assert.strictEqual(Exit.isFailure(exit) && exit.cause.reasons.some((reason) => Cause.isFailReason(reason)), true)
    })
  )

  it.effect("limits what runs inside a critical section", () =>
    Effect.gen(function* () {
      const { at, exit } = yield* run(nonCancellable(withTimeout(Effect.never, 50), { within: "1 second" }))
      assert.deepStrictEqual([told(exit), at], [["not done within 50ms: it was cancelled"], 50])
    })
  )

  it.effect("lets an interruption pass that nobody asked for", () =>
    Effect.gen(function* () {
      const { exit } = yield* run(withTimeoutOption(Effect.andThen(Effect.sleep(10), Effect.interrupt), 50))
      assert.strictEqual(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause), true)
    })
  )

  it.effect("ten thousand limits, one in the other, do not grow the stack", () =>
    Effect.gen(function* () {
      let nested: Effect.Effect<never, DeadlineExceeded> = withTimeout(Effect.never, 50)
      for (let depth = 0; depth < 10_000; depth++) nested = withTimeout(nested, "1 minute")
      const { exit, left } = yield* run(nested)
      assert.deepStrictEqual([told(exit), left], [["not done within 50ms: it was cancelled"], 0])
    })
  )
})

describe("withTimeoutOption", () => {
  it.effect("answers for its own limit only", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* run(withTimeoutOption(Effect.never, 50))).exit, Exit.succeed(Option.none()))
      assert.deepStrictEqual((yield* run(withTimeoutOption(Effect.succeed(1), 50))).exit, Exit.succeed(Option.some(1)))
      const foreign = withTimeoutOption(withTimeout(Effect.never, 50, { name: "inner" }), 500)
      assert.deepStrictEqual(told((yield* run(foreign)).exit), ['"inner" was not done within 50ms: it was cancelled'])
      const outerFirst = withTimeoutOption(withTimeout(Effect.never, 500), 50)
      assert.deepStrictEqual((yield* run(outerFirst)).exit, Exit.succeed(Option.none()))
    })
  )
})

/** The types, read by the compiler: a limit adds its failure and nothing else, in generic code too. */
type Limited<A, E, R> = Effect.Effect<A, E | DeadlineExceeded, R>
export const limitedAnything = <A, E, R>(effect: Effect.Effect<A, E, R>): Limited<A, E, R> => withTimeout(effect, 1)
export const pipedLimit: Limited<number, E1, never> = trailOf(1).pipe(withTimeout("1 second", { name: "one" }))
export const optional: Effect.Effect<Option.Option<number>, E1> = withTimeoutOption(trailOf(1), "1 second")

function trailOf(value: number): Effect.Effect<number, E1> {
  return Effect.succeed(value)
}

describe("DeadlineExceeded", () => {
  it("is a failure that can be written down and read back", () => {
    const codec = Schema.toCodecJson(DeadlineExceeded)
    const exceeded = new DeadlineExceeded({ after: Duration.seconds(5), what: "charge" })
    const written = JSON.stringify(Schema.encodeSync(codec)(exceeded))
    assert.strictEqual(written, '{"_tag":"DeadlineExceeded","after":5000,"what":"charge"}')
    assert.strictEqual(Schema.decodeUnknownSync(codec)(JSON.parse(written)).message, exceeded.message)
  })
})

describe("in a durable workflow", () => {
  it.effect("a suspension under a limit suspends the run, and is not taken for the end of the time", () =>
    Effect.gen(function* () {
      const trail = new Trail()
      const Signal = DurableDeferred.make("signal", { success: Schema.String })
      const Durable = Workflow.make("Durable", {
        payload: { id: Schema.String },
        success: Schema.String,
        error: DeadlineExceeded,
        idempotencyKey: ({ id }) => id
      })
      const layer = Durable.toLayer(() =>
        Effect.gen(function* () {
          yield* Activity.make({ name: "first", execute: trail.log("first") })
          const limited = withTimeout(withTimeoutOption(DurableDeferred.await(Signal), "1 hour"), "2 hours")
          return Option.getOrElse(yield* limited, () => "expired")
        })
      )
      const story = Effect.gen(function* () {
        const executionId = yield* Durable.execute({ id: "1" }, { discard: true })
        const look = Durable.poll(executionId)
        yield* until(Effect.map(look, (result) => Option.isSome(result) && result.value._tag === "Suspended"))
        const token = DurableDeferred.tokenFromExecutionId(Signal, { workflow: Durable, executionId })
        yield* DurableDeferred.succeed(Signal, { token, value: "signalled" })
        yield* until(Effect.map(look, (result) => Option.isSome(result) && result.value._tag === "Complete"))
        return yield* Durable.execute({ id: "1" })
      })
      const result = yield* Effect.provide(story, Layer.provideMerge(layer, WorkflowEngine.layerMemory))
      assert.deepStrictEqual([result, trail.events], ["signalled", ["0 first"]])
    })
  )
})

/** Lets the engine run, which hashes its ids asynchronously, until `look` says yes. */
const until = <R>(look: Effect.Effect<boolean, never, R>): Effect.Effect<void, never, R> =>
  Effect.gen(function* () {
    for (let turn = 0; turn < 5000; turn++) {
      if (yield* look) return
      yield* Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))
    }
    return yield* Effect.die("nothing happened for many turns")
  })
