/**
 * The laws of cancelling: it is never ignored, whatever an execution is at, and answers with a receipt.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { DurableDeferred } from "effect/workflow"
import { type CancelReceipt, ExecutionNotFound, Journal } from "firebreak/journal"
import { coroutineScope, nonCancellable, supervisorScope } from "firebreak/supervision"
import { Found, Step } from "firebreak/workflows"
import { type Play, performEverywhere } from "./crashes.ts"
import { type Harness, type Life, testJournal, type TestJournal } from "./harness.ts"
import { type Answer, happensAnd, refuses, slowly, Sorry, unavailable, World } from "./Outside.ts"
import { answered, answerTo, idOf, inMemory, leaveRequest, written, writtenEvents } from "./outsiders.ts"
import { a, ask, b, c, cancel, d, story, type StoryFailure } from "./stories.ts"

const never = DurableDeferred.make("never")
const waits = DurableDeferred.await(never)

/** A step that leaves nothing to take back, and one whose doing nobody can take back. */
const peek = Step.make("peek", {
  do: (input: string, key) => Effect.asVoid(World.use((world) => world.call("peek", key, input))),
  error: Sorry,
  undo: "nothing",
  unknown: "repeat"
})
const postcard = Step.make("postcard", {
  do: (input: string, key) => Effect.asVoid(World.use((world) => world.call("postcard", key, input))),
  error: Sorry,
  undo: "irreversible",
  unknown: "repeat"
})
const murmur = Step.make("murmur", {
  do: (input: string, key) => Effect.asVoid(World.use((world) => world.call("murmur", key, input))),
  error: Sorry,
  undo: "nothing",
  unknown: "leave"
})
/** A step that is looked for, and one of which a person knows. */
const probed = Step.make("probed", {
  do: (input: string, key) => Effect.asVoid(World.use((world) => world.call("probed", key, input))),
  error: Sorry,
  undo: (_, key) => World.use((world) => world.call("undo probed", key)),
  unknown: (_, key) => World.use((world) => world.ask("look", key))
})
const heard = Step.make("heard", {
  do: (input: string, key) => Effect.asVoid(World.use((world) => world.call("heard", key, input))),
  error: Sorry,
  undo: (_, key) => World.use((world) => world.call("undo heard", key)),
  unknown: "ask"
})

/** What the receipt says of each step. */
const states = (receipt: CancelReceipt) => Object.fromEntries(receipt.steps.map(({ state, step }) => [step, state]))

const receiptOf = (life: Life, id = "1") =>
  Effect.map(life.do(cancel(id)), (receipt) => {
    assert.isFalse("_tag" in receipt, "the owner answers with a receipt")
    return receipt as CancelReceipt // sound: just looked at
  })

interface Cancelled {
  readonly journal: TestJournal
  readonly life: Life
  readonly first: CancelReceipt
  readonly final: CancelReceipt
  readonly happened: ReadonlyArray<string>
  readonly status: string
}

/** Runs a story, cancels it after a while, and waits until it rests. */
const cancelled = (
  harness: Harness,
  body: (id: string) => Effect.Effect<unknown, StoryFailure, any>,
  after: number,
  script: (journal: TestJournal) => void = () => {}
) =>
  Effect.gen(function* (): Generator<Effect.Effect<any, any, any>, Cancelled, any> {
    const journal: TestJournal = yield* testJournal(harness)
    script(journal)
    const life: Life = yield* journal.open(story(body))
    const asked = life.launch(ask())
    yield* life.settle
    yield* life.pass(after)
    const first: CancelReceipt = yield* receiptOf(life)
    const rest = yield* life.do(Effect.flatten(Fiber.await(asked)))
    const final: CancelReceipt = yield* receiptOf(life)
    return { journal, life, first, final, happened: journal.outside.happened, status: rest.status }
  })

