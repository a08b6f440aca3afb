/**
 * The laws of reading: what is listed, shown and said of executions, to the owner of a journal and to who visits it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Layer, Schema } from "effect"
import { DurableDeferred, Workflow } from "effect/workflow"
import { ExecutionNotFound, Journal, type JournalVisit, NameAmbiguous, RequestRefused } from "firebreak/journal"
import { coroutineScope, supervisorScope } from "firebreak/supervision"
import { Step } from "firebreak/workflows"
import { executionIdOf } from "../../../../src/adapters/engine/keys.ts"
import { makeVisitor } from "../../../../src/adapters/engine/makeJournal.ts"
import { type Harness, testJournal, type TestJournal } from "./harness.ts"
import { happensAnd, refuses, slowly, Sorry, unavailable, World } from "./Outside.ts"
import { answered, idOf, written } from "./outsiders.ts"
import { a, ask, b, c, show, Story, story } from "./stories.ts"

const Go = DurableDeferred.make("go")
const go = (id = "1") =>
  DurableDeferred.succeed(Go, {
    token: DurableDeferred.tokenFromExecutionId(Go, { workflow: Story, executionId: idOf(id) }),
    value: undefined
  })

/** Another workflow, whose executions have the names that those of stories have. */
const Other = Workflow.make("Other", { payload: { id: Schema.String }, idempotencyKey: ({ id }) => id })

/** A step of which only a person knows, when it is in question. */
const whispered = Step.make("whispered", {
  do: (input: string, key) => Effect.asVoid(World.use((world) => world.call("whispered", key, input))),
  error: Sorry,
  undo: (_, key) => World.use((world) => world.call("undo whispered", key)),
  unknown: "ask"
})

const list = (filter?: Parameters<JournalVisit["list"]>[0]) => Journal.use((journal) => journal.list(filter))
const why = (id = "1") => Journal.use((journal) => journal.why(id))

/** Asks as somebody who does not own the journal; he waits in real time. */
const visiting = <A, E>(
  journal: TestJournal,
  ask: (visit: JournalVisit) => Effect.Effect<A, E>,
  patience: "1 minute" | "100 millis" = "1 minute"
) =>
  Effect.scoped(
    Effect.gen(function* () {
      const visitor = yield* journal.place.visit
      return yield* ask(yield* makeVisitor(visitor, visitor.namespace, patience))
    })
  ).pipe(Effect.provideService(Clock.Clock, Clock.Clock.defaultValue()))

