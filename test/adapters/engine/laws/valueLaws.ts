/**
 * The laws of what goes into a journal and comes out of it: payloads, results, refusals and defects.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Redacted, Scheduler, Schema } from "effect"
import { Activity, DurableDeferred } from "effect/workflow"
import * as Workflow from "effect/workflow/Workflow"
import { Journal } from "firebreak/journal"
import { Step } from "firebreak/workflows"
import { performEverywhere } from "./crashes.ts"
import { type Harness, testJournal } from "./harness.ts"
import { refuses, Sorry, World } from "./Outside.ts"
import { idOf, writtenEvents } from "./outsiders.ts"
import { a, ask, b, Story, story } from "./stories.ts"

class Account extends Schema.Class<Account>("Account")({ iban: Schema.String, opened: Schema.DateFromString }) {
  get country() {
    return this.iban.slice(0, 2)
  }
}
const account = new Account({ iban: "DE00", opened: new Date(0) })

const openAccount = Step.make("open account", {
  input: Schema.Struct({ owner: Account }),
  success: Account,
  error: Sorry,
  do: ({ owner }, key) =>
    Effect.as(
      World.use((world) => world.call("open account", key, owner.country)),
      owner
    ),
  undo: "nothing",
  unknown: "repeat"
})

class Broken extends Error {
  override readonly name = "Broken"
  readonly reading = { at: 7 }
}

const Typed = Workflow.make("Typed", {
  payload: { id: Schema.String, owner: Account },
  success: Account,
  error: Sorry,
  idempotencyKey: ({ id }) => id
})
const Secret = Workflow.make("Secret", {
  payload: { id: Schema.String, card: Schema.Redacted(Schema.String) },
  success: Schema.String,
  idempotencyKey: ({ id }) => id
})
const SecretResult = Workflow.make("SecretResult", {
  payload: { id: Schema.String },
  success: Schema.Redacted(Schema.String),
  idempotencyKey: ({ id }) => id
})
const Anything = Workflow.make("Anything", {
  payload: { id: Schema.String, what: Schema.Any },
  success: Schema.Any,
  idempotencyKey: ({ id }) => id
})

const limit = 1500

const Pin = DurableDeferred.make("pin", { success: Schema.Struct({ pin: Schema.Redacted(Schema.String) }) })
const Wrong = DurableDeferred.make("wrong", { error: Schema.Redacted(Schema.String) })

export const valueLaws = (harness: Harness): void => {
  describe("what is written down", () => {
    it.effect("comes back as it was: classes with their methods, whether it ran here or is read again", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const typed = Typed.toLayer(
          ({ owner }) =>
            Effect.gen(function* () {
              assert.strictEqual(owner.country, "DE")
              const opened = yield* openAccount({ owner })
              assert.instanceOf(opened, Account)
              return opened
            }) as Effect.Effect<Account, Sorry, World> // sound: a step that is never unavailable does not give up
        )
        for (const found of ["new", "finished"]) {
          const life = yield* journal.open(typed)
          const rest = yield* life.do(Journal.use((journal) => journal.run(Typed, { id: "1", owner: account })))
          assert.strictEqual(rest.found, found)
          const value = yield* rest.exit!
          assert.instanceOf(value, Account)
          assert.deepStrictEqual([value.country, value.opened], ["DE", new Date(0)])
        }
        assert.deepStrictEqual(
          journal.outside.asked.map(({ input }) => input),
          ["DE"]
        )
      }).pipe(Effect.scoped)
    )

    it.effect(
      "is a refusal with its class and fields, for the story, its caller, and who asks in another process",
      () =>
        Effect.gen(function* () {
          const journal = yield* testJournal(harness)
          journal.outside.script("a", refuses)
          const workflows = story((id) =>
            Effect.tapError(a(id), (error) => {
              assert.instanceOf(error, Sorry)
              return Effect.void
            })
          )
          for (let n = 0; n < 2; n++) {
            const rest = yield* (yield* journal.open(workflows)).do(ask())
            const error = yield* Effect.flip(rest.exit!)
            assert.instanceOf(error, Sorry)
            assert.deepStrictEqual(error, new Sorry({ why: "none", left: 3 }))
            assert.strictEqual((error as Sorry).message, "sorry: none, 3 left") // sound: looked at two lines above
          }
          assert.strictEqual(journal.outside.asks("a"), 1)
        }).pipe(Effect.scoped)
    )

    it.effect("is a defect with its name, message, stack and cause, also in another process", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const broken = new Broken("the shelf fell", { cause: new Error("a screw was loose") })
        const workflows = story(() => Effect.die(broken))
        for (let n = 0; n < 2; n++) {
          const rest = yield* (yield* journal.open(workflows)).do(ask())
          assert.strictEqual(rest.status, "failed")
          assert.isTrue(Exit.isFailure(rest.exit!))
          const defect = Cause.squash((rest.exit as Exit.Failure<never, never>).cause) as Error // sound: asserted, and an error was thrown
          assert.instanceOf(defect, Error)
          assert.deepStrictEqual(
            [defect.name, defect.message, defect.stack],
            ["Broken", "the shelf fell", broken.stack]
          )
          assert.strictEqual((defect.cause as Error).message, "a screw was loose")
          assert.deepStrictEqual(
            [rest.why?.because, rest.why?.failures[0]?.message, rest.why?.failures[0]?.stack],
            ["defect", "the shelf fell", broken.stack]
          )
        }
      }).pipe(Effect.scoped)
    )

    it.effect("is told only when it is committed, whatever is crashed", () =>
      Effect.gen(function* () {
        for (const { answer, crash, journal } of yield* performEverywhere(harness, {
          workflows: story((id) => Effect.andThen(a(id), b(id))),
          ask: ask()
        })) {
          const rest = yield* answer
          assert.deepStrictEqual(rest.status, "completed", crash)
          assert.strictEqual(journal.committed.rows.get(1)?.status, "completed", crash)
        }
        // What is held back is not told.
        const journal = yield* testJournal(harness)
        let ended = 0
        const life = yield* journal.open(
          story(() => Effect.succeed("done")),
          {
            around: (_, commit) => Effect.andThen(Effect.sleep(1000), commit)
          }
        )
        const asked = life.launch(ask())
        asked.addObserver(() => void (ended = journal.committed.rows.size))
        yield* life.pass(900)
        assert.isUndefined(asked.pollUnsafe())
        yield* life.pass(2000)
        assert.isDefined(asked.pollUnsafe())
        assert.strictEqual(ended, 1)
      }).pipe(Effect.scoped)
    )

    it.effect("is told to all who wait, who asked for the same thing, and runs once", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(story((id) => a(id)))
        const all = yield* life.do(
          Effect.all(
            Array.from({ length: 50 }, () => ask()),
            { concurrency: "unbounded" }
          )
        )
        assert.strictEqual(new Set(all.map(({ id }) => id)).size, 1)
        for (const rest of all) assert.deepStrictEqual(rest.exit, Exit.succeed("a 1"))
        assert.strictEqual(journal.outside.asks("a"), 1)
      }).pipe(Effect.scoped)
    )

    it.effect("is told to whoever waits for it, also where it was written before he has his next turn", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(story((id) => Effect.succeed(id)))
        for (let operations = 3; operations < 40; operations++) {
          const id = `asked for in turns of ${operations} operations`
          const rest = yield* life.do(Effect.provideService(ask(id), Scheduler.MaxOpsBeforeYield, operations))
          assert.deepStrictEqual(rest.exit, Exit.succeed(id))
        }
      }).pipe(Effect.scoped)
    )

    it.effect("is looked up when a finished execution is asked for again: its body does not run", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        let bodies = 0
        const workflows = story((id) =>
          Effect.suspend(() => {
            bodies++
            return a(id)
          })
        )
        const life = yield* journal.open(workflows)
        for (let n = 0; n < 3; n++) assert.deepStrictEqual((yield* life.do(ask())).exit, Exit.succeed("a 1"))
        const later = yield* journal.open(workflows)
        const rest = yield* later.do(ask())
        assert.deepStrictEqual([rest.exit, rest.found], [Exit.succeed("a 1"), "finished"])
        assert.strictEqual(bodies, 1)
      }).pipe(Effect.scoped)
    )

    it.effect("is not answered for another payload under the same key: PayloadConflict says what differs", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const workflow = Anything.toLayer(({ what }) => Effect.succeed(what))
        const run = (what: unknown) => Journal.use((journal) => Effect.result(journal.run(Anything, { id: "1", what })))
        const life = yield* journal.open(workflow)
        const first = yield* life.do(run({ price: 1 }))
        assert.strictEqual(first._tag, "Success")
        for (const where of [life, yield* journal.open(workflow)]) {
          if (where.isGone) continue
          const second = yield* where.do(run({ price: 2 }))
          assert.strictEqual(second._tag, "Failure")
          if (second._tag !== "Failure") continue
          const { asked, differs, name, recorded, _tag } = second.failure
          assert.deepStrictEqual([_tag, name, differs], ["PayloadConflict", "1", ["what"]])
          assert.notStrictEqual(asked, recorded)
          assert.deepStrictEqual(
            yield* (yield* where.do(run({ price: 1 })).pipe(Effect.flatMap(Effect.fromResult))).exit!,
            { price: 1 }
          )
        }
      }).pipe(Effect.scoped)
    )

    it.effect("has no secrets in it: a workflow that would write one is refused where it is registered", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const refused = [
          [Secret.toLayer(() => Effect.succeed("done")), /workflow "Secret" has a secret.* in its payload, at card,/],
          [
            SecretResult.toLayer(() => Effect.succeed(Redacted.make("x"))),
            /"SecretResult" has a secret.* in its success/
          ]
        ] as const
        for (const [workflow, message] of refused) {
          const exit = yield* Effect.exit(journal.open(workflow))
          assert.isTrue(Exit.isFailure(exit))
          assert.match(String(Cause.squash((exit as Exit.Failure<never, never>).cause)), message) // sound: asserted
        }
      }).pipe(Effect.scoped)
    )

    it.effect("has no secrets of signals in it: who waits for one or sends one dies before it is written down", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(story((id) => Effect.andThen(a(id), DurableDeferred.await(Pin))))
        const token = DurableDeferred.tokenFromExecutionId(Pin, { workflow: Story, executionId: idOf("1") })
        const sent = yield* life.attempt(DurableDeferred.succeed(Pin, { token, value: { pin: Redacted.make("1234") } }))
        const reason = /workflow "Story" has a secret .* in the success schema of the durable deferred "pin", at pin,/
        assert.match(messageOf(sent), reason)
        const rest = yield* life.do(ask())
        assert.strictEqual(rest.status, "failed")
        assert.match(rest.why!.message, reason)
        assert.deepStrictEqual(journal.outside.happened, ["a", "undo a"])
        const refused = DurableDeferred.fail(Wrong, { token, error: Redacted.make("1234") })
        assert.match(messageOf(yield* life.attempt(refused)), /in the error schema of the durable deferred "wrong"/)
        for (const [id, message] of [
          [idOf("1"), reason],
          ["nobody yet", /^the workflow has a secret .* of the durable deferred "pin"/]
        ] as const) {
          const secret = Exit.succeed({ pin: Redacted.make("1234") })
          assert.match(
            messageOf(yield* life.attempt(Journal.use((journal) => journal.signal(id, Pin, secret)))),
            message
          )
        }
        assert.notInclude(JSON.stringify(yield* writtenEvents(journal)), "1234")
      }).pipe(Effect.scoped)
    )

    it.effect("has no secrets of activities in it: one that would write them dies before it begins", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        let isFetched = false
        const execute = Effect.sync(() => {
          isFetched = true
          return Redacted.make("1234")
        })
        const fetch = Activity.make({ name: "fetch", success: Schema.Redacted(Schema.String), execute })
        const life = yield* journal.open(story(() => Effect.andThen(a("1"), fetch)))
        const rest = yield* life.do(ask())
        assert.match(
          rest.why!.message,
          /workflow "Story" has a secret .* in the success schema of the activity "fetch"/
        )
        assert.isFalse(isFetched)
        assert.deepStrictEqual(journal.outside.happened, ["a", "undo a"])
      }).pipe(Effect.scoped)
    )

    it.effect("is no payload, input or result that is larger than the journal takes", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const long = "x".repeat(limit)
        const body = Anything.toLayer(({ what }) =>
          what === "input" ? (Effect.exit(a(long)) as Effect.Effect<unknown, never, World>) : Effect.succeed(long)
        )
        const life = yield* journal.open(body, { limit })
        const run = (id: string, what: unknown) =>
          life.attempt(Journal.use((journal) => journal.run(Anything, { id, what })))
        assert.match(messageOf(yield* run("1", long)), /the payload.*has \d+ characters.*takes 1500/)
        const input = yield* run("2", "input")
        assert.match(JSON.stringify(input), /the input of the step.*TooLarge/)
        assert.strictEqual(journal.outside.asks("a"), 0)
        const result = yield* run("3", "result")
        assert.isTrue(result._tag === "Some" && Exit.isSuccess(result.value))
        if (result._tag !== "Some" || !Exit.isSuccess(result.value)) return
        assert.strictEqual(result.value.value.status, "failed")
        assert.match(String(result.value.value.why?.message), /the result.*has \d+ characters/)
      }).pipe(Effect.scoped)
    )

    it.effect("is taken back when the result of the story cannot be written down", () =>
      Effect.gen(function* () {
        const journal = yield* testJournal(harness)
        const life = yield* journal.open(
          story((id) => Effect.as(a(id), "x".repeat(limit))),
          { limit }
        )
        const rest = yield* life.do(ask())
        assert.deepStrictEqual([rest.status, rest.undone], ["failed", ["a"]])
        assert.deepStrictEqual(journal.outside.happened, ["a", "undo a"])
      }).pipe(Effect.scoped)
    )
  })
}

/** What an attempt died or failed with, in words. */
const messageOf = (attempted: { readonly _tag: string; readonly value?: Exit.Exit<unknown, unknown> }): string => {
  assert.strictEqual(attempted._tag, "Some")
  const exit = attempted.value!
  if (Exit.isSuccess(exit)) return `it succeeded: ${JSON.stringify(exit.value)}`
  return String((Cause.squash(exit.cause) as Error).message)
}
