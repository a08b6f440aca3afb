/**
 * The laws of signals: what is told to a story from outside, whenever it comes and whoever sends it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Schema } from "effect"
import { DurableDeferred } from "effect/workflow"
import { Journal, type JournalVisit, type Pending } from "firebreak/journal"
import { coroutineScope, supervisorScope } from "firebreak/supervision"
import { performEverywhere } from "./crashes.ts"
import { type Harness, type Life, testJournal, type TestJournal } from "./harness.ts"
import { asVisitor, idOf, inMemory, leaveRequest, writtenEvents } from "./outsiders.ts"
import { see, slowly, Sorry } from "./Outside.ts"
import { a, ask, b, show, story, Story } from "./stories.ts"

const Approval = DurableDeferred.make("approval", { success: Schema.String, error: Sorry })
const Second = DurableDeferred.make("second", { success: Schema.String })

const approved = DurableDeferred.await(Approval)

const token = <S extends Schema.Constraint, E extends Schema.Constraint>(
  deferred: DurableDeferred.DurableDeferred<S, E>,
  id = "1"
) => DurableDeferred.tokenFromExecutionId(deferred, { workflow: Story, executionId: idOf(id) })

const approve = (value: string, id = "1") => DurableDeferred.succeed(Approval, { token: token(Approval, id), value })

/** Leaves the signal in the inbox, as another process does. */
const approveFromElsewhere = (journal: TestJournal, value: string, id = "1") =>
  leaveRequest(journal, "signal", { name: Approval.name, exit: JSON.stringify({ ok: value }) }, idOf(id))

/** The signals that are written down. */
const writtenSignals = (journal: TestJournal) =>
  Effect.map(writtenEvents(journal), (events) => events.filter(({ kind }) => kind === "signal").map(({ data }) => data))

const orders = story(() =>
  Effect.gen(function* () {
    yield* a("1")
    return yield* approved
  })
)

