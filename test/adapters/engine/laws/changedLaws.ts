/**
 * The laws of programs that have changed, and of records that cannot be read: nothing is done blindly, and what was done
 * can still be taken back.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { Journal } from "firebreak/journal"
import { coroutineScope } from "firebreak/supervision"
import { type Harness, testJournal } from "./harness.ts"
import { happensAndCrashes, slowly } from "./Outside.ts"
import { a, ask, b, c, cancel, d, show, story } from "./stories.ts"

const day = Effect.sleep("1 day")
const original = (id: string) => Effect.andThen(Effect.all([a(id), b(id)]), Effect.andThen(day, c(id)))
const retry = (id = "1") => Journal.use((journal) => journal.retry(id))

const changes = {
  "another step": {
    body: (id: string) => Effect.all([a(id), d(id), day]),
    recorded: /step "b"/,
    asked: /asked for step "d"/
  },
  "another order of steps": {
    body: (id: string) => Effect.all([b(id), a(id), day]),
    recorded: /step "a"/,
    asked: /asked for step "b"/
  },
  "another input": {
    body: (id: string) => Effect.all([a(id), b(`${id}!`), day]),
    recorded: /step "b"/,
    asked: /asked for step "b".*input/
  },
  "one step less": {
    body: (id: string) => Effect.andThen(a(id), day),
    recorded: /step "b"/,
    asked: /asked for timer/
  },
  "one step more": {
    body: (id: string) => Effect.andThen(Effect.all([a(id), d(id), b(id)]), day),
    recorded: /step "b"/,
    asked: /asked for step "d"/
  },
  "an end before its time": {
    body: (id: string) => a(id),
    recorded: /step "b"/,
    asked: /asked for nothing/
  },
  "a step with a key": {
    body: (id: string) => Effect.all([a(id), b(id, { key: "x" }), day]),
    recorded: /step "b"/,
    asked: /asked for step "b\/x"/
  },
  "steps side by side instead of one after the other": {
    body: (id: string) => Effect.andThen(Effect.all([a(id), b(id)], { concurrency: 2 }), day),
    recorded: /done/,
    asked: /asked for step "b"/
  }
}

export const changedLaws = (harness: Harness): void => {
  describe("a program that has changed to", () => {
    for (const [change, { asked, body, recorded }] of Object.entries(changes)) {
      it.effect(`${change} blocks the execution, says what is recorded and what was asked, and does nothing`, () =>
        Effect.gen(function* () {
          const journal = yield* testJournal(harness)
          const before = yield* journal.open(story(original))
          before.launch(ask())
          yield* before.pass(1000)
          const happened = [...journal.outside.happened]
          const after = yield* journal.open(story(body))
          yield* after.pass(25 * 3_600_000)
          const rest = yield* after.do(ask())
          assert.deepStrictEqual([rest.status, rest.exit, rest.why?.because], ["blocked", undefined, "blocked"])
          assert.match(String(rest.why?.message), recorded)
          assert.match(String(rest.why?.message), asked)
          assert.deepStrictEqual(journal.outside.happened, happened)

          // It is shown, it can be cancelled, and what it did is taken back from the journal.
          assert.strictEqual((yield* after.do(show())).status, "blocked")
          yield* after.do(cancel())
          const cancelled = yield* after.do(ask())
          assert.deepStrictEqual([cancelled.status, cancelled.undone], ["cancelled", ["b", "a"]])
          assert.deepStrictEqual(journal.outside.happened, [...happened, "undo b", "undo a"])
        }).pipe(Effect.scoped)
      )
    }
  })

  describe("a blocked execution", () => {
    it.effect("goes on when it is tried again with the program that it began with", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const before = yield* journal.open(story(original))
        before.launch(ask())
        yield* before.pass(1000)
        const other = yield* journal.open(story((id) => Effect.all([a(id), d(id), day])))
        yield* other.pass(25 * 3_600_000)
        assert.strictEqual((yield* other.do(ask())).status, "blocked")
        yield* other.do(retry())
        assert.strictEqual((yield* other.do(ask())).status, "blocked", "it is the same program still")
        const again = yield* journal.open(story(original))
        assert.strictEqual((yield* again.do(ask())).status, "blocked", "nobody has said that it should go on")
        yield* again.do(retry())
        const rest = yield* again.do(ask())
        assert.deepStrictEqual([rest.status, rest.exit], ["completed", Exit.succeed("c 1")])
        assert.deepStrictEqual(journal.outside.happened, ["a", "b", "c"])
      }).pipe(Effect.scoped)
    )

    it.effect("does not keep others from going on", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const before = yield* journal.open(story(original))
        for (const id of ["1", "2", "3"]) before.launch(ask(id))
        yield* before.pass(1000)
        const after = yield* journal.open(story((id) => (id === "2" ? Effect.asVoid(d(id)) : original(id))))
        const rests = yield* after.do(
          Effect.all(
            ["1", "2", "3"].map((id) => ask(id)),
            { concurrency: 3 }
          )
        )
        assert.deepStrictEqual(
          rests.map(({ status }) => status),
          ["completed", "blocked", "completed"]
        )
      }).pipe(Effect.scoped)
    )

    it.effect("that is cancelled settles the step that a crash left in question before it takes anything back", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("b", happensAndCrashes, slowly(1000))
        const before = yield* journal.open(story(original))
        yield* before.attempt(ask())
        const after = yield* journal.open(story((id) => Effect.all([d(id), day])))
        assert.strictEqual((yield* after.do(ask())).status, "blocked")
        assert.strictEqual(journal.outside.asks("b"), 1)
        yield* after.do(cancel())
        const rest = yield* after.do(ask())
        assert.deepStrictEqual([rest.status, rest.undone], ["cancelled", ["b", "a"]])
        assert.deepStrictEqual(journal.outside.happened, ["a", "b", "undo b", "undo a"])
        assert.strictEqual(new Set(journal.outside.keysOf("b")).size, 1)
      }).pipe(Effect.scoped)
    )

    it.effect("that is cancelled goes on being taken back in the next process", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const before = yield* journal.open(story(original))
        before.launch(ask())
        yield* before.pass(1000)
        journal.outside.script("undo b", happensAndCrashes)
        const changed = story((id) => Effect.all([d(id), day]))
        const after = yield* journal.open(changed)
        yield* after.pass(25 * 3_600_000)
        assert.strictEqual((yield* after.do(ask())).status, "blocked")
        after.launch(cancel())
        assert.strictEqual((yield* after.attempt(Effect.never))._tag, "None")
        const last = yield* journal.open(changed)
        const rest = yield* last.do(ask())
        assert.deepStrictEqual([rest.status, rest.undone], ["cancelled", ["b", "a"]])
        assert.deepStrictEqual(journal.outside.happened, ["a", "b", "undo b", "undo a"])
      }).pipe(Effect.scoped)
    )

    it.effect("that was in the middle of taking back a scope leaves nothing undone twice when it is cancelled", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("undo a", happensAndCrashes)
        const scoped = (id: string) =>
          Effect.exit(
            coroutineScope(function* () {
              yield* a(id)
              yield* b(id)
              yield* Effect.die("tripped")
            })
          ).pipe(Effect.andThen(c(id)))
        const before = yield* journal.open(story(scoped))
        yield* before.attempt(ask())
        assert.deepStrictEqual(journal.outside.happened, ["a", "b", "undo b", "undo a"])
        const after = yield* journal.open(story((id) => d(id)))
        assert.strictEqual((yield* after.do(ask())).status, "blocked")
        yield* after.do(cancel())
        const rest = yield* after.do(ask())
        assert.strictEqual(rest.status, "cancelled")
        assert.deepStrictEqual([journal.outside.asks("undo a"), journal.outside.asks("undo b")], [2, 1])
        assert.deepStrictEqual(journal.outside.happened, ["a", "b", "undo b", "undo a"])
      }).pipe(Effect.scoped)
    )
  })

  describe("a record that cannot be read", () => {
    const spoilt = {
      "that is no JSON": "{",
      "that does not fit its schema": "42"
    }
    for (const [how, data] of Object.entries(spoilt)) {
      it.effect(`${how} blocks its own execution when it is the result of a step, and is shown; others go on`, () =>
        Effect.gen(function* () {
          const journal = yield* testJournal(harness)
          const before = yield* journal.open(story(original))
          for (const id of ["1", "2"]) before.launch(ask(id))
          yield* before.pass(1000)
          yield* before.leave
          const execution = [...journal.committed.rows.values()].find(({ name }) => name === "1")!.seq
          const result = journal.committed.of(execution).find(({ kind }) => kind === "done")!
          yield* journal.place.spoil({ execution, n: result.n, data })
          const after = yield* journal.open(story(original))
          const [first, second] = yield* after.do(Effect.all([ask("1"), ask("2")], { concurrency: 2 }))
          assert.deepStrictEqual([first.status, second.status], ["blocked", "completed"])
          assert.match(String(first.why?.message), /what is recorded of step "a".*cannot be read/)
          assert.strictEqual(
            (yield* after.do(Journal.use((journal) => journal.list({ status: ["blocked"] })))).length,
            1
          )
          assert.strictEqual((yield* after.do(Journal.use((journal) => journal.why("1"))))?.because, "blocked")
        }).pipe(Effect.scoped)
      )
    }

    for (const kind of ["step", "unknown", "timer"]) {
      it.effect(`blocks its own execution, and no other, when it is of kind ${kind} and no JSON`, () =>
        Effect.gen(function* () {
          const journal = yield* testJournal(harness)
          journal.outside.script("b", () => Effect.die("tripped"))
          const before = yield* journal.open(story(original))
          for (const id of ["1", "2"]) before.launch(ask(id))
          yield* before.pass(1000)
          yield* before.leave
          const spoilt = [...journal.committed.events].find((event) => event.kind === kind)!
          const name = journal.committed.rows.get(spoilt.execution)!.name
          yield* journal.place.spoil({ execution: spoilt.execution, n: spoilt.n, data: "{" })
          const after = yield* journal.open(story(original))
          const rests = yield* after.do(Effect.all([ask("1"), ask("2")], { concurrency: 2 }))
          for (const { status, why } of rests) {
            const isSpoilt = why !== null
            assert.strictEqual(status, isSpoilt ? "blocked" : "completed")
            if (isSpoilt) assert.match(why.message, /cannot be read/)
          }
          assert.strictEqual(rests.filter(({ status }) => status === "blocked").length, 1)
          assert.strictEqual(rests[Number(name) - 1]?.status, "blocked")
        }).pipe(Effect.scoped)
      )
    }

    it.effect("keeps its undo from being run blindly: it is blocked when it is cancelled as well", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const before = yield* journal.open(story(original))
        before.launch(ask())
        yield* before.pass(1000)
        yield* before.leave
        const result = journal.committed.of(1).find(({ kind }) => kind === "done")!
        yield* journal.place.spoil({ execution: 1, n: result.n, data: "42" })
        const after = yield* journal.open(story(original))
        yield* after.do(cancel())
        const rest = yield* after.do(ask())
        assert.strictEqual(rest.status, "blocked")
        assert.match(String(rest.why?.message), /what is recorded of step "a".*cannot be read/)
        assert.strictEqual(journal.outside.asks("undo a"), 0)
      }).pipe(Effect.scoped)
    )
  })
}
