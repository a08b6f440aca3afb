/**
 * Critical sections: what cannot be cancelled, and what is told when it takes too long.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Context, Data, Deferred, Duration, Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import {
  coroutineScope,
  CriticalSectionOverran,
  nonCancellable,
  UncaughtHandler,
  withTimeout
} from "firebreak/supervision"
import { run, Trail } from "../support/virtual.ts"

class E1 extends Data.TaggedError("E1")<{}> {}

/** Gives what the handler was told of, as messages, and what the handler itself does. */
const listening = (trail: Trail, handling: Effect.Effect<void> = Effect.void) =>
  Effect.provideService(UncaughtHandler, ({ cause, job }) =>
    Effect.andThen(trail.log(`told ${job}: ${(Cause.squash(cause) as Error).message}`), handling)
  )

describe("a critical section", () => {
  it.effect("runs to its end although everything around it is cancelled, and the cancellation takes effect there", () =>
    Effect.gen(function* () {
      const trail = new Trail()
      const { exit, left } = yield* run(
        coroutineScope(function* (scope) {
          const job = yield* scope.launch(
            Effect.andThen(
              nonCancellable(Effect.andThen(trail.work("mark", 50), trail.work("acknowledge", 50)), {
                within: "1 second"
              }),
              trail.log("unreachable")
            )
          )
          yield* Effect.sleep(75)
          yield* job.cancelAndJoin
          yield* trail.log(yield* job.status)
        })
      )
      assert.deepStrictEqual(trail.events, ["50 mark", "100 acknowledge", "100 cancelled"])
      assert.deepStrictEqual([exit, left], [Exit.void, 0])
    })
  )

  it.effect("is reported once with its name when its bound passes, and goes on", () =>
    Effect.gen(function* () {
      const trail = new Trail()
      const { left } = yield* run(
        coroutineScope(
          function* (scope) {
            yield* scope.launch(nonCancellable(trail.work("acknowledge", 500), { name: "ack", within: 100 }), {
              name: "message"
            })
          },
          { name: "queue" }
        ).pipe(listening(trail))
      )
      assert.deepStrictEqual(trail.events, [
        `100 told queue / message / ack: critical section "queue / message / ack" still runs after 100ms: until it ends, nothing around it can be cancelled`,
        "500 acknowledge"
      ])
      assert.strictEqual(left, 0)
    })
  )

  it.effect("tells nobody when it ends in time, and leaves no timer", () =>
    Effect.gen(function* () {
      const trail = new Trail()
      const { at, exit, left } = yield* run(
        nonCancellable(trail.work("acknowledge", 99), { within: 100 }).pipe(listening(trail))
      )
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(trail.events, ["99 acknowledge"])
      assert.deepStrictEqual([exit, at, left], [Exit.succeed("acknowledge"), 99, 0])
    })
  )

  it.effect("is told on with its bound as data, by a handler that it does not wait for before its end", () =>
    Effect.gen(function* () {
      const told = yield* Deferred.make<unknown>()
      const { at } = yield* run(
        nonCancellable(Effect.sleep(300), { name: "ack", within: "0.1 seconds" }).pipe(
          Effect.provideService(UncaughtHandler, ({ cause }) =>
            Effect.andThen(Deferred.succeed(told, Cause.squash(cause)), Effect.sleep(150))
          )
        )
      )
      const overran = yield* Deferred.await(told)
      assert.instanceOf(overran, CriticalSectionOverran)
      assert.strictEqual(Duration.toMillis(overran.within), 100)
      assert.strictEqual(at, 300)
    })
  )

  it.effect("waits at its end for a report that is under way, and survives a handler that dies", () =>
    Effect.gen(function* () {
      const trail = new Trail()
      const slow = yield* run(
        nonCancellable(trail.work("acknowledge", 150), { within: 100 }).pipe(listening(trail, Effect.sleep(100)))
      )
      assert.deepStrictEqual([slow.exit, slow.at, slow.left], [Exit.succeed("acknowledge"), 200, 0])
      const dying = yield* run(
        nonCancellable(Effect.sleep(150), { within: 100 }).pipe(listening(trail, Effect.die("the handler")))
      )
      assert.deepStrictEqual(dying.exit, Exit.void)
    })
  )

  it.effect("keeps its failure beside a cancellation that came meanwhile", () =>
    Effect.gen(function* () {
      const failing = nonCancellable(Effect.andThen(Effect.sleep(50), Effect.fail(new E1())), { within: 100 })
      const fiber = yield* Effect.forkChild(failing, { startImmediately: true })
      fiber.interruptUnsafe()
      yield* TestClock.adjust(50)
      const exit = yield* Fiber.await(fiber)
      const reasons = Exit.isFailure(exit) ? exit.cause.reasons.map((reason) => reason._tag) : []
      assert.deepStrictEqual(reasons.toSorted(), ["Fail", "Interrupt"])
    })
  )

  it.effect("protects what would let itself be cancelled, too", () =>
    Effect.gen(function* () {
      const trail = new Trail()
      const fiber = yield* Effect.forkChild(
        nonCancellable(Effect.interruptible(trail.work("acknowledge", 50)), { within: 100 }),
        { startImmediately: true }
      )
      fiber.interruptUnsafe()
      yield* TestClock.adjust(50)
      yield* Fiber.await(fiber)
      assert.deepStrictEqual(trail.events, ["50 acknowledge"])
    })
  )

  it.effect("lets scopes, failures and time limits inside it work as anywhere", () =>
    Effect.gen(function* () {
      const trail = new Trail()
      const { exit, left } = yield* run(
        nonCancellable(
          coroutineScope(function* (scope) {
            yield* scope.launch(trail.work("sibling", 1000))
            yield* scope.launch(withTimeout(trail.work("slow", 500), 50))
          }),
          { within: "1 second" }
        )
      )
      assert.deepStrictEqual(trail.events, ["50 slow cancelled", "50 sibling cancelled"])
      assert.deepStrictEqual([tagOf(exit), left], ["DeadlineExceeded", 0])
    })
  )

  it.effect("passes on what is around it, and its value when it never waits", () =>
    Effect.gen(function* () {
      const Answer = Context.Service<number>("Answer")
      const value = yield* Effect.service(Answer).pipe(
        nonCancellable({ within: "1 second" }),
        Effect.provideService(Answer, 42)
      )
      assert.strictEqual(value, 42)
    })
  )

  it.effect("ten thousand, one in the other, do not grow the stack", () =>
    Effect.gen(function* () {
      let nested: Effect.Effect<number> = Effect.as(Effect.sleep(1), 42)
      for (let depth = 0; depth < 10_000; depth++) nested = nonCancellable(nested, { within: "1 second" })
      const { exit, left } = yield* run(nested)
      assert.deepStrictEqual([exit, left], [Exit.succeed(42), 0])
    })
  )
})

const tagOf = <E extends { readonly _tag: string }>(exit: Exit.Exit<unknown, E>): string =>
  Exit.isSuccess(exit) ? "succeeds" : (exit.cause.reasons.find(Cause.isFailReason)?.error._tag ?? "no typed failure")
