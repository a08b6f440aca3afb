/**
 * The laws of what a person may ask: to try again, to settle what nobody knows, to remove what is old.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Schema } from "effect"
import { DurableDeferred, Workflow } from "effect/workflow"
import { ExecutionNotFound, Journal, PayloadConflict, type RequestRefused, type Verdict } from "firebreak/journal"
import { Found, Step } from "firebreak/workflows"
import { digestOf, executionIdOf } from "../../../../src/adapters/engine/keys.ts"
import { performEverywhere } from "./crashes.ts"
import { type Harness, type Life, testJournal, type TestJournal } from "./harness.ts"
import { happensAnd, refuses, slowly, Sorry, well, World } from "./Outside.ts"
import { answered, asVisitor, idOf, leaveRequest, written, writtenEvents } from "./outsiders.ts"
import { a, ask, b, show, Story, story } from "./stories.ts"

/** A price, of which only a person knows when it is in question. */
const priced = Step.make("priced", {
  success: Schema.Struct({ cents: Schema.Int, at: Schema.DateFromString }),
  error: Sorry,
  do: (input: string, key) =>
    Effect.as(
      World.use((world) => world.call("priced", key, input)),
      { cents: 100, at: new Date(0) }
    ),
  undo: ({ cents }, key) => World.use((world) => world.call(`undo priced ${cents}`, key)),
  unknown: "ask"
})
/** The same, of which a slow look finds out. */
const sought = Step.make("sought", {
  success: Schema.String,
  error: Sorry,
  do: (input: string, key) => World.use((world) => world.call("sought", key, input)),
  undo: "nothing",
  unknown: (_, key) => World.use((world) => world.ask("look", key)),
  retry: { attempts: 5, backoff: { first: "100 millis" } }
})
const lost = happensAnd(Effect.die(new Error("broken line")))
const neverHeard = () => Effect.die(new Error("broken line"))

const body = story((id) =>
  Effect.gen(function* () {
    yield* a(id)
    const { at, cents } = yield* priced(id)
    return `${cents} ${at.getTime()}`
  })
)

const settle = (verdict: Verdict, step = "priced", id = "1") =>
  Journal.use((journal) => journal.settle(id, step, verdict))
const retry = (id = "1") => Journal.use((journal) => journal.retry(id))
const remove = (which: Parameters<Journal["Service"]["remove"]>[0]) => Journal.use((journal) => journal.remove(which))

const Go = DurableDeferred.make("go")
const waits = DurableDeferred.await(Go)

/** Why a request was refused. */
const refused = (life: Life, request: Effect.Effect<unknown, unknown, Journal>): Effect.Effect<string> =>
  Effect.map(life.do(Effect.flip(request)), (error) => {
    assert.strictEqual((error as RequestRefused)._tag, "RequestRefused") // sound: asserted
    return (error as RequestRefused).reason // sound: asserted
  })

/** Opens a journal in which an execution is stuck, because a person is to be asked. */
const stuck = (
  harness: Harness,
  script: (journal: TestJournal) => void = ({ outside }) => outside.script("priced", lost)
) =>
  Effect.gen(function* () {
    const journal = yield* testJournal(harness)
    script(journal)
    const life = yield* journal.open(body)
    assert.strictEqual((yield* life.do(ask())).status, "stuck")
    return { journal, life }
  })

