/**
 * Defining a step, and calling it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Layer, Schema } from "effect"
import * as Workflow from "effect/workflow/Workflow"
import { layerMemory, WorkflowInstance } from "effect/workflow/WorkflowEngine"
import {
  Found,
  Indeterminate,
  Step,
  type StepDefinition,
  StepDefinedInside,
  StepKey,
  StepNeedsJournal,
  stepsNamed,
  StepUnusable,
  Unavailable
} from "firebreak/workflows"
import { key, onPaper } from "./stepRunner.ts"

class OutOfStock extends Schema.TaggedError<OutOfStock>()("OutOfStock", { sku: Schema.String }) {}
class Payment extends Schema.Class<Payment>("Payment")({ id: Schema.String }) {}

const tick = { do: () => Effect.void, undo: "nothing", unknown: "repeat" } as const

/** A step is called in the story of a workflow, whose services these tests do without. */
const outside = <A, E>(effect: Effect.Effect<A, E, unknown>) => effect as Effect.Effect<A, E>

const mistakeIn = (define: () => unknown): StepUnusable => {
  try {
    define()
  } catch (error) {
    assert.instanceOf(error, StepUnusable)
    return error
  }
  return assert.fail("it was taken")
}

const defectOf = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.map(Effect.exit(effect), (exit) => {
    assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
    return Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
  })

describe("a step", () => {
  it("has the name it was given, and its definition", () => {
    const step = Step.make("tick", tick)
    assert.strictEqual(step.name, "tick")
    assert.strictEqual(step.definition.name, "tick")
    assert.strictEqual(step.definition.do, tick.do)
  })

  it("is found by its name, beside others of the same name", () => {
    const first = Step.make("found by name", tick)
    const second = Step.make("found by name", tick)
    assert.deepStrictEqual(stepsNamed("found by name"), [first.definition, second.definition])
    assert.deepStrictEqual(stepsNamed("never defined"), [])
  })

  it("keeps its name free when it cannot be used", () => {
    mistakeIn(() => Step.make("refused", { ...tick, retry: { attempts: 0 } }))
    assert.deepStrictEqual(stepsNamed("refused"), [])
  })

  it("has an undo that may be repeated, unless it says how to look", () => {
    const undo = () => Effect.void
    const look = () => Effect.succeed(Found.absent)
    const simple = Step.make("simple", { ...tick, undo }).definition.undo as Exclude<StepDefinition["undo"], string>
    assert.strictEqual(simple.do, undo)
    assert.strictEqual(simple.unknown, "repeat")
    assert.isUndefined(simple.timeout)
    const looks = Step.make("looks", { ...tick, undo: { do: undo, unknown: look, timeout: "5 seconds" } })
    const { timeout, unknown } = looks.definition.undo as Exclude<StepDefinition["undo"], string>
    assert.strictEqual(unknown, look)
    assert.strictEqual(timeout, 5_000)
    assert.strictEqual(Step.make("never", { ...tick, undo: "irreversible" }).definition.undo, "irreversible")
  })

  it("gives up with the refusal it was given for that", () => {
    const step = Step.make("gives up", {
      error: OutOfStock,
      do: (_: { readonly sku: string }): Effect.Effect<void, Unavailable> => Effect.void,
      undo: "nothing",
      unknown: "repeat",
      gaveUp: (last, { sku }) => new OutOfStock({ sku: `${sku}: ${last.reason}` })
    })
    const refusal = step.definition.gaveUp!("the shelf is locked", { sku: "MUG-1" })
    assert.deepStrictEqual(refusal, new OutOfStock({ sku: "MUG-1: the shelf is locked" }))
    assert.isUndefined(Step.make("tick", tick).definition.gaveUp)
  })

  it("takes for refusals what its error schema lists, and nothing else", () => {
    const { isRefusal } = Step.make("take", { ...tick, error: OutOfStock }).definition
    assert.isTrue(isRefusal(new OutOfStock({ sku: "MUG-1" })))
    for (const other of [
      new Unavailable({ reason: "closed" }),
      new Indeterminate({ reason: "no answer" }),
      new Error("OutOfStock"),
      { _tag: "OutOfStock", sku: "MUG-1" },
      undefined
    ]) {
      assert.isFalse(isRefusal(other))
    }
    assert.isFalse(Step.make("tick", tick).definition.isRefusal(new OutOfStock({ sku: "MUG-1" })))
  })
})

