/**
 * Processes that end again and again: who is set aside for it, and who is not.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { DurableDeferred } from "effect/workflow"
import { Journal } from "firebreak/journal"
import { type Life, testJournal, type TestJournal } from "./laws/harness.ts"
import { memoryHarness } from "./laws/memoryHarness.ts"
import { crashes, happensAndCrashes, slowly, well } from "./laws/Outside.ts"
import { idOf, leaveRequest, written } from "./laws/outsiders.ts"
import { a, ask, b, story } from "./laws/stories.ts"

const many = Array.from({ length: 40 }, (_, number) => `innocent ${number}`)
const statuses = (journal: TestJournal, names: ReadonlyArray<string>) =>
  Effect.map(
    Effect.forEach(names, (name) => written(journal, idOf(name))),
    (rows) => rows.map((row) => row?.status)
  )
const retry = (id: string) => Journal.use((journal) => journal.retry(id))
const startAll = (life: Life, names: ReadonlyArray<string>) =>
  Effect.sync(() => names.forEach((name) => void life.launch(ask(name))))

describe("an execution that was under way when processes ended", () => {
  it.effect("is not set aside with the one that took them down", () =>
    Effect.gen(function* () {
      const journal = yield* testJournal(memoryHarness)
      // Each of them takes longer than any process lives.
      const body = story((id) => (id === "guilty" ? b(id) : a(id)))
      journal.outside.answer("a", slowly(60_000))
      journal.outside.answer("b", happensAndCrashes)
      const first = yield* journal.open(body)
      yield* startAll(first, many)
      yield* first.pass(10)
      yield* first.attempt(ask("guilty"))
      for (let n = 0; n < 8; n++) yield* (yield* journal.open(body)).attempt(Effect.sleep("2 minutes"))
      assert.deepStrictEqual(yield* statuses(journal, ["guilty"]), ["blocked"])
      assert.notInclude(yield* statuses(journal, many), "blocked")
      journal.outside.answer("a", well)
      const last = yield* journal.open(body)
      yield* last.pass(1000)
      assert.deepStrictEqual(
        yield* statuses(journal, many),
        many.map(() => "completed")
      )
    }).pipe(Effect.scoped)
  )

  it.effect("is hardly ever set aside when processes end for reasons of their own, however soon", () =>
    Effect.gen(function* () {
      const journal = yield* testJournal(memoryHarness)
      const body = story((id) => a(id))
      journal.outside.answer("a", slowly(1000))
      const first = yield* journal.open(body)
      yield* startAll(first, many)
      yield* first.pass(10)
      for (let n = 0; n < 10; n++) yield* (yield* journal.open(body)).pass(20)
      const blocked = (yield* statuses(journal, many)).filter((status) => status === "blocked")
      assert.isAtMost(blocked.length, 10, "one for each process, of forty")
    }).pipe(Effect.scoped)
  )

  it.effect("and that only waits is not suspected", () =>
    Effect.gen(function* () {
      const journal = yield* testJournal(memoryHarness)
      const body = story((id) => (id === "sleeps" ? Effect.sleep("900 millis") : waits))
      const first = yield* journal.open(body)
      yield* startAll(first, ["sleeps", "waits"])
      yield* first.pass(10)
      for (let n = 0; n < 10; n++) yield* (yield* journal.open(body)).pass(20)
      assert.notInclude(yield* statuses(journal, ["sleeps", "waits"]), "blocked")
    }).pipe(Effect.scoped)
  )
})

const Word = DurableDeferred.make("word")
const waits = DurableDeferred.await(Word)

describe("an execution that was set aside", () => {
  const setAside = Effect.gen(function* () {
    const journal = yield* testJournal(memoryHarness)
    const body = story((id) => Effect.andThen(a(id), Effect.andThen(b(id), waits)))
    journal.outside.answer("b", crashes)
    for (let n = 0; n < 3; n++) yield* (yield* journal.open(body)).attempt(ask())
    journal.outside.answer("b", well)
    const life = yield* journal.open(body)
    assert.strictEqual((yield* life.do(ask())).status, "blocked")
    return { body, journal, life }
  })

  it.effect("keeps what it is told meanwhile, until it goes on", () =>
    Effect.gen(function* () {
      const { body, journal, life } = yield* setAside
      yield* leaveRequest(journal, "signal", { name: "word", exit: '{"ok":null}' })
      yield* life.pass(1000)
      const next = yield* journal.open(body)
      yield* next.pass(1000)
      yield* next.do(retry("1"))
      assert.strictEqual((yield* next.do(ask())).status, "completed")
    }).pipe(Effect.scoped)
  )

  it.effect("and is cancelled is taken back without its body, wherever the process is gone", () =>
    Effect.gen(function* () {
      for (let commit = 1; commit <= 8; commit++) {
        const { body, journal, life } = yield* setAside
        yield* life.leave
        const cancelling = yield* journal.open(body, { crash: { commit, when: "after" } })
        const answer = yield* cancelling.attempt(Journal.use((journal) => journal.cancel("1")))
        if (Option.isNone(answer)) yield* (yield* journal.open(body)).pass(5000)
        else yield* cancelling.pass(5000)
        const last = yield* journal.open(body)
        yield* last.pass(5000)
        // Gone before the cancel was written down, it is asked for again.
        if ((yield* statuses(journal, ["1"]))[0] === "blocked")
          yield* last.do(Journal.use((journal) => journal.cancel("1")))
        assert.strictEqual((yield* last.do(ask())).status, "cancelled", `after commit ${commit}`)
        assert.deepStrictEqual(
          journal.outside.happened.filter((what) => what.includes("a")),
          ["a", "undo a"]
        )
      }
    }).pipe(Effect.scoped)
  )

  it.effect("and is being recovered when its process leaves is whole", () =>
    Effect.gen(function* () {
      const journal = yield* testJournal(memoryHarness)
      const body = story((id) => Effect.andThen(a(id), Effect.andThen(b(id), waits)))
      const first = yield* journal.open(body)
      first.launch(ask())
      yield* first.pass(10)
      for (let n = 0; n < 5; n++) {
        const life = yield* journal.open(body)
        // Left before it has been told what it was told before.
        yield* life.leave
      }
      yield* leaveRequest(journal, "signal", { name: "word", exit: '{"ok":null}' })
      const last = yield* journal.open(body)
      assert.strictEqual((yield* last.do(ask())).status, "completed")
    }).pipe(Effect.scoped)
  )
})
