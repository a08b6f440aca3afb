/**
 * The laws of time: sleeps, deadlines and retries in a story are durable, and what a story knows of time and chance is
 * the same each time it is told.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Random, Schedule, Schema } from "effect"
import type { Duration } from "effect"
import { WebCrypto } from "effect/crypto/WebCrypto"
import { DurableClock, DurableDeferred } from "effect/workflow"
import { supervisorScope, withTimeout, withTimeoutOption } from "firebreak/supervision"
import { Step } from "firebreak/workflows"
import { performEverywhere } from "./crashes.ts"
import { type Harness, testJournal, type TestJournal } from "./harness.ts"
import { see, slowly, Sorry, World } from "./Outside.ts"
import { idOf, inMemory, written, writtenEvents } from "./outsiders.ts"
import { a, ask, b, story, Story } from "./stories.ts"

const hour = 3_600_000
const never = DurableDeferred.make("never")
const Nudge = DurableDeferred.make("nudge")
const nudge = DurableDeferred.succeed(Nudge, {
  token: DurableDeferred.tokenFromExecutionId(Nudge, { workflow: Story, executionId: idOf("1") }),
  value: undefined
})

/** Sleeps as long as the execution's name says. */
const sleepNamed = (id: string) => Effect.sleep(id as Duration.Input) // sound: the laws name them so

