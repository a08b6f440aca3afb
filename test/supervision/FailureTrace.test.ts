/**
 * Traces: who failed first, who was cancelled because of whom, who was spared.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Data, Deferred, Effect, Exit, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import {
  coroutineScope,
  FailureRecorder,
  type FailureTrace,
  recordFailures,
  Supervisor,
  supervisorScope,
  type TraceNode,
  UncaughtHandler,
  withTimeout
} from "firebreak/supervision"
import { SuspendableRun } from "../../src/supervision/internal/SuspendableRun.ts"
import { AnyStory } from "../support/anyStory.ts"
import { chance, ShuffledScheduler } from "../support/shuffled.ts"
import { run } from "../support/virtual.ts"

class OutOfStock extends Data.TaggedError("OutOfStock")<{ readonly sku: string }> {
  override get message() {
    return `no ${this.sku} left`
  }
}

const failing = (ms: number) => Effect.andThen(Effect.sleep(ms), Effect.fail(new OutOfStock({ sku: "MUG-1" })))

const traceOf = <A, E, R>(program: Effect.Effect<A, E, R>, keep?: number) =>
  Effect.map(run(recordFailures(program, keep === undefined ? {} : { keep })), ({ exit, left }) => {
    assert.strictEqual(left, 0)
    return Exit.isSuccess(exit) ? exit.value.trace : assert.fail("recording fails")
  })

const all = (nodes: ReadonlyArray<TraceNode>): ReadonlyArray<TraceNode> =>
  nodes.flatMap((node) => [node, ...all(node.children)])

/** Each scope and job with how and because of whom it ended. */
const ends = (trace: FailureTrace): Record<string, string> =>
  Object.fromEntries(
    all(trace.roots).map(({ because, name, spared, state }) => {
      const whose =
        because === undefined ? "" : "name" in because ? ` ${because.kind} ${because.name}` : ` ${because.kind}`
      return [name, `${state}${whose}${spared === undefined ? "" : `, spared from ${spared.name}`}`]
    })
  )