export const signalLaws = (harness: Harness): void => {
  describe("a signal", () => {
    it.effect("is told to a story that waits for it", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(orders)
        const asked = life.launch(ask())
        yield* life.settle
        assert.isUndefined(asked.pollUnsafe())
        yield* life.do(approve("yes"))
        const rest = yield* life.do(ask())
        assert.deepStrictEqual(rest.exit, Exit.succeed("yes"))
      }).pipe(Effect.scoped)
    )

    it.effect("wakes a story that has left memory, also in another process", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const first = yield* journal.open(orders)
        first.launch(ask())
        yield* first.pass(5000)
        assert.strictEqual(yield* first.do(inMemory), 0)
        yield* first.do(approve("yes"))
        const rest = yield* first.do(ask())
        assert.deepStrictEqual(rest.exit, Exit.succeed("yes"))
        first.launch(ask("2"))
        yield* first.pass(5000)
        const second = yield* journal.open(orders)
        yield* second.pass(5000)
        assert.strictEqual(yield* second.do(inMemory), 0, "what waits for a signal is left where it is")
        yield* second.do(approve("later", "2"))
        assert.deepStrictEqual((yield* second.do(ask("2"))).exit, Exit.succeed("later"))
        assert.deepStrictEqual(
          journal.outside.asked.map(({ what }) => what),
          ["a", "a"]
        )
      }).pipe(Effect.scoped)
    )

    it.effect("that comes before anybody waits for it is kept", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("a", slowly(3000))
        const life = yield* journal.open(orders)
        life.launch(ask())
        yield* life.settle
        yield* life.do(approve("early"))
        const rest = yield* life.do(ask())
        assert.deepStrictEqual(rest.exit, Exit.succeed("early"))
        assert.strictEqual(journal.outside.asks("a"), 1)
      }).pipe(Effect.scoped)
    )

    it.effect("that comes before its execution exists is kept for it, also in another process", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const first = yield* journal.open(orders)
        yield* first.do(approve("first of all", "1"))
        yield* first.do(approve("for later", "2"))
        assert.deepStrictEqual((yield* first.do(ask("1"))).exit, Exit.succeed("first of all"))
        const second = yield* journal.open(orders)
        assert.deepStrictEqual((yield* second.do(ask("2"))).exit, Exit.succeed("for later"))
      }).pipe(Effect.scoped)
    )

    it.effect("counts once: the first answer stands, also when a second one comes in another process", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const body = story(() =>
          Effect.gen(function* () {
            const first = yield* approved
            yield* Effect.sleep("10 seconds")
            return `${first} ${yield* approved}`
          })
        )
        const first = yield* journal.open(body)
        first.launch(ask())
        yield* first.settle
        yield* first.do(approve("yes"))
        yield* first.do(approve("no"))
        const second = yield* journal.open(body)
        yield* second.do(approve("never"))
        assert.deepStrictEqual((yield* second.do(ask())).exit, Exit.succeed("yes yes"))
        assert.deepStrictEqual(yield* writtenSignals(journal), ['{"ok":"yes"}'])
      }).pipe(Effect.scoped)
    )

    it.effect("to an execution that has ended does nothing: its body does not run again, also in another process", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        let bodies = 0
        const workflows = story(() => Effect.sync(() => `ended ${++bodies}`))
        const first = yield* journal.open(workflows)
        yield* first.do(ask())
        const before = yield* first.do(show())
        yield* first.pass(1000)
        yield* first.do(approve("late"))
        yield* first.pass(1000)
        assert.deepStrictEqual(yield* first.do(show()), before)
        const second = yield* journal.open(workflows)
        yield* second.do(approve("later"))
        yield* second.pass(1000)
        assert.deepStrictEqual(yield* second.do(show()), before)
        assert.strictEqual(bodies, 1)
      }).pipe(Effect.scoped)
    )

    it.effect("can be a failure, which is the class with its fields", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const body = story(() =>
          Effect.catchTag(approved, "Sorry", (sorry) => Effect.succeed(`${sorry instanceof Sorry} ${sorry.left}`))
        )
        const life = yield* journal.open(body)
        life.launch(ask())
        yield* life.settle
        yield* life.do(
          DurableDeferred.fail(Approval, { token: token(Approval), error: new Sorry({ why: "no", left: 7 }) })
        )
        assert.deepStrictEqual((yield* life.do(ask())).exit, Exit.succeed("true 7"))
      }).pipe(Effect.scoped)
    )

    it.effect("is acknowledged only after it has been committed", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        let isHeld = false
        let release = () => {}
        const held = new Promise<void>((resolve) => (release = resolve))
        const life = yield* journal.open(orders, {
          around: (_, commit) =>
            isHeld
              ? Effect.andThen(
                  Effect.promise(() => held),
                  commit
                )
              : commit
        })
        life.launch(ask())
        yield* life.settle
        isHeld = true
        const acknowledged = life.launch(approve("yes"))
        yield* life.settle
        assert.isUndefined(acknowledged.pollUnsafe(), "it is not acknowledged while it is not written")
        isHeld = false
        release()
        yield* life.settle
        assert.isDefined(acknowledged.pollUnsafe())
        assert.deepStrictEqual(yield* writtenSignals(journal), ['{"ok":"yes"}'])
      }).pipe(Effect.scoped)
    )

    it.effect("from another process is found while nothing else happens", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(orders)
        life.launch(ask())
        yield* life.settle
        yield* approveFromElsewhere(journal, "from elsewhere")
        assert.deepStrictEqual((yield* life.do(ask())).exit, Exit.succeed("from elsewhere"))
      }).pipe(Effect.scoped)
    )

    it.effect("is sent with its type from any process, by the journal's own word", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(orders)
        life.launch(ask())
        yield* life.settle
        const signal = (visit: JournalVisit, id: string, value: string) =>
          visit.signal(id, Approval, Exit.succeed(value))
        const told = yield* life.do(Journal.use((journal) => signal(journal, "1", "by name")))
        assert.strictEqual(told, "told")
        assert.deepStrictEqual((yield* life.do(ask())).exit, Exit.succeed("by name"))
        assert.strictEqual(yield* life.do(Journal.use((journal) => signal(journal, "1", "late"))), "not waiting")
        // Of one that is not there yet it is kept, whoever sent it.
        const early = yield* life.do(Journal.use((journal) => signal(journal, idOf("2"), "early")))
        assert.strictEqual((early as Pending)._tag, "Pending") // sound: asserted
        yield* asVisitor(journal, (visit) => signal(visit, idOf("3"), "from elsewhere"))
        assert.deepStrictEqual((yield* life.do(ask("2"))).exit, Exit.succeed("early"))
        assert.deepStrictEqual((yield* life.do(ask("3"))).exit, Exit.succeed("from elsewhere"))
      }).pipe(Effect.scoped)
    )

    it.effect("that was left while nobody owned the journal is told to the next owner's story", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const first = yield* journal.open(orders)
        first.launch(ask())
        yield* first.pass(5000)
        yield* journal.end(first)
        yield* approveFromElsewhere(journal, "left behind")
        const second = yield* journal.open(orders)
        yield* second.pass(1000)
        assert.deepStrictEqual((yield* second.do(ask())).exit, Exit.succeed("left behind"))
      }).pipe(Effect.scoped)
    )

    it.effect("does not start a running sibling step again", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("a", slowly(3000))
        const body = story(() =>
          supervisorScope(function* (scope) {
            const step = yield* scope.async(a("1"))
            const signal = yield* scope.async(Effect.tap(approved, see))
            return `${yield* signal.await} ${yield* step.await}`
          })
        )
        const life = yield* journal.open(body)
        life.launch(ask())
        yield* life.pass(1000)
        yield* life.do(approve("in between"))
        assert.deepStrictEqual((yield* life.do(ask())).exit, Exit.succeed("in between a 1"))
        assert.deepStrictEqual(
          journal.outside.asked.map(({ what }) => what),
          ["a"]
        )
      }).pipe(Effect.scoped)
    )

    it.effect("and a timer race alike in every replay, whichever comes first", () =>
      Effect.gen(function* () {
        const body = story(() =>
          Effect.gen(function* () {
            const first = yield* Effect.raceFirst(Effect.as(Effect.sleep("2 seconds"), "late"), approved)
            yield* see(first)
            yield* a(first)
            return first
          })
        )
        const beside = (at: number) => (life: Life) =>
          Effect.andThen(Effect.sleep(at), approve("in time")).pipe(Effect.provideContext(life.context))
        for (const at of harness.isQuick ? [1000, 1999, 2000, 2001, 3000] : [2000]) {
          const all = yield* performEverywhere(harness, { workflows: body, ask: ask(), beside: beside(at) })
          for (const { answer, contradictions, crash, journal } of all) {
            assert.deepStrictEqual(contradictions, [], `signal at ${at}, ${crash}`)
            assert.isTrue(Exit.isSuccess(answer), `signal at ${at}, ${crash}`)
            assert.strictEqual(new Set(journal.outside.keysOf("a")).size, 1)
          }
          assert.deepStrictEqual(all[0]!.seen, [at < 2000 ? "in time" : all[0]!.seen[0]!])
        }
      })
    )

    it.effect("for one of several waiting jobs wakes that one alone", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const body = story(() =>
          coroutineScope(function* (scope) {
            const one = yield* scope.async(Effect.tap(approved, () => see("one")))
            const two = yield* scope.async(Effect.tap(DurableDeferred.await(Second), () => see("two")))
            const three = yield* scope.async(Effect.tap(approved, () => see("three")))
            return `${yield* one.await} ${yield* two.await} ${yield* three.await}`
          })
        )
        const life = yield* journal.open(body)
        life.launch(ask())
        yield* life.settle
        yield* life.do(DurableDeferred.succeed(Second, { token: token(Second), value: "second" }))
        assert.deepStrictEqual(
          life.seen.map(({ what }) => what),
          ["two"]
        )
        yield* life.do(approve("first"))
        assert.deepStrictEqual((yield* life.do(ask())).exit, Exit.succeed("first second first"))
        assert.deepStrictEqual(
          life.seen.map(({ what }) => what),
          ["two", "one", "three"]
        )
      }).pipe(Effect.scoped)
    )

    it.effect("that a story sends to another one is told, whatever crashes in between", () =>
      Effect.gen(function* () {
        const body = story((id) =>
          id === "sender"
            ? Effect.gen(function* () {
                const value = yield* a(id)
                yield* approve(value, "receiver")
                yield* see("sent")
                return yield* b(id)
              })
            : approved
        )
        const both = Effect.all([ask("receiver"), ask("sender")], { concurrency: 2 })
        const all = yield* performEverywhere(harness, { workflows: body, ask: both })
        for (const { answer, contradictions, crash, journal } of all) {
          assert.deepStrictEqual(contradictions, [], crash)
          assert.isTrue(Exit.isSuccess(answer), crash)
          if (Exit.isFailure(answer)) continue
          const [receiver, sender] = answer.value
          assert.strictEqual(sender.status, "completed", `${crash}: ${sender.why?.message}`)
          assert.deepStrictEqual(receiver.exit, Exit.succeed(`a ${journal.outside.asks("a")}`), crash)
        }
      })
    )
  })
}
