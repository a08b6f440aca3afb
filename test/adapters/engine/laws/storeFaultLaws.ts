/**
 * The laws of a store in trouble: executions wait, and go on; nothing is done twice, and nobody else is drawn in.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Option } from "effect"
import { DurableDeferred } from "effect/workflow"
import { Journal, JournalLost, StoreUnavailable } from "firebreak/journal"
import { supervisorScope } from "firebreak/supervision"
import { CommitUncertain, OwnershipLost } from "../../../../src/adapters/engine/Store.ts"
import { HeldBack } from "./answeringLate.ts"
import { type Asked, type Harness, type LifeOptions, testJournal } from "./harness.ts"
import { refuses, slowly } from "./Outside.ts"
import { idOf, inMemory, written, writtenEvents } from "./outsiders.ts"
import { a, ask, b, c, cancel, show, story, Story } from "./stories.ts"

const busy = Effect.fail(new StoreUnavailable({ reason: "the disk is full" }))
const unsure = Effect.fail(new CommitUncertain({ reason: "the line broke" }))

const order = story((id) =>
  Effect.gen(function* () {
    yield* a(id)
    yield* supervisorScope(function* (scope) {
      const one = yield* scope.async(b(id))
      const two = yield* scope.async(Effect.andThen(Effect.sleep("2 seconds"), c(id)))
      yield* one.await
      yield* two.await
    })
    return "done"
  })
)

const start = (id: string) => Journal.use((journal) => journal.start(Story, { id }))
const Go = DurableDeferred.make("go")

/** Runs the order with a store that does `fault` to commit number `commit`, for each commit that there is. */
const atEveryCommit = (
  harness: Harness,
  fault: (commit: number) => NonNullable<LifeOptions["around"]>,
  holds: (ran: {
    readonly what: string
    readonly asked: ReadonlyArray<string>
    readonly happened: ReadonlyArray<string>
    readonly status: string
  }) => void
) =>
  Effect.gen(function* () {
    for (const isRefused of [false, true]) {
      let commits = 1
      for (let commit = 1; commit <= commits; commit++) {
        const journal = yield* testJournal(harness)
        if (isRefused) journal.outside.answer("c", refuses)
        const life = yield* journal.open(order, { around: fault(commit) })
        const rest = yield* life.do(ask())
        commits = Math.max(commits, life.commits)
        const asked = journal.outside.asked.map(({ what }) => what)
        const expected = isRefused ? ["a", "b", "undo b", "undo a"] : ["a", "b", "c"]
        const what = `commit ${commit}${isRefused ? " of a refused order" : ""}`
        holds({ what, asked, happened: journal.outside.happened, status: rest.status })
        assert.deepStrictEqual(journal.outside.happened, expected, what)
        assert.strictEqual(rest.status, isRefused ? "refused" : "completed", what)
        assert.strictEqual(new Set(asked).size, asked.length, `${what}: nothing is asked twice`)
      }
    }
  })