export const readingLaws = (harness: Harness): void => {
  describe("what is read of executions", () => {
    it.effect("is listed by workflow, status and time, newest first", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.answer("b", refuses)
        const life = yield* journal.open(
          story((id) => (id === "refused" ? b(id) : id === "waits" ? DurableDeferred.await(Go) : Effect.succeed(id)))
        )
        const began = journal.time.now
        for (const id of ["done", "refused", "waits", "done too"]) {
          life.launch(ask(id))
          yield* life.pass(10_000)
        }
        const names = (rows: ReadonlyArray<{ readonly name: string }>) => rows.map(({ name }) => name)
        assert.deepStrictEqual(names(yield* life.do(list())), ["done too", "waits", "refused", "done"])
        assert.deepStrictEqual(names(yield* life.do(list({ status: ["completed", "refused"] }))), [
          "done too",
          "refused",
          "done"
        ])
        assert.deepStrictEqual(names(yield* life.do(list({ status: ["suspended"] }))), ["waits"])
        assert.deepStrictEqual(names(yield* life.do(list({ workflow: "Other" }))), [])
        assert.deepStrictEqual(names(yield* life.do(list({ workflow: "Story", limit: 1 }))), ["done too"])
        assert.deepStrictEqual(names(yield* life.do(list({ from: began + 10_000, until: began + 30_000 }))), [
          "waits",
          "refused"
        ])
        const counts = yield* life.do(Journal.use(({ counts }) => counts))
        assert.deepStrictEqual(
          new Map(counts),
          new Map([
            ["completed", 2],
            ["refused", 1],
            ["suspended", 1]
          ])
        )
      }).pipe(Effect.scoped)
    )

    it.effect(
      "comes in pages by key: none is missing and none comes twice, although others are started meanwhile",
      () =>
        Effect.gen(function* () {
          const journal = yield* testJournal(harness)
          const life = yield* journal.open(story((id) => Effect.succeed(id)))
          const ids = Array.from({ length: 25 }, (_, n) => `order ${n}`)
          yield* life.do(Effect.forEach(ids, ask, { concurrency: 5 }))
          const seen: Array<string> = []
          let before: number | undefined
          for (let page = 0; ; page++) {
            const rows = yield* life.do(list({ limit: 7, before }))
            if (rows.length === 0) break
            seen.push(...rows.map(({ name }) => name))
            before = rows.at(-1)!.seq
            yield* life.do(ask(`new ${page}`))
          }
          assert.strictEqual(seen.length, 25)
          assert.deepStrictEqual(new Set(seen), new Set(ids))
        }).pipe(Effect.scoped)
    )

    it.effect("is shown by id, or by the name people use: the name of a child only where nothing else has it", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const both = yield* journal.open(
          Layer.merge(
            story((id) => Effect.andThen(Other.execute({ id }), Other.execute({ id: `${id}, child` }))),
            Other.toLayer(() => Effect.void)
          )
        )
        yield* both.do(ask("2"))
        assert.strictEqual((yield* both.do(show("2"))).workflow, "Story")
        assert.strictEqual((yield* both.do(show(executionIdOf(Other, { id: "2" })))).workflow, "Other")
        assert.strictEqual((yield* both.do(show("2, child"))).workflow, "Other")
        const nobody = yield* both.attempt(Effect.flip(show("nobody")))
        assert.deepStrictEqual(
          nobody._tag === "Some" && nobody.value,
          Exit.succeed(new ExecutionNotFound({ id: "nobody" }))
        )
      }).pipe(Effect.scoped)
    )

    it.effect("is not guessed: who asks by a name that two workflows use is told both, and nothing happens", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const body = Layer.merge(
          story((id) =>
            Effect.gen(function* () {
              yield* a(id)
              yield* Other.execute({ id }, { discard: true, detached: true })
              yield* DurableDeferred.await(Go)
            })
          ),
          Other.toLayer(() => Effect.void)
        )
        const life = yield* journal.open(body)
        life.launch(ask())
        yield* life.pass(10_000)
        const other = executionIdOf(Other, { id: "1" })
        const executions = [
          { workflow: "Story", id: idOf("1") },
          { workflow: "Other", id: other }
        ]
        const expected = new NameAmbiguous({ name: "1", executions })
        assert.strictEqual(
          expected.message,
          `the journal knows several executions "1": Story ${idOf("1")}, Other ${other}. Say which by its id`
        )
        const undone = { _tag: "Undone" } as const
        const asking = (visit: JournalVisit) =>
          Effect.forEach(
            [visit.show("1"), visit.why("1"), visit.cancel("1"), visit.retry("1"), visit.settle("1", "a", undone)],
            (asked) => Effect.flip<unknown, unknown, never>(asked)
          )
        const refused = Array.from({ length: 5 }, () => expected)
        assert.deepStrictEqual(yield* life.do(Journal.use(asking)), refused)
        assert.deepStrictEqual(yield* visiting(journal, asking), refused)
        assert.isNull((yield* life.do(show(idOf("1")))).cancelledAt)
        const receipt = yield* visiting(journal, (visit) => visit.cancel(idOf("1")))
        assert.strictEqual("id" in receipt && receipt.id, idOf("1"))
        assert.strictEqual((yield* life.do(ask())).status, "cancelled")
        assert.deepStrictEqual(journal.outside.happened, ["a", "undo a"])
        assert.strictEqual((yield* life.do(show(other))).status, "completed")
      }).pipe(Effect.scoped)
    )

    it.effect("is all that happened, in order: steps with attempts and outcomes, signals, sleeps, a cancel", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("a", unavailable, unavailable)
        journal.outside.answer("b", refuses)
        const life = yield* journal.open(
          story((id) =>
            supervisorScope(function* (scope) {
              const job = yield* scope.async(a(id, { key: "mug" }), { name: "mugs" })
              yield* job.await
              yield* Effect.ignore(b("again"))
              yield* DurableDeferred.await(Go)
              yield* Effect.sleep("1 hour")
              return yield* c(id)
            })
          )
        )
        life.launch(ask())
        yield* life.pass(60_000)
        yield* life.do(go())
        yield* life.pass(1000)
        yield* life.do(Journal.use((journal) => journal.cancel("1")))
        yield* life.do(ask())
        const shown = yield* life.do(show())
        assert.deepStrictEqual(
          shown.steps.map(({ attempts, input, key, result, state, step, undo }) => ({
            step,
            key,
            attempts,
            state,
            undo,
            input,
            result
          })),
          [
            { step: "a", key: "mug", attempts: 3, state: "done", undo: "undone", input: "1", result: "a 3" },
            {
              step: "b",
              key: null,
              attempts: 1,
              state: "refused",
              undo: "nothing",
              input: "again",
              result: { _tag: "Sorry", why: "none", left: 3 }
            }
          ]
        )
        assert.match(shown.steps[0]!.path, /mugs/)
        assert.strictEqual(shown.steps[0]!.idempotencyKey, journal.outside.keysOf("a")[0]!)
        assert.deepStrictEqual(
          shown.signals.map(({ name }) => name),
          ["go"]
        )
        assert.deepStrictEqual(
          shown.timers.map(({ due, firedAt }) => [due - shown.signals[0]!.at, firedAt]),
          [[3_600_000, null]]
        )
        assert.isAbove(shown.cancelledAt!, shown.signals[0]!.at)
        assert.deepStrictEqual([shown.payload, shown.status], [{ id: "1" }, "cancelled"])
        assert.deepStrictEqual(
          shown.events.map(({ n }) => n),
          shown.events.map((_, index) => index + 1)
        )
        const times = shown.events.map(({ at }) => at)
        assert.deepStrictEqual(
          times,
          times.toSorted((x, y) => x - y)
        )
      }).pipe(Effect.scoped)
    )

    it.effect(
      "is why an execution failed: every failure with its job, the first one first, and a defect with its stack",
      () =>
        Effect.gen(function* () {
          const journal = yield* testJournal(harness)
          journal.outside.answer("a", slowly(20, refuses))
          const life = yield* journal.open(
            story((id) => {
              if (id === "dies") return Effect.die(new RangeError("too far"))
              if (id !== "fails") return Effect.succeed(id)
              return coroutineScope(function* (scope) {
                yield* scope.async(
                  Effect.onInterrupt(Effect.never, () => Effect.die(new TypeError("while cleaning"))),
                  { name: "cleaner" }
                )
                const job = yield* scope.async(a(id), { name: "shelf" })
                return yield* job.await
              })
            })
          )
          yield* life.do(Effect.forEach(["fails", "dies", "well"], ask, { concurrency: 3 }))
          assert.isNull(yield* life.do(why("well")))
          const failed = (yield* life.do(why("fails")))!
          assert.deepStrictEqual(
            failed.failures.map(({ tag }) => tag),
            ["Sorry", "TypeError"]
          )
          assert.match(failed.failures[0]!.job, /shelf/)
          assert.match(failed.failures[1]!.job, /cleaner/)
          const died = (yield* life.do(why("dies")))!
          assert.deepStrictEqual(
            [died.because, died.message, died.failures[0]!.tag],
            ["defect", "too far", "RangeError"]
          )
          assert.match(died.failures[0]!.stack!, /RangeError: too far\n\s+at /)
          const next = yield* journal.open(story(() => Effect.void))
          assert.deepStrictEqual(yield* next.do(why("fails")), failed)
        }).pipe(Effect.scoped)
    )

    it.effect("says in which job a step failed, also where the story waited for the job and failed with it", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.answer("b", refuses)
        const body = (id: string) =>
          coroutineScope(
            function* (order) {
              const goods = yield* order.async(
                supervisorScope(
                  function* (shelf) {
                    const job = yield* shelf.async(b(id), { name: "reserve" })
                    if (id === "its own")
                      return yield* Effect.catch(job.await, () => new Sorry({ why: "of its own", left: 0 }))
                    return yield* job.await
                  },
                  { name: "shelf" }
                ),
                { name: "goods" }
              )
              return yield* goods.await
            },
            { name: "order" }
          )
        const life = yield* journal.open(story(body))
        for (const [id, job] of [
          ["rethrown", "Story / order / goods / shelf / reserve"],
          ["its own", "Story / order / goods / shelf"]
        ] as const) {
          yield* life.do(ask(id))
          const { failures } = (yield* life.do(why(id)))!
          assert.deepStrictEqual(
            failures.map(({ job, tag }) => [job, tag]),
            [[job, "Sorry"]]
          )
        }
      }).pipe(Effect.scoped)
    )

    it.effect("is the same for who owns the journal and for who visits it", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.answer("b", refuses)
        const life = yield* journal.open(
          story((id) => Effect.andThen(a(id), id === "waits" ? DurableDeferred.await(Go) : b(id)))
        )
        life.launch(ask("waits"))
        yield* life.pass(10_000)
        yield* life.do(ask("refused"))
        const read = (visit: JournalVisit) =>
          Effect.all([visit.list(), visit.show("refused"), visit.show("waits"), visit.why("refused"), visit.counts])
        const owner = yield* life.do(Journal.use(read))
        assert.deepStrictEqual(yield* visiting(journal, read), owner)
        yield* journal.end(life)
        assert.deepStrictEqual(yield* visiting(journal, read), owner)
      }).pipe(Effect.scoped)
    )
  })

  describe("somebody who visits a journal", () => {
    const body = story((id) => Effect.andThen(a(id), Effect.andThen(DurableDeferred.await(Go), b(id))))

    it.effect("is answered by its owner, like the owner himself", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(body)
        life.launch(ask())
        yield* life.settle
        const receipt = yield* visiting(journal, (visit) => visit.cancel("1"))
        assert.isTrue("steps" in receipt && receipt.steps[0]!.step === "a")
        const refused = yield* visiting(journal, (visit) => Effect.flip(visit.retry("1")))
        assert.instanceOf(refused, RequestRefused)
        assert.strictEqual((yield* life.do(ask())).status, "cancelled")
        assert.deepStrictEqual(journal.outside.happened, ["a", "undo a"])
      }).pipe(Effect.scoped)
    )

    it.effect("is told that his request is pending where nobody owns it, and the next owner carries it out", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const first = yield* journal.open(body)
        first.launch(ask())
        yield* first.pass(10_000)
        yield* journal.end(first)
        const pending = yield* visiting(journal, (visit) => visit.cancel("1"), "100 millis")
        assert.isTrue("_tag" in pending && pending._tag === "Pending")
        const second = yield* journal.open(body)
        if ("request" in pending) yield* answered(journal, pending.request)
        yield* second.pass(1000)
        assert.strictEqual((yield* written(journal))!.status, "cancelled")
      }).pipe(Effect.scoped)
    )

    it.effect("may settle what a person is asked, and try again what is stuck", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.script("whispered", happensAnd(Effect.die(new Error("broken line"))))
        journal.outside.answer("b", refuses)
        journal.outside.script("undo whispered", () => Effect.die(new Error("broken")))
        const life = yield* journal.open(story((id) => Effect.andThen(whispered(id), b(id))))
        assert.strictEqual((yield* life.do(ask())).status, "stuck")
        yield* visiting(journal, (visit) => visit.settle("1", "whispered", { _tag: "Done" }))
        yield* life.pass(1000)
        assert.strictEqual((yield* written(journal))!.status, "stuck", "its undo is stuck")
        yield* visiting(journal, (visit) => visit.retry("1"))
        yield* life.pass(1000)
        assert.strictEqual((yield* written(journal))!.status, "refused")
        assert.deepStrictEqual(journal.outside.happened, ["whispered", "undo whispered"])
      }).pipe(Effect.scoped)
    )
  })
}
