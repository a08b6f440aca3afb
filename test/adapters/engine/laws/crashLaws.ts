/**
 * The laws of crashes: a story that is told again sees what it saw, in the order in which it saw it, and nothing that was
 * started is forgotten.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Option, Random, Schedule } from "effect"
import { DurableDeferred } from "effect/workflow"
import { Schema } from "effect"
import type { Rest } from "firebreak/journal"
import { coroutineScope, supervisorScope, withTimeout, withTimeoutOption } from "firebreak/supervision"
import { type Performance, performTwiceEverywhere, type Play } from "./crashes.ts"
import { describe as describeJournal, type Harness, type Life, type TestJournal } from "./harness.ts"
import { idOf } from "./outsiders.ts"
import { refuses, see, slowly, Sorry, unavailable, well } from "./Outside.ts"
import { a, ask, b, c, d, Story, story, type StoryFailure } from "./stories.ts"

const sorry = new Sorry({ why: "none", left: 3 })
const Go = DurableDeferred.make("go", { success: Schema.String })
const token = () => DurableDeferred.tokenFromExecutionId(Go, { workflow: Story, executionId: idOf("1") })

/** In each process, after a while, somebody gives the signal. */
const signalAfter = (milliseconds: number) => (_: Life) =>
  Effect.andThen(
    Effect.sleep(milliseconds),
    Effect.suspend(() => DurableDeferred.succeed(Go, { token: token(), value: "go" }))
  )

const seen = <A, E, R>(effect: Effect.Effect<A, E, R>, name: string) =>
  Effect.onExit(effect, (exit) => see(`${name}: ${Exit.isSuccess(exit) ? String(exit.value) : "failed"}`))

const wasSeen = ({ lives }: TestJournal, what: string) =>
  lives.some(({ seen }) => seen.some((one) => one.what === what))

type Body = (id: string) => Effect.Effect<unknown, StoryFailure, any>
interface Case {
  readonly body: Body
  readonly script?: Play<unknown>["script"]
  readonly beside?: Play<unknown>["beside"]
  /** What is true however often a process is gone. */
  readonly holds?: (performance: Performance<Rest<unknown, unknown>>) => void
}

const slow: NonNullable<Case["script"]> = ({ outside }) => {
  outside.answer("a", slowly(30))
  outside.answer("b", slowly(20))
  outside.answer("c", slowly(10))
}
const once =
  (...steps: ReadonlyArray<string>) =>
  ({ journal }: Performance<unknown>) => {
    for (const step of steps) {
      assert.strictEqual(journal.outside.happened.filter((what) => what === step).length, 1, step)
      assert.strictEqual(new Set(journal.outside.keysOf(step)).size, 1, `keys of ${step}`)
    }
  }