export const timerLaws = (harness: Harness): void => {
  describe("time in a story", () => {
    for (const [name, milliseconds] of [
      ["10 ms", 10],
      ["1 s", 1000],
      ["30 s", 30_000],
      ["30 days", 30 * 24 * hour]
    ] as const) {
      it.effect(`sleeps ${name}, also across a restart, and wakes at its time`, () =>
        Effect.gen(function* () {
          const sleeps = story(() =>
            Effect.gen(function* () {
              yield* a("before")
              yield* Effect.sleep(milliseconds)
              return yield* b("after")
            })
          )
          for (const isRestarted of [false, true]) {
            const journal = yield* testJournal(harness)
            let life = yield* journal.open(sleeps)
            life.launch(ask())
            yield* life.settle
            const started = journal.outside.asked[0]!.at
            if (isRestarted) {
              yield* life.pass(milliseconds / 2)
              yield* journal.end(life)
              // Nobody owns the journal for a while.
              journal.time.now += Math.floor(milliseconds / 4)
              life = yield* journal.open(sleeps)
            } else if (milliseconds > hour) journal.time.now += milliseconds - hour
            const rest = yield* life.do(ask())
            assert.strictEqual(rest.status, "completed")
            assert.strictEqual(journal.outside.asked[1]!.at - started, milliseconds)
          }
        }).pipe(Effect.scoped)
      )
    }

    it.effect("that was slept while nobody owned the journal is over at the next start", () =>
      Effect.gen(function* () {
        const sleeps = story((id) => Effect.andThen(Effect.sleep("1 hour"), a(id)))
        const journal = yield* testJournal(harness)
        const first = yield* journal.open(sleeps)
        first.launch(ask())
        yield* first.pass(10_000)
        yield* journal.end(first)
        journal.time.now += 5 * hour
        const second = yield* journal.open(sleeps)
        const before = journal.time.now
        yield* second.pass(1000)
        assert.strictEqual((yield* written(journal))!.status, "completed")
        assert.isAtMost(journal.outside.asked[0]!.at - before, 20)
      }).pipe(Effect.scoped)
    )

    it.effect("leaves memory during a long sleep, and keeps an execution that sleeps for less than a second", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(story((id) => sleepNamed(id)))
        life.launch(ask("900 millis"))
        life.launch(ask("1 hour"))
        yield* life.pass(800)
        assert.strictEqual(yield* life.do(inMemory), 1)
        assert.strictEqual((yield* written(journal, idOf("1 hour")))!.status, "suspended")
        assert.strictEqual((yield* written(journal, idOf("900 millis")))!.status, "running")
      }).pipe(Effect.scoped)
    )

    it.effect("wakes at its time although it had slept for longer before something else woke it", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(
          story(() =>
            supervisorScope(function* (scope) {
              const long = yield* scope.async(Effect.sleep("50 seconds"))
              const short = yield* scope.async(
                Effect.gen(function* () {
                  yield* DurableDeferred.await(Nudge)
                  yield* Effect.sleep("10 seconds")
                  yield* a("short")
                })
              )
              yield* short.await
              yield* long.cancelAndJoin
            })
          )
        )
        life.launch(ask())
        yield* life.pass(5000)
        yield* life.do(nudge)
        const at = journal.time.now
        assert.strictEqual((yield* life.do(ask())).status, "completed")
        assert.strictEqual(journal.outside.asked[0]!.at - at, 10_000)
      }).pipe(Effect.scoped)
    )

    it.effect("a timer beside a hung step fires", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.answer("a", () => Effect.never)
        const life = yield* journal.open(
          story(() =>
            supervisorScope(function* (scope) {
              yield* scope.async(a("hangs"))
              const timer = yield* scope.async(Effect.andThen(Effect.sleep("10 seconds"), b("timer")))
              yield* timer.await
              return "fired"
            })
          )
        )
        life.launch(ask())
        yield* life.pass(10_000)
        yield* life.settle
        assert.deepStrictEqual(journal.outside.happened, ["b"])
        assert.strictEqual(yield* life.do(inMemory), 1)
      }).pipe(Effect.scoped)
    )

    it.effect("a deadline is durable: it passes at its time, whatever crashes in between", () =>
      Effect.gen(function* () {
        const workflows = story(() =>
          Effect.gen(function* () {
            const answer = yield* withTimeoutOption(DurableDeferred.await(never), "1 hour")
            yield* see(answer._tag)
            return yield* withTimeout(Effect.andThen(Effect.sleep("2 hours"), a("late")), "1 hour")
          })
        )
        for (const { answer, contradictions, crash, journal } of yield* performEverywhere(harness, {
          workflows,
          ask: ask()
        })) {
          assert.deepStrictEqual(contradictions, [], crash)
          assert.strictEqual(Exit.isSuccess(answer) && answer.value.status, "refused", crash)
          assert.deepStrictEqual(journal.outside.asked, [], crash)
          assert.strictEqual(journal.time.now - Date.UTC(2030, 0, 1) >= 2 * hour, true, crash)
          assert.isBelow(journal.time.now - Date.UTC(2030, 0, 1), 2 * hour + 1000, crash)
        }
      })
    )

    it.effect("a retry with a schedule in a body is durable: its pauses go on after a crash", () =>
      Effect.gen(function* () {
        const workflows = story(() => {
          let times = 0
          return Effect.retry(
            Effect.suspend(() =>
              Effect.andThen(
                see(`try ${++times}`),
                times < 4 ? Effect.fail(new Sorry({ why: "again", left: times })) : a("1")
              )
            ),
            Schedule.exponential("1 minute")
          )
        })
        for (const { answer, contradictions, crash, journal } of yield* performEverywhere(harness, {
          workflows,
          ask: ask()
        })) {
          assert.deepStrictEqual(contradictions, [], crash)
          assert.strictEqual(Exit.isSuccess(answer) && answer.value.status, "completed", crash)
          assert.isAtMost(Math.abs(journal.outside.asked[0]!.at - Date.UTC(2030, 0, 1) - 7 * 60_000), 1000, crash)
        }
      })
    )

    it.effect("a sleep that lost its race is forgotten: nothing waits for it", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("a", slowly(2000))
        const life = yield* journal.open(
          story(() => Effect.raceFirst(a("1"), Effect.as(Effect.sleep("1 day"), "late")))
        )
        const before = journal.time.now
        const rest = yield* life.do(ask())
        assert.deepStrictEqual(rest.exit, Exit.succeed("a 1"))
        assert.isBelow(journal.time.now - before, 10_000)
      }).pipe(Effect.scoped)
    )

    it.effect("a durable clock that lost its race is forgotten too", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("a", slowly(2000))
        const nap = DurableClock.sleep({ name: "nap", duration: "1 day" })
        const life = yield* journal.open(story(() => Effect.raceFirst(a("1"), Effect.as(nap, "late"))))
        const before = journal.time.now
        const rest = yield* life.do(ask())
        assert.deepStrictEqual(rest.exit, Exit.succeed("a 1"))
        assert.isBelow(journal.time.now - before, 10_000)
      }).pipe(Effect.scoped)
    )

    it.effect(
      "a clock that is set back an hour delays no timer of this process, and no event is older than the one before",
      () =>
        Effect.gen(function* () {
          const journal = yield* testJournal(harness)
          const body = story((id) =>
            Effect.gen(function* () {
              yield* sleepNamed(id)
              yield* a(id)
            })
          )
          const life = yield* journal.open(body)
          const began = journal.time.now
          for (const id of ["900 millis", "30 seconds", "30 minutes"]) life.launch(ask(id))
          yield* life.pass(500)
          journal.time.back = hour
          yield* life.do(ask("30 minutes"))
          const late = journal.outside.asked.map(({ at, input }) => [input, at - began])
          assert.deepStrictEqual(
            late.map(([input]) => input),
            ["900 millis", "30 seconds", "30 minutes"]
          )
          for (const [n, due] of [900, 30_000, 1_800_000].entries())
            assert.isAtMost(Math.abs(Number(late[n]![1]) - due), 1100, String(late[n]![0]))
          const events = yield* writtenEvents(journal, idOf("30 minutes"))
          assert.deepStrictEqual(
            events.map(({ at }) => at),
            events.map(({ at }) => at).toSorted((x, y) => x - y)
          )
          journal.time.back = 0
        }).pipe(Effect.scoped)
    )

    it.effect("the clock of a story is the time of the last thing it was told, each time it is told again", () =>
      Effect.gen(function* () {
        const seeTime = Effect.flatMap(Clock.currentTimeMillis, (now) => see(`${now - Date.UTC(2030, 0, 1)}`))
        const workflows = story(() =>
          Effect.gen(function* () {
            yield* seeTime
            yield* a("1")
            yield* seeTime
            yield* Effect.sleep("5 seconds")
            yield* seeTime
            yield* b("1")
            yield* seeTime
          })
        )
        const script = (journal: TestJournal) => journal.outside.answer("a", slowly(3000))
        const all = yield* performEverywhere(harness, { workflows, ask: ask(), script })
        assert.deepStrictEqual(all[0]!.seen, ["0", "3000", "8000", "8000"])
        for (const { contradictions, crash } of all) assert.deepStrictEqual(contradictions, [], crash)
      })
    )

    it.effect("chance in a story is the same each time it is told, and another one in another execution", () =>
      Effect.gen(function* () {
        const chance = Effect.gen(function* () {
          const crypto = yield* WebCrypto
          const numbers = [yield* Random.next, yield* Random.nextInt, yield* Random.nextIntBetween(1, 1000)]
          const bytes = crypto.getRandomValues(new Uint8Array(8))
          return `${numbers} ${yield* Random.shuffle([1, 2, 3, 4, 5, 6, 7, 8])} ${crypto.randomUUID()} ${bytes}`
        })
        const workflows = story((id) =>
          Effect.gen(function* () {
            yield* Effect.flatMap(chance, see)
            yield* a(id)
            yield* Effect.flatMap(chance, see)
          })
        )
        const all = yield* performEverywhere(harness, { workflows, ask: Effect.all([ask("1"), ask("2")]) })
        for (const { contradictions, crash, seen } of all) {
          assert.deepStrictEqual(contradictions, [], crash)
          assert.strictEqual(new Set(seen).size, seen.length, crash)
        }
        assert.strictEqual(all[0]!.seen.length, 4)
      })
    )

    it.effect("steps get the real time and real chance", () =>
      Effect.gen(function* () {
        const now = Step.make("now", {
          success: Schema.String,
          do: (_: string) =>
            Effect.gen(function* () {
              yield* Effect.sleep("2 seconds")
              const { outside } = yield* World
              outside.times.set(`chance ${yield* Random.next}`, 1)
              return String(yield* Clock.currentTimeMillis)
            }),
          undo: "nothing",
          unknown: "repeat"
        })
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(story((id) => now(id)))
        const began = journal.time.now
        const rest = yield* life.do(ask())
        assert.deepStrictEqual(rest.exit, Exit.succeed(String(began + 2000)))
        const other = yield* testJournal(harness)
        const again = yield* other.open(story((id) => now(id)))
        yield* Random.next.pipe(Effect.provideContext(again.context))
        yield* again.do(ask())
        assert.notDeepEqual([...journal.outside.times.keys()], [...other.outside.times.keys()])
        assert.strictEqual((yield* writtenEvents(journal)).filter(({ kind }) => kind === "timer").length, 0)
      }).pipe(Effect.scoped)
    )
  })
}