export const requestLaws = (harness: Harness): void => {
  describe("what a person says of a step that nobody knows about", () => {
    it.effect("counts as its value, as its schema makes it, and the story goes on with it", () =>
      Effect.gen(function* () {
        const { journal, life } = yield* stuck(harness)
        yield* life.do(settle({ _tag: "Done", value: { cents: 99, at: "1970-01-01T00:00:00.007Z" } }))
        assert.deepStrictEqual((yield* life.do(ask())).exit, Exit.succeed("99 7"))
        assert.strictEqual(journal.outside.asks("priced"), 1)
      }).pipe(Effect.scoped)
    )

    it.effect("is refused, with what is wrong, if it does not fit its schema; and nothing has changed", () =>
      Effect.gen(function* () {
        const { journal, life } = yield* stuck(harness)
        const before = yield* writtenEvents(journal)
        for (const value of [
          undefined,
          7,
          { cents: "many", at: "1970-01-01T00:00:00.000Z" },
          { cents: 1.5, at: "1970-01-01" }
        ]) {
          assert.match(yield* refused(life, settle({ _tag: "Done", value })), /the value does not fit the step: /)
        }
        assert.match(
          yield* refused(life, settle({ _tag: "Done", value: { cents: "many", at: "2000-01-01" } })),
          /cents/
        )
        assert.match(yield* refused(life, settle({ _tag: "Undone" })), /it is not being taken back/)
        assert.deepStrictEqual(yield* writtenEvents(journal), before)
        assert.strictEqual((yield* written(journal))!.status, "stuck")
      }).pipe(Effect.scoped)
    )

    it.effect("if it is absent, has it done with another key", () =>
      Effect.gen(function* () {
        const { journal, life } = yield* stuck(harness, ({ outside }) => outside.script("priced", neverHeard))
        yield* life.do(settle({ _tag: "Absent" }))
        assert.deepStrictEqual((yield* life.do(ask())).exit, Exit.succeed("100 0"))
        assert.strictEqual(new Set(journal.outside.keysOf("priced")).size, 2)
      }).pipe(Effect.scoped)
    )

    it.effect("is refused for a step that there is not, is not in question, or of an execution that has ended", () =>
      Effect.gen(function* () {
        const { journal, life } = yield* stuck(harness)
        assert.match(yield* refused(life, settle({ _tag: "Absent" }, "nothing")), /it has no step "nothing"/)
        assert.match(yield* refused(life, settle({ _tag: "Done", value: "a" }, "a")), /the step "a" is done/)
        assert.match(yield* refused(life, retry()), /nobody knows what became of "priced": say so with settle/)
        yield* life.do(settle({ _tag: "Absent" }))
        yield* life.do(ask())
        assert.match(yield* refused(life, settle({ _tag: "Absent" })), /completed/)
        assert.match(yield* refused(life, retry()), /it has ended: completed/)
        const unknown = yield* life.do(Effect.flip(settle({ _tag: "Absent" }, "priced", "nobody")))
        assert.deepStrictEqual(unknown, new ExecutionNotFound({ id: "nobody" }))
        assert.strictEqual(journal.outside.asks("priced"), 2)
      }).pipe(Effect.scoped)
    )

    it.effect("while a look is on its way is what counts: what the look answers comes too late", () =>
      Effect.gen(function* () {
        for (const late of [Found.absent, Found.done("found"), Found.unknown]) {
          const journal = yield* testJournal(harness)
          journal.outside.script("sought", neverHeard, slowly(5000))
          journal.outside.answer(
            "look",
            slowly(1000, () => Effect.succeed(late))
          )
          const life = yield* journal.open(story((id) => sought(id)))
          const asked = life.launch(ask())
          yield* life.pass(300)
          assert.strictEqual(journal.outside.asks("look"), 1)
          yield* life.do(settle({ _tag: "Absent" }, "sought"))
          yield* life.pass(60_000)
          const rest = asked.pollUnsafe()
          assert.deepStrictEqual(
            rest !== undefined && Exit.isSuccess(rest) && rest.value.exit,
            Exit.succeed("sought 2")
          )
          assert.deepStrictEqual(journal.outside.happened, ["sought"], "only one attempt was begun after it")
          assert.strictEqual(journal.outside.asks("sought"), 2)
        }
      }).pipe(Effect.scoped)
    )

    it.effect("is said of the attempt that was seen: of a later one nothing is known", () =>
      Effect.gen(function* () {
        const { journal, life } = yield* stuck(harness, ({ outside }) => outside.script("priced", neverHeard, lost))
        const call = (yield* life.do(show())).steps.find(({ step }) => step === "priced")!.call
        const absent = { step: "priced", verdict: { _tag: "Absent" }, seen: { call, attempts: 1 } }
        assert.property(yield* answered(journal, yield* leaveRequest(journal, "settle", absent)), "ok")
        assert.strictEqual((yield* life.do(ask())).status, "stuck")
        // The owner before has carried it out and ended before it could answer: it is found again.
        assert.property(yield* answered(journal, yield* leaveRequest(journal, "settle", absent)), "ok")
        const done = { ...absent, verdict: { _tag: "Done", value: { cents: 99, at: "1970-01-01T00:00:00.000Z" } } }
        const late = yield* answered(journal, yield* leaveRequest(journal, "settle", done))
        assert.match(JSON.stringify(late), /has been begun again meanwhile/)
        yield* life.pass(60_000)
        assert.strictEqual(journal.outside.asks("priced"), 2)
        yield* life.do(settle(done.verdict as Verdict)) // sound: it is one
        assert.deepStrictEqual((yield* life.do(ask())).exit, Exit.succeed("99 0"))
      }).pipe(Effect.scoped)
    )

    it.effect("while nobody owns the journal goes before the answer to whoever asks the next owner", () =>
      Effect.gen(function* () {
        const execute = Effect.map(Effect.exit(Story.execute({ id: "1" })), (exit) => ({ exit }))
        for (const asks of [Effect.map(ask(), ({ exit }) => ({ exit })), execute]) {
          const { journal, life } = yield* stuck(harness)
          yield* journal.end(life)
          const said = { _tag: "Done", value: { cents: 99, at: "1970-01-01T00:00:00.000Z" } }
          yield* leaveRequest(journal, "settle", { step: "priced", verdict: said })
          const next = yield* journal.open(body)
          assert.deepStrictEqual((yield* next.do(asks)).exit, Exit.succeed("99 0"))
        }
      }).pipe(Effect.scoped)
    )

    it.effect("about a step that there is not is refused at once, also where nobody owns the journal", () =>
      Effect.gen(function* () {
        const { journal, life } = yield* stuck(harness)
        yield* journal.end(life)
        const error = yield* asVisitor(journal, (visit) => Effect.flip(visit.settle("1", "prized", { _tag: "Absent" })))
        assert.match((error as RequestRefused).reason, /it has no step "prized"/) // sound: asserted
      }).pipe(Effect.scoped)
    )

    it.effect("is remembered wherever the process is gone, and done only once", () =>
      Effect.gen(function* () {
        const play = {
          workflows: body,
          ask: Effect.gen(function* () {
            const rest = yield* ask()
            if (rest.status !== "stuck") return rest
            yield* Effect.ignore(settle({ _tag: "Done", value: { cents: 99, at: "1970-01-01T00:00:00.000Z" } }))
            return yield* ask()
          }),
          script: ({ outside }: TestJournal) => outside.answer("priced", lost)
        }
        for (const { answer, contradictions, crash, journal } of yield* performEverywhere(harness, play)) {
          assert.deepStrictEqual(contradictions, [], crash)
          assert.deepStrictEqual(Exit.isSuccess(answer) && answer.value.exit, Exit.succeed("99 0"), crash)
          assert.isAtMost(journal.outside.asks("priced"), 1, crash)
        }
      })
    )

    it.effect("of an undo that is stuck counts as undone, and the others go on", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("undo b", neverHeard)
        const life = yield* journal.open(
          story((id) =>
            Effect.gen(function* () {
              yield* a(id)
              yield* b(id)
              return yield* new Sorry({ why: "no", left: 0 })
            })
          )
        )
        assert.strictEqual((yield* life.do(ask())).status, "stuck")
        assert.match(yield* refused(life, settle({ _tag: "Done" }, "b")), /is being taken back: say --undone/)
        yield* life.do(settle({ _tag: "Undone" }, "b"))
        const rest = yield* life.do(ask())
        assert.deepStrictEqual([rest.status, rest.why!.because], ["refused", "failure"])
        assert.deepStrictEqual(journal.outside.happened, ["a", "b", "undo a"])
        assert.strictEqual((yield* life.do(show())).steps.find(({ step }) => step === "b")!.undo, "undone")
      }).pipe(Effect.scoped)
    )
  })

  describe("trying again", () => {
    it.effect("is refused for an execution that runs or waits, with the reason", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(story(() => waits))
        life.launch(ask())
        yield* life.settle
        assert.match(yield* refused(life, retry()), /it is not stuck/)
        yield* life.pass(60_000)
        assert.match(yield* refused(life, retry()), /it is not stuck/)
        assert.strictEqual((yield* written(journal))!.status, "suspended")
      }).pipe(Effect.scoped)
    )

    it.effect("without the workflow's layer is refused, with what to do", () =>
      Effect.gen(function* () {
        const { journal } = yield* stuck(harness)
        const Else = Workflow.make("Else", { payload: {}, idempotencyKey: () => "1" })
        const next = yield* journal.open(Else.toLayer(() => Effect.void))
        for (const request of [retry(), settle({ _tag: "Absent" }), Journal.use((journal) => journal.cancel("1"))]) {
          assert.match(yield* refused(next, request), /its workflow "Story" is not registered: provide its layer/)
        }
      }).pipe(Effect.scoped)
    )
  })

  describe("an execution that was removed", () => {
    it.effect("leaves a tombstone that answers whoever asks again, and conflicts with another payload", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        let bodies = 0
        const workflows = story((id) => Effect.sync(() => `${id} ${++bodies}`))
        const life = yield* journal.open(workflows)
        yield* life.do(ask())
        yield* life.pass(60_000)
        assert.strictEqual(yield* life.do(remove({ olderThan: "10 seconds" })), 1)
        assert.strictEqual(yield* life.do(remove({ olderThan: "10 seconds" })), 0)
        assert.deepStrictEqual(yield* life.do(Journal.use((journal) => journal.list())), [])
        assert.deepStrictEqual(yield* life.do(Effect.flip(show())), new ExecutionNotFound({ id: "1" }))
        for (const isOpenedAgain of [false, true]) {
          const process = isOpenedAgain ? yield* journal.open(workflows) : life
          const rest = yield* process.do(ask())
          assert.deepStrictEqual([rest.found, rest.status, rest.exit], ["finished", "completed", Exit.succeed("1 1")])
          const conflict = yield* process.do(
            Effect.flip(Journal.use((journal) => journal.run(Story, { id: "1", note: "other" })))
          )
          assert.instanceOf(conflict, PayloadConflict)
          assert.match(conflict.message, /the recorded payload was removed/)
        }
        assert.strictEqual(bodies, 1)
      }).pipe(Effect.scoped)
    )

    it.effect("was old enough, of a status that was meant, and had ended", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.answer("b", refuses)
        journal.outside.script("priced", lost)
        const life = yield* journal.open(
          story((id): Effect.Effect<unknown, any, any> =>
            id === "waits" ? waits : id === "stuck" ? priced(id) : id === "refused" ? b(id) : a(id)
          )
        )
        for (const id of ["waits", "stuck", "refused", "done"]) {
          life.launch(ask(id))
          yield* life.pass(10_000)
        }
        yield* life.pass(50_000)
        life.launch(ask("young"))
        yield* life.settle
        const names = Effect.map(life.do(Journal.use((journal) => journal.list())), (rows) =>
          rows.map(({ name }) => name)
        )
        assert.strictEqual(yield* life.do(remove({ olderThan: "30 seconds", status: ["refused"] })), 1)
        assert.deepStrictEqual(yield* names, ["young", "done", "stuck", "waits"])
        assert.strictEqual(yield* life.do(remove({ olderThan: "30 seconds" })), 1)
        assert.deepStrictEqual(yield* names, ["young", "stuck", "waits"])
        yield* life.pass(100)
        assert.strictEqual(yield* life.do(remove({ olderThan: 0 })), 1)
        assert.deepStrictEqual(yield* names, ["stuck", "waits"])
      }).pipe(Effect.scoped)
    )

    it.effect("is one of many: all that are old are removed, however many there are", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(story((id) => Effect.succeed(id)))
        const ids = Array.from({ length: 1200 }, (_, n) => String(n))
        yield* life.do(Effect.forEach(ids, ask, { concurrency: "unbounded" }))
        yield* life.pass(1000)
        assert.strictEqual(yield* life.do(remove({ olderThan: 0 })), 1200)
      }).pipe(Effect.scoped)
    )

    it.effect("and was a child cannot be taken back any more: its parent is stuck, and says why", () =>
      Effect.gen(function* () {
        const Child = Workflow.make("Child", {
          payload: { id: Schema.String },
          success: Schema.String,
          error: Sorry,
          idempotencyKey: ({ id }) => id
        })
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(
          Layer.merge(
            story(() =>
              Effect.gen(function* () {
                yield* Child.execute({ id: "child" })
                yield* waits
                return yield* new Sorry({ why: "no", left: 0 })
              })
            ),
            // sound: the step gives up only when it is unavailable, which it is not
            Child.toLayer(({ id }) => a(id) as Effect.Effect<string, Sorry, World>)
          )
        )
        life.launch(ask())
        yield* life.pass(60_000)
        assert.strictEqual(yield* life.do(remove({ olderThan: "10 seconds" })), 1)
        yield* life.do(
          DurableDeferred.succeed(Go, {
            token: DurableDeferred.tokenFromExecutionId(Go, { workflow: Story, executionId: idOf("1") }),
            value: undefined
          })
        )
        const rest = yield* life.do(ask())
        assert.strictEqual(rest.status, "stuck")
        assert.match(rest.why!.message, /the child's journal was removed: what it did cannot be taken back from it/)
        const id = executionIdOf(Child, { id: "child" })
        yield* life.do(settle({ _tag: "Undone" }, id))
        assert.strictEqual((yield* life.do(ask())).status, "refused")
      }).pipe(Effect.scoped)
    )
  })

  describe("a request in the inbox", () => {
    it.effect("starts an execution once, and is refused for another payload", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(story((id) => a(id)))
        const asked = yield* life.do(ask("known"))
        const row = (yield* written(journal, asked.id))!
        const start = (id: string, payload: string, digest: string) =>
          leaveRequest(journal, "start", { workflow: "Story", name: id, payload, digest }, idOf(id))
        const known = yield* answered(journal, yield* start("known", row.payload, row.digest))
        assert.deepStrictEqual(known, { ok: "completed" })
        const other = yield* answered(journal, yield* start("known", row.payload, "another"))
        assert.match(JSON.stringify(other), /started before with another payload/)
        const digest = digestOf('{"id":"new"}')
        assert.deepStrictEqual(yield* answered(journal, yield* start("new", '{"id":"new"}', digest)), { ok: "running" })
        yield* answered(journal, yield* start("new", '{"id":"new"}', digest))
        assert.deepStrictEqual((yield* life.do(ask("new"))).exit, Exit.succeed("a 2"))
      }).pipe(Effect.scoped)
    )

    it.effect("that cannot be read is refused, and those after it are carried out", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.answer("a", well)
        const life = yield* journal.open(story((id) => Effect.andThen(a(id), waits)))
        life.launch(ask())
        yield* life.settle
        const nonsense = yield* leaveRequest(journal, "signal", null)
        const unknown = yield* leaveRequest(journal, "settle", { step: 7 })
        const cancel = yield* leaveRequest(journal, "cancel", null)
        assert.match(JSON.stringify(yield* answered(journal, nonsense)), /the request cannot be read/)
        assert.match(JSON.stringify(yield* answered(journal, unknown)), /refused/)
        assert.match(JSON.stringify(yield* answered(journal, cancel)), /"status"/)
        assert.strictEqual((yield* life.do(ask())).status, "cancelled")
      }).pipe(Effect.scoped)
    )

    it.effect("about what nobody knows is answered as missing", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        yield* journal.open(body)
        for (const kind of ["cancel", "retry", "settle"] as const) {
          const answer = yield* answered(
            journal,
            yield* leaveRequest(journal, kind, { step: "a", verdict: { _tag: "Absent" } }, "nobody")
          )
          assert.deepStrictEqual(answer, { missing: true }, kind)
        }
      }).pipe(Effect.scoped)
    )
  })
}