describe("calling a step", () => {
  const charge = Step.make("charge", {
    success: Payment,
    do: (order: { readonly id: string }, key) => Effect.succeed(new Payment({ id: `${order.id} ${key}` })),
    undo: "irreversible",
    unknown: "ask"
  })

  it.effect("hands the runner its definition, its input and its key, and gives what comes of it", () =>
    Effect.gen(function* () {
      const { asked, value } = yield* onPaper(
        Effect.all([outside(charge({ id: "o-1" })), outside(charge({ id: "o-2" }, { key: "MUG-1" }))])
      )
      assert.deepStrictEqual(value, [new Payment({ id: `o-1 ${key}` }), new Payment({ id: `o-2 ${key}` })])
      assert.deepStrictEqual(asked, [
        { step: "charge", input: '{"id":"o-1"}', key: undefined },
        { step: "charge", input: '{"id":"o-2"}', key: "MUG-1" }
      ])
    })
  )

  it.effect("fails as its run fails", () =>
    Effect.gen(function* () {
      const take = Step.make("take", { ...tick, error: OutOfStock, do: () => new OutOfStock({ sku: "MUG-1" }) })
      const refusal = yield* Effect.flip(onPaper(outside(take())))
      assert.deepStrictEqual(refusal, new OutOfStock({ sku: "MUG-1" }))
    })
  )

  it.effect("asks nothing of anybody before it runs", () =>
    Effect.gen(function* () {
      const called = charge({ id: "o-1" })
      const { asked } = yield* onPaper(Effect.void)
      assert.deepStrictEqual(asked, [])
      assert.strictEqual((yield* onPaper(outside(Effect.andThen(called, called)))).asked.length, 2)
    })
  )

  it.effect("dies without a journal, and says which step, which workflow and what to do", () =>
    Effect.gen(function* () {
      let isDone = false
      const act = Step.make("act", { ...tick, do: () => Effect.sync(() => void (isDone = true)) })
      const Story = Workflow.make("Story", { payload: { id: Schema.String }, idempotencyKey: ({ id }) => id })
      const engine = Story.toLayer(() => act()).pipe(Layer.provideMerge(layerMemory))
      const defect = yield* defectOf(Story.execute({ id: "1" }).pipe(Effect.provide(engine)))
      assert.instanceOf(defect, StepNeedsJournal)
      assert.strictEqual(
        defect.message,
        'the step "act" was called in the workflow "Story" without a journal: run the workflow on layerSqlite({ file }), layerPostgres({ url }) or, in tests, layerMemory(), all from "firebreak/journal"'
      )
      assert.isFalse(isDone)
    })
  )

  it.effect("dies outside of every workflow", () =>
    Effect.gen(function* () {
      const defect = yield* defectOf(outside(charge({ id: "o-1" })))
      assert.deepStrictEqual(defect, new StepNeedsJournal({ step: "charge", workflow: undefined }))
      assert.include((defect as StepNeedsJournal).message, "outside of a workflow")
    })
  )

  it.effect("dies of an empty key", () =>
    Effect.gen(function* () {
      const defect = yield* defectOf(onPaper(outside(charge({ id: "o-1" }, { key: "" }))))
      assert.instanceOf(defect, StepUnusable)
      assert.strictEqual(defect.field, "key")
    })
  )
})

describe("a step defined in a workflow", () => {
  it.effect("is a defect that names both and says where to move it", () =>
    Effect.gen(function* () {
      const Story = Workflow.make("Story", { payload: { id: Schema.String }, idempotencyKey: ({ id }) => id })
      const body = Effect.gen(function* () {
        yield* Effect.yieldNow
        const late = Step.make("late", tick)
        yield* outside(late())
      })
      const inStory = Effect.provideService(onPaper(body), WorkflowInstance, WorkflowInstance.initial(Story, "e-1"))
      const defect = yield* defectOf(inStory)
      assert.deepStrictEqual(defect, new StepDefinedInside({ step: "late", workflow: "Story" }))
      assert.include((defect as StepDefinedInside).message, "move Step.make to module level")
      assert.deepStrictEqual(stepsNamed("late"), [])
    })
  )

  it.effect("is none where a fiber runs that has nothing to do with a workflow", () =>
    Effect.gen(function* () {
      const defining = yield* Effect.forkChild(Effect.sync(() => Step.make("elsewhere", tick)))
      assert.strictEqual((yield* Fiber.join(defining)).name, "elsewhere")
    })
  )
})

