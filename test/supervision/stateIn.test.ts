/**
 * Streams as states: when the upstream runs, what stays of it, and what subscribers see.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Clock, Data, Effect, Exit, Fiber, Queue, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { stateIn, type StateView, UncaughtHandler } from "firebreak/supervision"
import { Trail } from "../support/virtual.ts"

/** An upstream that is told what to emit, and says when it is started and cancelled. */
const controlled = (trail: Trail) =>
  Effect.map(Queue.unbounded<string>(), (values) => ({
    emit: (value: string) => Effect.andThen(Queue.offer(values, value), settle),
    stream: Stream.unwrap(Effect.as(trail.log("upstream started"), Stream.fromQueue(values))).pipe(
      Stream.ensuring(trail.log("upstream cancelled"))
    )
  }))

/** Everything that can run at this instant has run. */
const settle = TestClock.adjust(0)

const follow = <A>(trail: Trail, name: string, state: StateView<A>) =>
  Stream.runForEach(state.changes, (value) => trail.log(`${name} sees ${String(value)}`)).pipe(
    Effect.onExit((exit) => (Exit.isSuccess(exit) ? trail.log(`${name} ends`) : Effect.void)),
    Effect.forkChild({ startImmediately: true }),
    Effect.tap(settle)
  )

describe("stateIn", () => {
  it.effect("has its initial value, and does not start the upstream, before anybody subscribes", () =>
    Effect.gen(function* () {
      const trail = new Trail()
      const upstream = yield* controlled(trail)
      const state = yield* stateIn(upstream.stream, { initial: "loading", whileSubscribed: 100 })
      yield* upstream.emit("never seen yet")
      assert.strictEqual(yield* state.value, "loading")
      assert.deepStrictEqual(trail.events, [])
    })
  )

  it.effect("starts with the first subscriber, is shared, and shows each new value once", () =>
    Effect.gen(function* () {
      const trail = new Trail()
      const upstream = yield* controlled(trail)
      const state = yield* stateIn(upstream.stream, { initial: "loading", whileSubscribed: 100 })
      yield* follow(trail, "ann", state)
      yield* upstream.emit("one")
      yield* upstream.emit("one")
      yield* follow(trail, "bob", state)
      yield* upstream.emit("two")
      assert.strictEqual(yield* state.value, "two")
      assert.deepStrictEqual(trail.events, [
        "0 ann sees loading",
        "0 upstream started",
        "0 ann sees one",
        "0 bob sees one",
        "0 ann sees two",
        "0 bob sees two"
      ])
    })
  )

  it.effect("goes on when somebody comes back in time, and is cancelled when nobody does, keeping its value", () =>
    Effect.gen(function* () {
      const trail = new Trail()
      const upstream = yield* controlled(trail)
      const state = yield* stateIn(upstream.stream, { initial: "loading", whileSubscribed: 100 })
      const ann = yield* follow(trail, "ann", state)
      yield* upstream.emit("one")
      yield* Fiber.interrupt(ann)
      yield* TestClock.adjust(99)
      const bob = yield* follow(trail, "bob", state)
      yield* Fiber.interrupt(bob)
      yield* TestClock.adjust(500)
      assert.strictEqual(yield* state.value, "one")
      yield* follow(trail, "cis", state)
      assert.deepStrictEqual(trail.events, [
        "0 ann sees loading",
        "0 upstream started",
        "0 ann sees one",
        "99 bob sees one",
        "199 upstream cancelled",
        "599 cis sees one",
        "599 upstream started"
      ])
    })
  )

  it.effect("lets a slow subscriber skip to the latest value", () =>
    Effect.gen(function* () {
      const trail = new Trail()
      const upstream = yield* controlled(trail)
      const state = yield* stateIn(upstream.stream, { initial: "loading", whileSubscribed: 100 })
      yield* Stream.runForEach(state.changes, (value) => Effect.andThen(trail.log(value), Effect.sleep(50))).pipe(
        Effect.forkChild({ startImmediately: true })
      )
      yield* settle
      for (const value of ["one", "two", "three"]) yield* upstream.emit(value)
      yield* TestClock.adjust(60)
      for (const value of ["four", "three"]) yield* upstream.emit(value)
      yield* TestClock.adjust(100)
      assert.deepStrictEqual(trail.events, ["0 loading", "0 upstream started", "50 three"])
    })
  )

  it.effect("takes values that are equal for the same one", () =>
    Effect.gen(function* () {
      class Orders extends Data.Class<{ readonly count: number }> {}
      const trail = new Trail()
      const state = yield* stateIn(
        Stream.fromIterable([1, 1, 2]).pipe(
          Stream.mapEffect((count) => Effect.as(Effect.sleep(10), new Orders({ count })))
        ),
        { initial: undefined, whileSubscribed: 0 }
      )
      yield* Stream.runForEach(state.changes, (orders) => trail.log(`${orders?.count}`)).pipe(
        Effect.forkChild({ startImmediately: true })
      )
      yield* TestClock.adjust(100)
      assert.deepStrictEqual(trail.events, ["0 undefined", "10 1", "30 2"])
    })
  )

  it.effect("keeps its subscribers and its value when the upstream completes, and starts it again for later ones", () =>
    Effect.gen(function* () {
      const trail = new Trail()
      const upstream = Stream.unwrap(Effect.as(trail.log("upstream started"), Stream.make("one")))
      const state = yield* stateIn(upstream, { initial: "loading", whileSubscribed: 100 })
      const ann = yield* follow(trail, "ann", state)
      yield* TestClock.adjust(1000)
      assert.strictEqual(ann.pollUnsafe(), undefined)
      yield* Fiber.interrupt(ann)
      yield* TestClock.adjust(100)
      yield* follow(trail, "bob", state)
      assert.deepStrictEqual(trail.events, [
        "0 ann sees loading",
        "0 upstream started",
        "0 ann sees one",
        "1100 bob sees one",
        "1100 upstream started"
      ])
    })
  )

  it.effect("tells the uncaught handler of a defect of the upstream; subscribers keep the last value", () =>
    Effect.gen(function* () {
      const trail = new Trail()
      const upstream = Stream.concat(Stream.make("one"), Stream.die("boom"))
      const state = yield* stateIn(upstream, { initial: "loading", whileSubscribed: 100, name: "orders" }).pipe(
        Effect.provideService(UncaughtHandler, ({ cause, job }) => trail.log(`${job}: ${String(Cause.squash(cause))}`))
      )
      const ann = yield* follow(trail, "ann", state)
      yield* TestClock.adjust(1000)
      assert.strictEqual(ann.pollUnsafe(), undefined)
      assert.strictEqual(yield* state.value, "one")
      assert.deepStrictEqual(trail.events, ["0 ann sees loading", "0 ann sees one", "0 orders: boom"])
    })
  )

  it.effect("ends with its scope: the upstream is cancelled, subscribers complete, later ones see the last value", () =>
    Effect.gen(function* () {
      const trail = new Trail()
      const upstream = yield* controlled(trail)
      const scope = yield* Scope.make()
      const state = yield* stateIn(upstream.stream, { initial: "loading", whileSubscribed: 100 }).pipe(
        Scope.provide(scope)
      )
      yield* follow(trail, "ann", state)
      yield* upstream.emit("one")
      yield* Scope.close(scope, Exit.void)
      yield* settle
      yield* follow(trail, "bob", state)
      assert.deepStrictEqual(trail.events, [
        "0 ann sees loading",
        "0 upstream started",
        "0 ann sees one",
        "0 ann ends",
        "0 upstream cancelled",
        "0 bob sees one",
        "0 bob ends"
      ])
    })
  )

  it.effect("runs the upstream with the services of its maker", () =>
    Effect.gen(function* () {
      const times = Stream.fromEffect(Clock.currentTimeMillis)
      const state = yield* stateIn(times, { initial: -1, whileSubscribed: 0 }).pipe(
        Effect.provideService(Clock.Clock, { ...(yield* Clock.Clock), currentTimeMillis: Effect.succeed(42) })
      )
      const seen = yield* state.changes.pipe(Stream.take(2), Stream.runCollect)
      assert.deepStrictEqual(seen, [-1, 42])
    })
  )
})