describe("the blast radius of a failure", () => {
  it.effect("is what failed with it, whom it cancelled, and who ran on where it stopped", () =>
    Effect.gen(function* () {
      const trace = yield* traceOf(
        coroutineScope(
          function* (order) {
            yield* order.launch(Effect.sleep(100), { name: "audit" })
            yield* supervisorScope(
              function* (scope) {
                const reserving = yield* scope.async(
                  coroutineScope(
                    function* (shelf) {
                      yield* shelf.launch(failing(20), { name: "north" })
                      yield* shelf.launch(Effect.sleep(90), { name: "south" })
                    },
                    { name: "shelf" }
                  ),
                  { name: "reserve" }
                )
                yield* scope.launch(Effect.sleep(10), { name: "over before" })
                yield* scope.launch(Effect.sleep(50), { name: "notify" })
                yield* Effect.exit(reserving.await)
                yield* scope.launch(Effect.sleep(5), { name: "launched after" })
              },
              { name: "side by side" }
            )
          },
          { name: "order" }
        )
      )
      assert.deepStrictEqual(trace.blastRadius, [
        {
          failed: "order / side by side / reserve / shelf / north",
          error: "OutOfStock: no MUG-1 left",
          at: 20,
          broughtDown: ["order / side by side / reserve / shelf", "order / side by side / reserve"],
          cancelled: ["order / side by side / reserve / shelf / south"],
          spared: ["order / side by side / notify"],
          sparedCount: 1
        }
      ])
      assert.deepStrictEqual(ends(trace), {
        order: "succeeded",
        audit: "succeeded",
        "side by side": "succeeded",
        reserve: "failed failure shelf / north",
        shelf: "failed failure north",
        north: "failed",
        south: "cancelled failure north",
        "over before": "succeeded",
        notify: "succeeded, spared from reserve / shelf / north",
        "launched after": "succeeded"
      })
    })
  )

  it.effect("begins in the body where the body fails, and goes down into all that was running", () =>
    Effect.gen(function* () {
      const trace = yield* traceOf(
        coroutineScope(
          function* (scope) {
            yield* scope.launch(scope.launch(Effect.never, { name: "below" }), { name: "job" })
            yield* scope.launch(
              coroutineScope(
                function* (inner) {
                  yield* inner.launch(Effect.never, { name: "deep" })
                },
                { name: "inner" }
              ),
              { name: "opener" }
            )
            yield* failing(10)
          },
          { name: "outer" }
        )
      )
      assert.deepStrictEqual(ends(trace), {
        outer: "failed",
        job: "cancelled failure outer",
        below: "cancelled failure outer",
        opener: "cancelled failure outer",
        inner: "cancelled failure outer",
        deep: "cancelled failure outer"
      })
      assert.deepStrictEqual(trace.blastRadius[0]?.cancelled, [
        "outer / job",
        "outer / job / below",
        "outer / opener",
        "outer / opener / inner / deep"
      ])
    })
  )

  it.effect("is that of the first failure, also for whom fails while being cancelled", () =>
    Effect.gen(function* () {
      const trace = yield* traceOf(
        coroutineScope(
          function* (scope) {
            yield* scope.launch(Effect.ensuring(Effect.never, Effect.die(new TypeError("broken finalizer"))), {
              name: "second"
            })
            yield* scope.launch(scope.launch(failing(10), { name: "first" }), { name: "launcher" })
          },
          { name: "scope" }
        )
      )
      assert.deepStrictEqual(ends(trace), {
        scope: "failed failure launcher / first",
        second: "failed failure launcher / first",
        launcher: "failed failure first",
        first: "failed"
      })
      assert.deepStrictEqual(
        trace.blastRadius.map(({ broughtDown, cancelled, failed }) => ({ failed, broughtDown, cancelled })),
        [
          {
            failed: "scope / launcher / first",
            broughtDown: ["scope", "scope / launcher"],
            cancelled: ["scope / second"]
          }
        ]
      )
      const second = all(trace.roots).find(({ name }) => name === "second")
      assert.deepStrictEqual(second?.failure, {
        tag: "TypeError",
        message: "TypeError: broken finalizer",
        kind: "defect",
        at: 10
      })
    })
  )

  it.effect("ends where somebody caught the failure and failed with something else", () =>
    Effect.gen(function* () {
      const trace = yield* traceOf(
        supervisorScope(
          function* (scope) {
            const job = yield* scope.async(
              coroutineScope(function* (inner) {
                yield* inner.launch(failing(10), { name: "inside" })
              }).pipe(Effect.catchTag("OutOfStock", () => Effect.fail("gave up"))),
              { name: "translates" }
            )
            yield* Effect.exit(job.await)
          },
          { name: "supervisor" }
        )
      )
      assert.deepStrictEqual(
        trace.blastRadius.map(({ error, failed }) => `${failed}: ${error}`),
        [
          "supervisor / translates / scope / inside: OutOfStock: no MUG-1 left",
          "supervisor / translates: string: gave up"
        ]
      )
    })
  )
})

describe("a cancellation", () => {
  it.effect("is told by who asked: a job, itself, a time limit, somebody outside, a supervisor that was closed", () =>
    Effect.gen(function* () {
      const trace = yield* traceOf(
        Effect.gen(function* () {
          const sync = yield* Supervisor.make({ name: "sync" })
          yield* sync.launch(Effect.never, { name: "poll" })
          yield* coroutineScope(
            function* (scope) {
              const job = yield* scope.launch(Effect.never, { name: "asked" })
              yield* scope.launch(Effect.andThen(Effect.sleep(5), job.cancel), { name: "asks" })
              const leaves = scope.launch(Effect.never, { name: "left behind" })
              yield* scope.launch(Effect.andThen(leaves, Effect.andThen(Effect.sleep(5), Effect.interrupt)), {
                name: "quits"
              })
              const slow = coroutineScope(
                function* (inner) {
                  yield* inner.launch(Effect.never, { name: "slow" })
                },
                { name: "query" }
              )
              yield* scope.launch(Effect.ignore(withTimeout(slow, 10)), { name: "limited" })
            },
            { name: "work" }
          )
          const outside = coroutineScope(
            function* (scope) {
              yield* scope.launch(Effect.never, { name: "victim" })
            },
            { name: "interrupted" }
          )
          yield* Fiber.interrupt(yield* Effect.forkChild(outside, { startImmediately: true }))
        }).pipe(Effect.scoped)
      )
      assert.deepStrictEqual(ends(trace), {
        sync: "succeeded",
        poll: "cancelled asked sync",
        work: "succeeded",
        asked: "cancelled asked asks",
        asks: "succeeded",
        quits: "cancelled itself",
        "left behind": "cancelled asked quits",
        limited: "succeeded",
        query: "cancelled asked limited",
        slow: "cancelled asked limited",
        interrupted: "cancelled outside",
        victim: "cancelled outside"
      })
      assert.deepStrictEqual(trace.blastRadius, [])
    })
  )

  it.effect("of what is launched when its scope is failing already is that failure's doing", () =>
    Effect.gen(function* () {
      const trace = yield* traceOf(
        coroutineScope(
          function* (scope) {
            yield* scope.launch(
              Effect.ensuring(Effect.never, Effect.ignore(scope.launch(Effect.void, { name: "late" }))),
              {
                name: "cancelled"
              }
            )
            yield* scope.launch(failing(10), { name: "first" })
          },
          { name: "scope" }
        )
      )
      assert.strictEqual(ends(trace)["late"], "cancelled failure first")
    })
  )
})