describe("a step is refused, by the name of what is wrong,", () => {
  const refused = (options: object, name = "tick") => {
    const { field, message, step } = mistakeIn(() => Step.make(name, { ...tick, ...options }))
    assert.strictEqual(message, `the step "${step}" cannot be used: ${message.split("cannot be used: ")[1]}`)
    return `${field}: ${message.slice(message.indexOf(field) + field.length + 1)}`
  }

  it("for its name", () => {
    assert.strictEqual(refused({}, ""), "name: is empty")
    assert.strictEqual(refused({}, "order/charge"), "name: contains a slash, which stands between name and key")
    assert.strictEqual(refused({}, "x".repeat(101)), "name: is 101 characters long: at most 100 are taken")
    assert.strictEqual(Step.make("x".repeat(100), tick).name.length, 100)
  })

  it("for characters in its name that no journal keeps as they are, or that no line shows", () => {
    const shown = "which no line shows: letters, digits, signs and spaces are taken"
    assert.strictEqual(refused({}, "a\0b"), `name: contains the control character \\u0000, ${shown}`)
    assert.strictEqual(refused({}, "line\nbreak"), `name: contains the control character \\u000a, ${shown}`)
    assert.strictEqual(refused({}, "line\u2028break"), `name: contains the control character \\u2028, ${shown}`)
    assert.strictEqual(refused({}, "left\u202eright"), `name: contains the control character \\u202e, ${shown}`)
    const half = "name: contains half of a surrogate pair, which is no character"
    assert.strictEqual(refused({}, "half \ud800"), half)
    assert.strictEqual(refused({}, `${"x".repeat(99)}😀`), "name: is 101 characters long: at most 100 are taken")
    assert.deepStrictEqual(stepsNamed("a\0b"), [])
    for (const name of ["Zahlung größer 5 €", "予約", "ship 📦 (1st)"])
      assert.strictEqual(Step.make(name, tick).name, name)
  })

  it("for a name that is no text, where no compiler looks", () => {
    const name = 7 as unknown as string
    assert.strictEqual(refused({}, name), "name: is 7: it must be a text")
  })

  it("for answers that there are not, where no compiler looks", () => {
    const unknown = 'it must be a function that looks, or "repeat", "ask" or "leave"'
    assert.strictEqual(refused({ unknown: "Repeat" }), `unknown: is "Repeat": ${unknown}`)
    assert.strictEqual(refused({ unknown: undefined }), `unknown: is undefined: ${unknown}`)
    const undo = 'it must be a function that takes it back, an object with such a do, or "irreversible" or "nothing"'
    assert.strictEqual(refused({ undo: "irreversable" }), `undo: is "irreversable": ${undo}`)
    assert.strictEqual(refused({ undo: null }), `undo: is null: ${undo}`)
    assert.strictEqual(refused({ undo: {} }), "undo.do: is undefined: it must be a function that takes it back")
    assert.strictEqual(
      refused({ undo: { do: () => Effect.void, unknown: "ask" } }),
      'undo.unknown: is "ask": it must be a function that looks, or "repeat"'
    )
    assert.strictEqual(refused({ do: Effect.void }), "do: is an object: it must be a function that does it")
    assert.strictEqual(refused({ gaveUp: "no" }), 'gaveUp: is "no": it must be a function that gives the refusal')
  })

  it("for its retry", () => {
    assert.strictEqual(
      refused({ retry: { attempts: 0 } }),
      "retry.attempts: is 0: it must be a whole number, 1 or more"
    )
    assert.strictEqual(
      refused({ retry: { attempts: 1.5 } }),
      "retry.attempts: is 1.5: it must be a whole number, 1 or more"
    )
    assert.strictEqual(
      refused({ retry: { backoff: { factor: 0.5 } } }),
      "retry.backoff.factor: is 0.5: it must be 1 or more"
    )
    assert.strictEqual(
      refused({ retry: { backoff: { first: "-1 seconds" } } }),
      "retry.backoff.first: is -1000 ms: it must be a length of time, zero or more"
    )
    assert.strictEqual(
      refused({ retry: { backoff: { first: "10 seconds", longest: "5 seconds" } } }),
      "retry.backoff.longest: is 5000 ms: it must be at least as long as the first pause, 10000 ms"
    )
    assert.strictEqual(refused({ retry: { jitter: 1.1 } }), "retry.jitter: is 1.1: it must be between 0 and 1")
    assert.strictEqual(refused({ retry: { jitter: NaN } }), "retry.jitter: is NaN: it must be between 0 and 1")
    assert.strictEqual(
      refused({ retry: { within: Infinity } }),
      "retry.within: is Infinity: it must be a length of time, more than zero"
    )
  })

  it("for the retry of its undo", () => {
    const undo = { do: () => Effect.void, retry: { attempts: -1 } }
    assert.strictEqual(refused({ undo }), "undo.retry.attempts: is -1: it must be a whole number, 1 or more")
  })

  it("for its times", () => {
    assert.strictEqual(refused({ timeout: 0 }), "timeout: is 0 ms: it must be a length of time, more than zero")
    assert.strictEqual(refused({ timeout: NaN }), "timeout: is NaN: it must be a length of time, more than zero")
    assert.strictEqual(
      refused({ timeout: "10 secs" }),
      'timeout: is "10 secs": it must be a length of time, more than zero'
    )
    assert.strictEqual(
      refused({ keyLifetime: "-1 hours" }),
      "keyLifetime: is -3600000 ms: it must be a length of time, more than zero, or Infinity"
    )
    assert.strictEqual(
      refused({ undo: { do: () => Effect.void, timeout: -5 } }),
      "undo.timeout: is -5 ms: it must be a length of time, more than zero"
    )
  })

  it.each([
    ["Unavailable", Schema.Union([OutOfStock, Unavailable])],
    ["Indeterminate", Indeterminate],
    ["everything", Schema.Unknown]
  ])("for an error schema that takes %s", (_, error) => {
    assert.match(refused({ error }), /^error: takes Unavailable or Indeterminate, which are no refusals/)
  })
})