export const cancelLaws = (harness: Harness): void => {
  describe("a cancel", () => {
    it.effect("of an execution that waits to be recovered reaches it at once", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const body = story((id) => Effect.andThen(a(id), b(id)))
        journal.outside.answer("b", () => Effect.never)
        const first = yield* journal.open(body)
        for (const id of ["1", "2", "3"]) first.launch(ask(id))
        yield* first.settle
        const second = yield* journal.open(body, { recovering: 1 })
        yield* second.settle
        assert.strictEqual(yield* second.do(inMemory), 1, "the others are in the queue")
        journal.outside.answer("b", slowly(10))
        journal.outside.answer("undo a", slowly(10))
        const receipt = yield* receiptOf(second, "3")
        assert.isFalse(receipt.isFinal)
        assert.strictEqual((yield* second.do(ask("3"))).status, "cancelled")
      }).pipe(Effect.scoped)
    )

    it.effect("of a running step asks it to end, finds out what became of it, and takes it back", () =>
      Effect.gen(function* () {
        let wasInterrupted = false
        const hangs: Answer = ({ happens }) =>
          Effect.andThen(
            happens,
            Effect.onInterrupt(Effect.never, () => Effect.sync(() => void (wasInterrupted = true)))
          )
        const { final, first, happened, status } = yield* cancelled(
          harness,
          (id) => Effect.andThen(a(id), b(id)),
          1000,
          ({ outside }) => outside.script("b", hangs)
        )
        assert.isTrue(wasInterrupted)
        assert.deepStrictEqual([first.isFinal, states(first)], [false, { a: "being undone", b: "being settled" }])
        assert.deepStrictEqual(
          [status, final.isFinal, states(final)],
          ["cancelled", true, { a: "done and undone", b: "done and undone" }]
        )
        assert.deepStrictEqual(happened, ["a", "b", "undo b", "undo a"])
      }).pipe(Effect.scoped)
    )

    it.effect("of a running step that cannot be interrupted waits for it, and takes it back", () =>
      Effect.gen(function* () {
        const stubborn: Answer = (call) => Effect.uninterruptible(slowly(5000)(call))
        const { final, happened, journal } = yield* cancelled(
          harness,
          (id) => Effect.andThen(a(id), b(id)),
          1000,
          ({ outside }) => outside.script("b", stubborn)
        )
        assert.deepStrictEqual(states(final), { a: "done and undone", b: "done and undone" })
        assert.deepStrictEqual(happened, ["a", "b", "undo b", "undo a"])
        assert.strictEqual(new Set(journal.outside.keysOf("b")).size, 1)
      }).pipe(Effect.scoped)
    )

    it.effect("during the last step is not ignored", () =>
      Effect.gen(function* () {
        const { final, happened, status } = yield* cancelled(
          harness,
          (id) => a(id),
          1000,
          ({ outside }) => outside.script("a", (call) => Effect.uninterruptible(slowly(5000)(call)))
        )
        assert.deepStrictEqual([status, states(final)], ["cancelled", { a: "done and undone" }])
        assert.deepStrictEqual(happened, ["a", "undo a"])
      }).pipe(Effect.scoped)
    )

    for (const [name, duration] of [
      ["a short sleep", "500 millis"],
      ["a durable sleep", "1 hour"]
    ] as const) {
      it.effect(`ends ${name}`, () =>
        Effect.gen(function* () {
          const { final, happened, journal, life } = yield* cancelled(
            harness,
            (id) =>
              Effect.gen(function* () {
                yield* a(id)
                yield* Effect.sleep(duration)
                yield* b(id)
              }),
            100
          )
          assert.deepStrictEqual([final.status, states(final)], ["cancelled", { a: "done and undone" }])
          assert.deepStrictEqual(happened, ["a", "undo a"])
          yield* life.pass(2 * 3_600_000)
          assert.strictEqual(journal.outside.asks("b"), 0)
        }).pipe(Effect.scoped)
      )
    }

    it.effect("ends a wait for a signal, also of an execution that has left memory", () =>
      Effect.gen(function* () {
        for (const after of [100, 60_000]) {
          const { final, happened } = yield* cancelled(harness, (id) => Effect.andThen(a(id), waits), after)
          assert.deepStrictEqual([final.status, states(final)], ["cancelled", { a: "done and undone" }])
          assert.deepStrictEqual(happened, ["a", "undo a"])
        }
      }).pipe(Effect.scoped)
    )

    it.effect("ends the pause between two attempts: what surely did not happen is cancelled", () =>
      Effect.gen(function* () {
        const { final, happened, journal } = yield* cancelled(
          harness,
          (id) => Effect.andThen(a(id), b(id)),
          10,
          ({ outside }) => outside.answer("b", unavailable)
        )
        assert.deepStrictEqual(states(final), { a: "done and undone", b: "cancelled" })
        assert.deepStrictEqual(happened, ["a", "undo a"])
        assert.strictEqual(journal.outside.asks("b"), 1)
      }).pipe(Effect.scoped)
    )

    it.effect("while a step is being settled waits for what is found, and takes it back", () =>
      Effect.gen(function* () {
        let found: Found<void, Sorry> = Found.unknown
        const { final, happened } = yield* cancelled(
          harness,
          (id) => Effect.andThen(a(id), probed(id)),
          100,
          ({ outside }) => {
            outside.script("probed", happensAnd(Effect.die(new Error("broken line"))))
            outside.answer("look", () =>
              Effect.sync(() => {
                const now = found
                found = Found.done(undefined)
                return now
              })
            )
          }
        )
        assert.deepStrictEqual(states(final), { a: "done and undone", probed: "done and undone" })
        assert.deepStrictEqual(happened, ["a", "probed", "undo probed", "undo a"])
      }).pipe(Effect.scoped)
    )

    it.effect("while a person is asked is shown as stuck, and goes on when he has said what became of it", () =>
      Effect.gen(function* () {
        const { final, journal, life, status } = yield* cancelled(
          harness,
          (id) => Effect.andThen(a(id), heard(id)),
          100,
          ({ outside }) => outside.script("heard", happensAnd(Effect.die(new Error("broken line"))))
        )
        assert.deepStrictEqual(
          [status, final.isFinal, states(final)],
          ["stuck", false, { a: "being undone", heard: "stuck" }]
        )
        yield* life.do(Journal.use((journal) => journal.settle("1", "heard", { _tag: "Done" })))
        yield* life.do(Effect.exit(Effect.sleep(1000)))
        const after = yield* receiptOf(life)
        assert.deepStrictEqual(
          [after.status, after.isFinal, states(after)],
          ["cancelled", true, { a: "done and undone", heard: "done and undone" }]
        )
        assert.deepStrictEqual(journal.outside.happened, ["a", "heard", "undo heard", "undo a"])
      }).pipe(Effect.scoped)
    )

    it.effect("while things are being taken back changes nothing: the receipt says that it had failed by itself", () =>
      Effect.gen(function* () {
        const { final, first, happened, status } = yield* cancelled(
          harness,
          (id) => Effect.andThen(a(id), b(id)),
          1000,
          ({ outside }) => {
            outside.answer("b", refuses)
            outside.answer("undo a", slowly(5000))
          }
        )
        assert.deepStrictEqual([first.isFinal, states(first)], [false, { a: "being undone", b: "refused" }])
        assert.deepStrictEqual(
          [status, final.isFinal, states(final)],
          ["refused", true, { a: "done and undone", b: "refused" }]
        )
        assert.match(final.summary, /failed by itself/)
        assert.deepStrictEqual(happened, ["a", "undo a"])
      }).pipe(Effect.scoped)
    )

    it.effect("keeps what cannot be taken back, and says so", () =>
      Effect.gen(function* () {
        const { final } = yield* cancelled(
          harness,
          (id) =>
            Effect.gen(function* () {
              yield* postcard(id)
              yield* peek(id)
              yield* Effect.ignore(murmur(id))
              yield* a(id)
              yield* Effect.sleep("1 hour")
            }),
          1000,
          ({ outside }) => outside.script("murmur", () => Effect.die(new Error("broken line")))
        )
        const kept = { postcard: "done and kept", peek: "done and kept", murmur: "nobody knows" } as const
        assert.deepStrictEqual(states(final), { ...kept, a: "done and undone" })
      }).pipe(Effect.scoped)
    )

    it.effect("of one that has ended gives the receipt of that end", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(story((id) => a(id)))
        yield* life.do(ask())
        const before = yield* writtenEvents(journal)
        const receipt = yield* receiptOf(life)
        assert.deepStrictEqual(
          [receipt.status, receipt.isFinal, states(receipt)],
          ["completed", true, { a: "done and kept" }]
        )
        assert.match(receipt.summary, /had completed/)
        assert.deepStrictEqual(yield* writtenEvents(journal), before)
      }).pipe(Effect.scoped)
    )

    it.effect("of what nobody knows is a typed error with the id that was asked for", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(story((id) => a(id)))
        const answer = yield* life.attempt(Effect.flip(cancel("nobody")))
        assert.deepStrictEqual(
          answer._tag === "Some" && answer.value,
          Exit.succeed(new ExecutionNotFound({ id: "nobody" }))
        )
      }).pipe(Effect.scoped)
    )

    it.effect("lets what is not cancellable run to its end, and nothing after it", () =>
      Effect.gen(function* () {
        const { final, happened } = yield* cancelled(
          harness,
          (id) =>
            Effect.gen(function* () {
              yield* nonCancellable(Effect.andThen(a(id), b(id)), { within: "1 minute" })
              yield* c(id)
            }),
          1000,
          ({ outside }) => outside.answer("a", slowly(5000))
        )
        assert.deepStrictEqual(happened, ["a", "b", "undo b", "undo a"])
        assert.deepStrictEqual(states(final), { a: "done and undone", b: "done and undone" })
      }).pipe(Effect.scoped)
    )

    it.effect("reaches all jobs at once, and takes back newest first across them", () =>
      Effect.gen(function* () {
        const { final, happened } = yield* cancelled(
          harness,
          (id) =>
            supervisorScope(function* (scope) {
              yield* scope.async(Effect.andThen(a(id), waits))
              const inner = yield* scope.async(
                coroutineScope(function* (inner) {
                  yield* inner.async(Effect.andThen(b(id), Effect.sleep("1 hour")))
                  const last = yield* inner.async(c(id))
                  return yield* last.await
                })
              )
              return yield* inner.await
            }),
          1000,
          ({ outside }) => {
            outside.answer("b", slowly(100))
            outside.answer("c", slowly(200))
          }
        )
        assert.deepStrictEqual(happened, ["a", "b", "c", "undo c", "undo b", "undo a"])
        assert.strictEqual(final.status, "cancelled")
      }).pipe(Effect.scoped)
    )

    it.effect("asked for twice, by name, by id and by somebody else, gives everyone the same final receipt", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        journal.outside.answer("undo a", slowly(3000))
        const life = yield* journal.open(story((id) => Effect.andThen(a(id), waits)))
        life.launch(ask())
        yield* life.settle
        const provisional = yield* Effect.all([receiptOf(life), receiptOf(life, idOf("1"))])
        assert.deepStrictEqual(
          provisional.map(({ isFinal }) => isFinal),
          [false, false]
        )
        const early = (yield* answered(journal, yield* leaveRequest(journal, "cancel", null))) as { ok: CancelReceipt } // sound: what a cancel is answered with
        assert.isFalse(early.ok.isFinal)
        yield* life.do(ask())
        const late = yield* answered(journal, yield* leaveRequest(journal, "cancel", null))
        const final = yield* receiptOf(life)
        assert.isTrue(final.isFinal)
        assert.deepStrictEqual(yield* receiptOf(life, idOf("1")), final)
        assert.deepStrictEqual(late, { ok: final })
        assert.strictEqual((yield* writtenEvents(journal)).filter(({ kind }) => kind === "cancel").length, 1)
        const next = yield* journal.open(story((id) => Effect.andThen(a(id), waits)))
        assert.deepStrictEqual(yield* receiptOf(next), final)
      }).pipe(Effect.scoped)
    )

    it.effect(
      "left in the inbox while nobody owned the journal is carried out by the next owner, before anything new",
      () =>
        Effect.gen(function* () {
          const journal = yield* testJournal(harness)
          const body = story((id) => Effect.andThen(a(id), waits))
          const first = yield* journal.open(body)
          first.launch(ask())
          yield* first.pass(5000)
          yield* journal.end(first)
          const request = yield* leaveRequest(journal, "cancel", null)
          assert.isUndefined(yield* answerTo(journal, request))
          const second = yield* journal.open(body)
          yield* answered(journal, request)
          yield* second.pass(2000)
          assert.strictEqual((yield* written(journal))!.status, "cancelled")
          assert.deepStrictEqual(journal.outside.happened, ["a", "undo a"])
        }).pipe(Effect.scoped)
    )

    it.effect("at every commit of a story is honoured: what was done is taken back, and nothing new begins", () =>
      Effect.gen(function* () {
        const body = (id: string) =>
          Effect.gen(function* () {
            yield* a(id)
            yield* supervisorScope(function* (scope) {
              const one = yield* scope.async(Effect.andThen(b(id), Effect.sleep("2 seconds")))
              const two = yield* scope.async(c(id))
              yield* two.await
              yield* one.await
            })
            return yield* d(id)
          })
        const script = ({ outside }: TestJournal) => {
          outside.answer("b", slowly(20))
          outside.answer("c", slowly(40))
        }
        const whole = yield* testJournal(harness)
        script(whole)
        const undisturbed = yield* whole.open(story(body))
        yield* undisturbed.do(ask())
        const seen = new Set<string>()
        for (let commit = 1; commit <= undisturbed.commits; commit++) {
          const journal = yield* testJournal(harness)
          script(journal)
          let isDue = false
          const life = yield* journal.open(story(body), {
            around: (number, committing) =>
              Effect.tap(committing, () => Effect.sync(() => void (isDue ||= number === commit)))
          })
          const asked = life.launch(ask())
          yield* Effect.promise(() => journal.time.goOnUntil(() => isDue))
          yield* life.do(cancel())
          const rest = yield* life.do(Effect.flatten(Fiber.await(asked)))
          const events = yield* writtenEvents(journal)
          const at = events.findIndex(({ kind }) => kind === "cancel")
          const what = `cancelled at commit ${commit}: ${journal.outside.happened.join(", ")}`
          seen.add(rest.status)
          if (at < 0) {
            assert.strictEqual(rest.status, "completed", what)
            continue
          }
          assert.strictEqual(rest.status, "cancelled", what)
          assert.deepStrictEqual(
            events.slice(at).filter(({ kind }) => kind === "step"),
            [],
            what
          )
          assertTakenBack(journal, what)
        }
        assert.isTrue(seen.has("cancelled"))
      }).pipe(Effect.scoped)
    )

    it.effect("is remembered wherever the process is gone, and ends alike", () =>
      Effect.gen(function* () {
        for (const at of [10, 30, 500]) {
          const play: Play<any> = {
            workflows: story((id) =>
              coroutineScope(function* (scope) {
                yield* scope.async(Effect.andThen(a(id), Effect.sleep("1 second")))
                const two = yield* scope.async(Effect.andThen(b(id), waits))
                return yield* two.await
              })
            ),
            ask: Effect.andThen(ask(), cancel()),
            script: ({ outside }) => outside.answer("b", slowly(20)),
            beside: (life) =>
              Effect.andThen(Effect.sleep(at), Effect.ignore(cancel())).pipe(Effect.provideContext(life.context))
          }
          for (const { answer, contradictions, crash, journal } of yield* performEverywhere(harness, play)) {
            const what = `cancelled at ${at}, ${crash}`
            assert.deepStrictEqual(contradictions, [], what)
            assert.strictEqual(Exit.isSuccess(answer) && (answer.value as CancelReceipt).status, "cancelled", what)
            assertTakenBack(journal, what)
          }
        }
      })
    )
  })
}

/** Whatever was done was taken back, newest first. */
const assertTakenBack = ({ outside }: TestJournal, what: string) => {
  const done = outside.happened.filter((one) => !one.startsWith("undo "))
  const undone = outside.happened.filter((one) => one.startsWith("undo "))
  assert.deepStrictEqual(new Set(undone), new Set(done.map((one) => `undo ${one}`)), what)
  assert.strictEqual(undone.length, done.length, what)
}