describe("a trace", () => {
  it.effect("is plain data with the times of the recorder's clock", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1000)
      const trace = yield* traceOf(
        coroutineScope(
          function* (scope) {
            yield* Effect.sleep(5)
            yield* scope.launch(Effect.ensuring(Effect.never, Effect.sleep(30)), { name: "slow to end" })
            yield* scope.launch(failing(10), { name: "first" })
          },
          { name: "scope" }
        )
      )
      assert.deepStrictEqual(JSON.parse(JSON.stringify(trace)), trace)
      assert.deepStrictEqual([trace.startedAt, trace.length], [1000, 45])
      assert.deepStrictEqual(
        all(trace.roots).map(({ cancelAskedAt, failure, from, name, to }) => [
          name,
          from,
          cancelAskedAt ?? failure?.at,
          to
        ]),
        [
          ["scope", 0, 15, 45],
          ["slow to end", 5, 15, 45],
          ["first", 5, 15, 15]
        ]
      )
    })
  )

  it.effect("can be taken while everything is still running, and stays as it was", () =>
    Effect.gen(function* () {
      const { trace } = yield* FailureRecorder
      const gate = yield* Deferred.make<void>()
      const fiber = yield* Effect.forkChild(
        coroutineScope(
          function* (scope) {
            yield* scope.launch(Deferred.await(gate), { name: "waits" })
            const ending = yield* scope.launch(Effect.uninterruptible(Deferred.await(gate)), { name: "is ending" })
            yield* ending.cancel
          },
          { name: "scope" }
        ),
        { startImmediately: true }
      )
      const before = yield* trace
      yield* Deferred.succeed(gate, undefined)
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(ends(before), {
        scope: "running",
        waits: "running",
        "is ending": "running asked scope"
      })
      assert.deepStrictEqual(ends(yield* trace), {
        scope: "succeeded",
        waits: "succeeded",
        "is ending": "cancelled asked scope"
      })
    }).pipe(Effect.provide(FailureRecorder.layer()))
  )

  it.effect("knows the durable run of an outermost scope, and does not take a suspension for a cancellation", () =>
    Effect.gen(function* () {
      const durable = { suspended: false, executionId: "e-1", workflow: { _tag: "ProcessOrder" } }
      const trace = yield* traceOf(
        coroutineScope(function* (scope) {
          const suspend = Effect.sync(() => void (durable.suspended = true)).pipe(Effect.andThen(Effect.interrupt))
          yield* scope.launch(suspend, { name: "waits for a signal" })
        }).pipe(Effect.exit, Effect.provideService(SuspendableRun, durable as SuspendableRun["Service"]))
      )
      assert.deepStrictEqual(ends(trace), { ProcessOrder: "suspended", "waits for a signal": "suspended" })
      assert.strictEqual(trace.roots[0]?.execution, "e-1")
    })
  )

  it.effect("keeps what failed and counts what went well when there is too much of it", () =>
    Effect.gen(function* () {
      const trace = yield* traceOf(
        supervisorScope(
          function* (scope) {
            for (let n = 0; n < 500; n++) yield* scope.launch(Effect.sleep(n % 7))
            const lost = yield* scope.async(failing(3), { name: "lost" })
            yield* Effect.exit(lost.await)
          },
          { name: "letters" }
        ),
        100
      )
      const letters = trace.roots[0]!
      assert.deepStrictEqual([letters.children.length, letters.omitted], [99, 402])
      assert.strictEqual(letters.children.find(({ name }) => name === "lost")?.state, "failed")
      const nested = yield* traceOf(
        coroutineScope(function* (scope) {
          for (let n = 0; n < 50; n++) yield* scope.launch(scope.launch(Effect.sleep(1)))
        }),
        11
      )
      const [kept] = nested.roots
      assert.strictEqual(all(nested.roots).length + kept!.omitted!, 101)
      const orders = yield* traceOf(
        Effect.forEach(Array.from({ length: 50 }), () =>
          coroutineScope(function* (scope) {
            yield* scope.launch(Effect.void)
          })
        ),
        20
      )
      assert.deepStrictEqual([orders.roots.length, orders.omitted], [10, 40])
    })
  )

  it.effect("of ten thousand scopes in each other can be taken", () =>
    Effect.gen(function* () {
      let nested: Effect.Effect<void, OutOfStock> = failing(1)
      for (let depth = 0; depth < 10_000; depth++) {
        const inner = nested
        nested = coroutineScope(function* () {
          yield* inner
        })
      }
      const { blastRadius } = yield* traceOf(nested)
      assert.deepStrictEqual([blastRadius.length, blastRadius[0]?.broughtDown.length], [1, 9_999])
    })
  )

  it.effect("costs nothing where nobody records: not even the time is asked", () =>
    Effect.gen(function* () {
      const clock = yield* Clock.Clock
      let asked = 0
      const counting = new Proxy(clock, {
        get: (target, key) => {
          asked++
          return Reflect.get(target, key)
        }
      })
      const program = Effect.exit(
        coroutineScope(function* (scope) {
          yield* scope.launch(Effect.yieldNow)
          yield* scope.launch(Effect.fail("no"))
        })
      )
      yield* program.pipe(Effect.provideService(Clock.Clock, counting))
      assert.strictEqual(asked, 0)
      yield* recordFailures(program).pipe(Effect.provideService(Clock.Clock, counting))
      assert.isAbove(asked, 0)
    })
  )

  it.effect("layers of an application share one recorder", () =>
    Effect.gen(function* () {
      const opens = Layer.effectDiscard(coroutineScope(function* () {}, { name: "in a layer" }))
      const trace = yield* Effect.flatMap(FailureRecorder, ({ trace }) => trace).pipe(
        Effect.provide(opens.pipe(Layer.provideMerge(FailureRecorder.layer())))
      )
      assert.deepStrictEqual(ends(trace), { "in a layer": "succeeded" })
    })
  )
})