describe("what a step leaves out", () => {
  it("has the defaults that its documentation says", () => {
    const { keyLifetime, retry, timeout, undo } = Step.make("tick", { ...tick, undo: () => Effect.void }).definition
    const patient = { first: 100, factor: 2, longest: 30_000, jitter: 0.2 }
    assert.deepStrictEqual(retry, { ...patient, attempts: 5, within: 600_000 })
    assert.deepStrictEqual((undo as { retry: object }).retry, { ...patient, attempts: 10, within: 3_600_000 })
    assert.isUndefined(timeout)
    assert.strictEqual(keyLifetime, 86_400_000)
  })

  it("is left as it is by what it says", () => {
    const { keyLifetime, retry, timeout } = Step.make("tick", {
      ...tick,
      retry: { attempts: 3, backoff: { first: "1 minute" } },
      timeout: "10 seconds",
      keyLifetime: Infinity
    }).definition
    assert.deepStrictEqual(retry, {
      attempts: 3,
      first: 60_000,
      factor: 2,
      longest: 60_000,
      within: 600_000,
      jitter: 0.2
    })
    assert.strictEqual(timeout, 10_000)
    assert.strictEqual(keyLifetime, Infinity)
  })
})

describe("the key of a step", () => {
  it("is 64 hexadecimal characters", () => {
    for (const wrong of ["", "charge", "a".repeat(63), "a".repeat(65), "A".repeat(64), "g".repeat(64)]) {
      assert.throws(() => StepKey.make(wrong))
    }
    assert.strictEqual(StepKey.make("a".repeat(64)), "a".repeat(64) as StepKey)
  })
})