export const storeFaultLaws = (harness: Harness): void => {
  describe("a store that cannot be written for a while", () => {
    it.effect("at any commit, holds executions up; then they go on, and nothing is done twice", () =>
      atEveryCommit(
        harness,
        (commit) => {
          let failures = 0
          return (number, committing) => (number >= commit && failures++ < 7 ? busy : committing)
        },
        () => {}
      )
    )

    it.effect("lets nothing out before it is written: no step begins, nobody is told", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        let isDown = false
        const life = yield* journal.open(order, { around: (_, commit) => (isDown ? busy : commit) })
        journal.outside.answer("a", slowly(100))
        const asked = life.launch(ask())
        yield* life.pass(50)
        isDown = true
        const other = life.launch(start("2"))
        yield* life.pass(60_000)
        assert.deepStrictEqual(
          journal.outside.asked.map(({ what }) => what),
          ["a"]
        )
        assert.isUndefined(other.pollUnsafe())
        assert.isUndefined(asked.pollUnsafe())
        isDown = false
        assert.strictEqual((yield* life.do(ask())).status, "completed")
        assert.strictEqual((yield* life.do(ask("2"))).status, "completed")
        assert.deepStrictEqual(journal.outside.asked.map(({ what }) => what).toSorted(), ["a", "a", "b", "b", "c", "c"])
      }).pipe(Effect.scoped)
    )
  })

  describe("a commit of which the answer is lost", () => {
    it.effect("and that took place, is found out: nothing is written or done twice", () =>
      atEveryCommit(
        harness,
        (commit) => (number, committing) => (number === commit ? Effect.andThen(committing, unsure) : committing),
        () => {}
      )
    )

    it.effect("and that did not take place, is made again", () =>
      atEveryCommit(
        harness,
        (commit) => (number, committing) => (number === commit ? unsure : committing),
        () => {}
      )
    )

    it.effect("again and again, ends well all the same", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(order, {
          around: (number, commit) =>
            number % 4 === 1
              ? unsure
              : number % 4 === 2
                ? Effect.andThen(commit, unsure)
                : number % 4 === 3
                  ? busy
                  : commit
        })
        const rests = yield* life.do(Effect.forEach(["1", "2", "3"], ask, { concurrency: 3 }))
        assert.deepStrictEqual(
          rests.map(({ status }) => status),
          ["completed", "completed", "completed"]
        )
        assert.deepStrictEqual(journal.outside.happened.toSorted(), ["a", "a", "a", "b", "b", "b", "c", "c", "c"])
      }).pipe(Effect.scoped)
    )
  })

  describe("a row that the store does not take", () => {
    it.effect("blocks its own execution, and takes nobody else in the same commit with it", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const body = story((id) =>
          Effect.andThen(a(id), b(id, { key: id === "bad" ? "half a character: \ud800" : "key" }))
        )
        const life = yield* journal.open(body)
        const rests = yield* life.do(Effect.forEach(["1", "bad", "2"], ask, { concurrency: 3 }))
        assert.deepStrictEqual(
          rests.map(({ status }) => status),
          ["completed", "blocked", "completed"]
        )
        assert.match(rests[1]!.why!.message, /the store does not take what it wrote/)
        yield* life.settle
        assert.strictEqual((yield* written(journal, idOf("bad")))!.status, "blocked")
        assert.deepStrictEqual(journal.outside.happened.toSorted(), ["a", "a", "a", "b", "b"])
        assert.strictEqual((yield* life.do(show("bad"))).why!.because, "blocked")
        // What it did can be taken back.
        yield* life.do(cancel("bad"))
        yield* life.pass(1000)
        assert.strictEqual((yield* written(journal, idOf("bad")))!.status, "cancelled")
        assert.strictEqual(journal.outside.asks("undo a"), 1)
      }).pipe(Effect.scoped)
    )

    it.effect("keeps all that was written after it out of the journal as well", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const body = story((id) =>
          supervisorScope(function* (scope) {
            yield* c(id)
            const bad = yield* scope.async(a(id, { key: "\0" }))
            const later = yield* scope.async(
              Effect.gen(function* () {
                for (const key of ["1", "2", "3", "4"]) {
                  yield* Effect.sleep(1)
                  yield* b(id, { key })
                }
              })
            )
            yield* later.await
            return yield* bad.await
          })
        )
        const life = yield* journal.open(body, { around: (_, commit) => Effect.delay(commit, 3) })
        const before = yield* life.do(ask("another"))
        assert.strictEqual(before.status, "blocked")
        yield* life.pass(1000)
        const events = yield* writtenEvents(journal, idOf("another"))
        assert.deepStrictEqual(
          events.map(({ n, subject }) => [n, subject]),
          [[1, "c"]]
        )
        assert.strictEqual((yield* written(journal, idOf("another")))!.status, "blocked")
        assert.strictEqual(yield* life.do(inMemory), 0)
      }).pipe(Effect.scoped)
    )

    it.effect("of a new execution is told to whoever wanted it, and to nobody else", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(story((id) => (id === "key" ? a(id, { key: "\0" }) : a(id))))
        const bad = "no\0name"
        const [one, two, three] = yield* life.do(
          Effect.all([ask("1"), Effect.exit(ask(bad)), Effect.exit(start("key"))], { concurrency: 3 })
        )
        assert.strictEqual(one.status, "completed")
        assert.match(String(two), /Story cannot be started: the idempotency key holds a NUL character/)
        assert.match(String(three), /the store does not take what Story wrote: event 1: subject holds a NUL/)
        for (const id of [bad, "key"]) assert.isUndefined(yield* written(journal, idOf(id)))
        assert.deepStrictEqual(journal.outside.happened, ["a"])
        assert.strictEqual(yield* life.do(inMemory), 0)
      }).pipe(Effect.scoped)
    )

    it.effect("because a signal cannot be stored, is told to whoever sent it, and hurts nobody", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const Named = DurableDeferred.make("name\0less")
        const life = yield* journal.open(story(() => Effect.as(DurableDeferred.await(Go), "told")))
        life.launch(ask())
        yield* life.settle
        const token = (deferred: { readonly name: string }) =>
          DurableDeferred.tokenFromExecutionId(deferred as typeof Go, { workflow: Story, executionId: idOf("1") }) // sound: only the name is read
        const sent = yield* life.attempt(DurableDeferred.succeed(Named, { token: token(Named), value: undefined }))
        assert.match(String(Option.getOrThrow(sent)), /the signal cannot be written down: its name holds a NUL/)
        yield* life.do(DurableDeferred.succeed(Go, { token: token(Go), value: undefined }))
        assert.deepStrictEqual((yield* life.do(ask())).exit, Exit.succeed("told"))
      }).pipe(Effect.scoped)
    )
  })

  describe("an owner that was frozen and replaced", () => {
    it.effect(
      "writes nothing any more, begins nothing, and tells those who wait; where it cannot be replaced, the other is refused",
      () =>
        Effect.gen(function* () {
          const journal = yield* testJournal(harness)
          journal.outside.script("a", slowly(5000))
          const frozen = yield* journal.open(order)
          const asked = frozen.launch(ask())
          yield* frozen.pass(1000)
          const second = yield* Effect.exit(
            Effect.scoped(Effect.flatMap(journal.place.open, (store) => Effect.as(store.find([]), store.epoch)))
          )
          if (Exit.isFailure(second)) {
            assert.match(String(second), /JournalUnusable.*owned|owned by/is)
            return
          }
          const events = yield* writtenEvents(journal)
          yield* frozen.pass(10_000)
          const exit = asked.pollUnsafe()
          assert.isTrue(exit !== undefined && Exit.isFailure(exit) && String(exit).includes(JournalLost.name))
          assert.deepStrictEqual(yield* writtenEvents(journal), events)
          assert.deepStrictEqual(
            journal.outside.asked.map(({ what }) => what),
            ["a"]
          )
          const late = yield* frozen.attempt(ask("2"))
          assert.isTrue(Option.isSome(late) && Exit.isFailure(late.value))
          const next = yield* journal.open(order)
          assert.strictEqual((yield* next.do(ask())).status, "completed")
          assert.deepStrictEqual(journal.outside.happened, ["a", "b", "c"])
        }).pipe(Effect.scoped)
    )
  })

  describe("a journal that is lost", () => {
    it.effect("is told to everybody who waits for it, whatever he asked for, before and after", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        let isLost = false
        const waiting = story((id) => Effect.andThen(DurableDeferred.await(Go), a(id)))
        const life = yield* journal.open(waiting, {
          around: (_, commit) => (isLost ? Effect.fail(new OwnershipLost({ by: "somebody" })) : commit)
        })
        life.launch(ask("there"))
        yield* life.settle
        isLost = true
        const there = DurableDeferred.tokenFromExecutionId(Go, { workflow: Story, executionId: idOf("there") })
        const asks: { readonly [name: string]: Asked<unknown> } = {
          "a start": start("1"),
          "a run": ask("2"),
          "an execute": Story.execute({ id: "3" }),
          "an execute with discard": Story.execute({ id: "4" }, { discard: true }),
          "one that is there": ask("there"),
          "a cancel": cancel("there"),
          "an interrupt": Story.interrupt(idOf("there")),
          "a signal": DurableDeferred.succeed(Go, { token: there, value: undefined })
        }
        for (const when of ["before", "after"]) {
          const told = Object.entries(asks).map(([name, effect]) => [name, life.launch(effect)] as const)
          yield* life.pass(60_000)
          // A signal may be left in the inbox, for whoever owns it now.
          for (const [name, fiber] of told)
            assert.match(
              String(fiber.pollUnsafe()),
              name === "a signal" ? /JournalLost|Success/ : /JournalLost/,
              `${name}, asked for ${when} it was lost`
            )
        }
        assert.deepStrictEqual(journal.outside.asked, [])
      }).pipe(Effect.scoped)
    )

    it.effect("is told to who is being told of an end, and of what was taken back, just then", () =>
      Effect.gen(function* () {
        const late = new HeldBack(harness)
        const journal = yield* testJournal(late.harness)
        journal.outside.answer("b", refuses)
        let isLost = false
        let isTaken = false
        const life = yield* journal.open(
          story((id) => Effect.andThen(a(id), b(id))),
          {
            around: (_, commit) => (isTaken ? Effect.fail(new OwnershipLost({ by: "somebody" })) : commit),
            onLost: () => void (isLost = true)
          }
        )
        assert.strictEqual((yield* life.do(ask())).status, "refused")
        const asked = yield* late.hold(
          "events",
          () => life.launch(ask()),
          () => isLost
        )
        isTaken = true
        life.launch(start("2"))
        yield* life.settle
        assert.match(String(asked.pollUnsafe()), /JournalLost/)
      }).pipe(Effect.scoped)
    )
  })
}