describe("traces of stories made by chance", () => {
  const traceOfStory = (seed: number): FailureTrace => {
    const random = chance(seed)
    const scheduler = new ShuffledScheduler(random)
    const story = new AnyStory(random, { coroutineScope, supervisorScope }).scope(3)
    const fiber = Effect.runFork(
      recordFailures(story).pipe(Effect.provideService(UncaughtHandler, () => Effect.void)),
      { scheduler }
    )
    scheduler.drain()
    const exit = fiber.pollUnsafe()
    return exit !== undefined && Exit.isSuccess(exit) ? exit.value.trace : assert.fail("the story never ended")
  }

  const contradictions = (trace: FailureTrace): ReadonlyArray<string> => {
    const nodes = all(trace.roots)
    const byId = new Map(nodes.map((node) => [node.id, node]))
    return nodes.flatMap(({ because, cancelAskedAt, children, failure, id, name, spared, state, to }) => [
      ...(to === undefined || state === "running" ? [`${name} has not ended`] : []),
      ...((state === "failed") === (failure !== undefined)
        ? []
        : [`${name} is ${state}, with failure ${failure?.message}`]),
      ...(state === "cancelled" && because === undefined ? [`${name} was cancelled by nobody`] : []),
      ...(state === "succeeded" && (because !== undefined || cancelAskedAt !== undefined)
        ? [`${name} went well because`]
        : []),
      ...(because?.kind === "failure" && byId.get(because.id)?.failure === undefined
        ? [`${name} blames who did not fail`]
        : []),
      ...(because?.kind === "failure" && because.id === id ? [`${name} blames itself`] : []),
      ...(spared !== undefined && byId.get(spared.id)?.failure === undefined
        ? [`${name} was spared from nothing`]
        : []),
      ...children.filter((child) => child.to! > to!).map((child) => `${child.name} outlived ${name}`)
    ])
  }

  it("never contradict themselves", () => {
    let failures = 0
    for (let seed = 1; seed <= 200; seed++) {
      const trace = traceOfStory(seed)
      failures += trace.blastRadius.length
      assert.deepStrictEqual(contradictions(trace), [], `seed ${seed}`)
    }
    assert.isAbove(failures, 200)
  })
})