const cases: { readonly [name: string]: Case } = {
  "of jobs side by side": {
    script: slow,
    body: (id) =>
      coroutineScope(function* (scope) {
        const jobs = []
        for (const [name, step] of Object.entries({ a, b, c })) {
          jobs.push(yield* scope.async(seen(step(id), name), { name }))
        }
        for (const job of jobs) yield* see(`awaited ${yield* job.await}`)
        return yield* d(id)
      }),
    holds: once("a", "b", "c", "d")
  },
  "of effects side by side, with steps after steps": {
    script: slow,
    body: (id) =>
      Effect.all(
        [
          seen(Effect.andThen(a(id), see("a first")), "left"),
          seen(Effect.andThen(Effect.andThen(b(id), Effect.sleep(5)), c(id)), "right")
        ],
        { concurrency: "unbounded" }
      ).pipe(Effect.andThen(d(id))),
    holds: once("a", "b", "c", "d")
  },
  "of a race between steps": {
    script: slow,
    body: (id) =>
      Effect.gen(function* () {
        yield* see(`won by ${yield* Effect.race(seen(a(id), "a"), seen(c(id), "c"))}`)
        yield* see(`won by ${yield* Effect.raceAll([seen(b(id), "b"), Effect.as(Effect.sleep(5), "nobody")])}`)
        return yield* d(id)
      }),
    holds: once("d")
  },
  "of a race between a step and a sleep": {
    script: slow,
    body: (id) =>
      Effect.gen(function* () {
        const first = yield* Effect.race(Effect.as(a(id), "step"), Effect.as(Effect.sleep(30), "sleep"))
        yield* see(`won by ${first}`)
        return yield* first === "step" ? b(id) : c(id)
      })
  },
  "of a time limit that passes": {
    script: slow,
    body: (id) =>
      Effect.gen(function* () {
        const limited = withTimeout(Effect.all([seen(a(id), "a"), seen(b(id), "b"), Effect.sleep(10_000)]), 100)
        const exit = yield* Effect.exit(limited)
        yield* see(Exit.isSuccess(exit) ? "in time" : "too late")
        return yield* c(id)
      }),
    holds: ({ journal }) => {
      assert.isTrue(wasSeen(journal, "too late"))
      assert.strictEqual(journal.outside.happened.at(-1), "c")
      const done = journal.outside.happened.filter((what) => what === "a" || what === "b").length
      const undone = journal.outside.happened.filter((what) => what.startsWith("undo")).length
      assert.strictEqual(done, undone)
    }
  },
  "of a time limit that does not pass": {
    script: slow,
    body: (id) =>
      Effect.gen(function* () {
        const value = yield* withTimeoutOption(Effect.all([a(id), b(id)], { concurrency: 2 }), "1 hour")
        yield* see(Option.isSome(value) ? "in time" : "too late")
        return yield* c(id)
      }),
    holds: once("a", "b", "c")
  },
  "of a signal or a timer, where the signal comes": {
    beside: signalAfter(600_000),
    body: (id) =>
      Effect.gen(function* () {
        yield* a(id)
        const first = yield* Effect.race(DurableDeferred.await(Go), Effect.as(Effect.sleep("3 hours"), "nobody"))
        yield* see(`told ${first}`)
        yield* b(id)
        return yield* c(id)
      }),
    holds: once("a", "b", "c")
  },
  "of a signal or a timer, where the timer fires": {
    body: (id) =>
      Effect.gen(function* () {
        yield* a(id)
        const first = yield* Effect.race(DurableDeferred.await(Go), Effect.as(Effect.sleep("3 hours"), "nobody"))
        yield* see(`told ${first}`)
        yield* b(id)
        return yield* c(id)
      }),
    holds: (performance) => {
      once("a", "b", "c")(performance)
      assert.isTrue(wasSeen(performance.journal, "told nobody"))
    }
  },
  "of a signal and a step at the same time": {
    script: ({ outside }) => outside.answer("a", slowly(600_000)),
    beside: signalAfter(600_000),
    body: (id) =>
      coroutineScope(function* (scope) {
        const step = yield* scope.async(seen(a(id), "a"))
        const signal = yield* scope.async(seen(DurableDeferred.await(Go), "signal"))
        yield* scope.launch(Effect.andThen(Effect.sleep(600_000), see("timer")))
        yield* see(yield* signal.await)
        yield* see(yield* step.await)
        return yield* b(id)
      }),
    holds: once("a", "b")
  },
  "of a supervisor with failing jobs": {
    script: (journal) => {
      slow(journal)
      journal.outside.answer("b", slowly(20, refuses))
    },
    body: (id) =>
      supervisorScope(function* (scope) {
        const jobs = []
        for (const [name, step] of Object.entries({ a, b, c })) jobs.push(yield* scope.async(seen(step(id), name)))
        for (const job of jobs) {
          const exit = yield* Effect.exit(job.await)
          yield* see(exit._tag)
        }
        yield* scope.launch(Effect.andThen(d(id), Effect.fail(sorry)), { onFailure: () => Effect.void })
      }),
    holds: ({ journal }) => assert.deepStrictEqual([...journal.outside.happened].sort(), ["a", "c", "d", "undo d"])
  },
  "of a scope that is retried, with pauses": {
    // The first two keys are refused, however often they are asked with.
    script: ({ outside }) =>
      outside.answer("b", (call) => {
        const isRefused = [...new Set(outside.keysOf("b"))].indexOf(call.key) < 2
        return (isRefused ? refuses : well)(call)
      }),
    body: (id) =>
      coroutineScope(function* () {
        yield* see("again")
        yield* a(id)
        return yield* b(id)
      }).pipe(Effect.retry({ schedule: Schedule.exponential("2 seconds"), times: 5 })),
    holds: ({ journal }) => assert.deepStrictEqual(journal.outside.happened, ["a", "undo a", "a", "undo a", "a", "b"])
  },
  "of two jobs that fail in the same moment": {
    script: ({ outside }) => {
      outside.answer("a", slowly(20, refuses))
      outside.answer("b", slowly(20, refuses))
      outside.answer("c", slowly(40))
    },
    body: (id) =>
      Effect.exit(
        coroutineScope(function* (scope) {
          yield* scope.launch(seen(c(id), "c"))
          yield* scope.launch(seen(a(id), "a"))
          yield* scope.launch(seen(b(id), "b"))
        })
      ).pipe(Effect.andThen(see("failed")), Effect.andThen(d(id))),
    holds: ({ journal }) => {
      const { happened } = journal.outside
      assert.strictEqual(happened.at(-1), "d")
      assert.strictEqual(
        happened.filter((what) => what === "c").length,
        happened.filter((what) => what === "undo c").length
      )
    }
  },
  "of jobs that are cancelled together between two attempts, and take their time": {
    script: ({ outside }) => {
      outside.script("a", unavailable)
      outside.script("b", unavailable)
    },
    body: (id) => {
      const closing = (name: string, turns: number) => (step: Effect.Effect<unknown, unknown, any>) =>
        step.pipe(
          Effect.onExit(() => Effect.andThen(Effect.repeat(Effect.yieldNow, { times: turns }), see(`${name} closes`))),
          Effect.ensuring(see(`${name} closed`))
        ) as Effect.Effect<void>
      return Effect.exit(
        coroutineScope(function* (scope) {
          yield* scope.launch(closing("a", 9)(a(id)))
          yield* scope.launch(closing("b", 1)(b(id)))
          yield* Effect.sleep(20)
          yield* Effect.fail(sorry)
        })
      ).pipe(Effect.andThen(c(id)), Effect.andThen(Effect.sleep("1 hour")))
    },
    holds: once("c")
  },
  "of steps in a loop with keys, some of which are unavailable": {
    script: ({ outside }) => outside.script("a", unavailable, slowly(5), unavailable, slowly(1)),
    body: (id) =>
      Effect.forEach(["x", "y", "z"], (key) => Effect.flatMap(a(`${id} ${key}`, { key }), see), { concurrency: 2 })
  },
  "of chance and time in a story": {
    body: (id) =>
      Effect.gen(function* () {
        for (let n = 0; n < 3; n++) {
          yield* see(
            `${yield* Random.nextIntBetween(0, 1_000_000)} ${yield* Effect.clockWith((clock) => clock.currentTimeMillis)}`
          )
          yield* a(id, { key: String(n) })
          yield* Effect.sleep("90 minutes")
        }
      })
  },
  "of fibers, deferreds and queues of its own": {
    script: slow,
    body: (id) =>
      Effect.gen(function* () {
        const gate = yield* Deferred.make<string>()
        const fiber = yield* Effect.forkChild(Effect.andThen(seen(a(id), "a"), Deferred.succeed(gate, "open")))
        const other = yield* Effect.forkChild(Effect.flatMap(Deferred.await(gate), (value) => see(value)))
        yield* seen(b(id), "b")
        yield* Fiber.join(fiber)
        yield* Fiber.join(other)
        return yield* c(id)
      }),
    holds: once("a", "b", "c")
  }
}

export const crashLaws = (harness: Harness): void => {
  describe("a story", () => {
    for (const [name, { beside, body, holds, script }] of Object.entries(cases)) {
      it.effect(`${name} sees the same again, wherever processes are gone`, () =>
        Effect.gen(function* () {
          const play: Play<Rest<unknown, unknown>> = {
            workflows: story(body),
            ask: ask(),
            ...(beside === undefined ? {} : { beside }),
            ...(script === undefined ? {} : { script })
          }
          const performances = yield* performTwiceEverywhere(harness, play, harness.isQuick ? 4 : 0)
          for (const performance of performances) {
            const { answer, contradictions, crash } = performance
            assert.deepStrictEqual(contradictions, [], crash)
            const rest = yield* answer
            assert.strictEqual(
              rest.status,
              "completed",
              `${crash}: ${rest.why?.message} ${describeJournal(performance.journal)}`
            )
            holds?.(performance)
          }
        })
      )
    }
  })
}
