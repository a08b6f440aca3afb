/**
 * What becomes of the values of a step on their way into a journal and back.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Redacted, Schema, SchemaGetter } from "effect"
import {
  Currency,
  Money,
  Step,
  StepInputUnusable,
  StepUnusable,
  StepValueUnusable,
  type Written
} from "firebreak/workflows"

class At extends Schema.Class<At>("At")({ name: Schema.String, at: Schema.DateFromString }) {}
class OutOfStock extends Schema.TaggedError<OutOfStock>()("OutOfStock", { sku: Schema.String }) {}

const tick = { do: () => Effect.void, undo: "nothing", unknown: "repeat" } as const
const { input: plain } = Step.make("charge", { ...tick, do: (_: unknown) => Effect.void }).definition

const through = (written: Written, value: unknown): unknown =>
  written.decode(JSON.parse(JSON.stringify(written.encode(value))))

const refusalOf = <A extends object>(kind: new (...args: any) => A, act: () => unknown): A => {
  try {
    act()
  } catch (error) {
    assert.instanceOf(error, kind)
    return error as A
  }
  return assert.fail("it was taken")
}

describe("an input without a schema", () => {
  const order = {
    id: "o-1",
    count: 3,
    price: 12.5,
    isGift: false,
    note: null,
    lines: [
      { sku: "MUG-1", tags: ["a", "b"] },
      { sku: "MUG-2", tags: [] }
    ],
    "a-b": { __proto__: null, deep: { deeper: { deepest: -1 } } }
  }

  it("comes back as it went in", () => {
    const back = through(plain, order)
    assert.deepStrictEqual(back, JSON.parse(JSON.stringify(order)))
    assert.deepStrictEqual(through(plain, ["", 0, true, null]), ["", 0, true, null])
    assert.strictEqual(through(plain, "ann@example.com"), "ann@example.com")
  })

  it("is null where there is none", () => {
    assert.isNull(plain.encode(undefined))
    assert.isNull(plain.decode(null))
  })

  it("may leave a field undefined, which is left out", () => {
    assert.deepStrictEqual(through(plain, { id: "o-1", note: undefined }), { id: "o-1" })
  })

  it("may be an instance of a schema class, whose fields come back", () => {
    const price = new Money({ currency: Currency.make("EUR"), minor: 100 })
    assert.deepStrictEqual(through(plain, { lines: [{ price }] }), {
      lines: [{ price: { currency: "EUR", minor: 100 } }]
    })
  })

  it("may hold the same value twice, and many levels", () => {
    const shared = { sku: "MUG-1" }
    assert.deepStrictEqual(through(plain, [shared, shared]), [shared, shared])
    let deep: object = {}
    for (let level = 0; level < 200; level++) deep = { deep }
    assert.deepStrictEqual(through(plain, deep), deep)
  })

  const circle: { inside: { back?: object } } = { inside: {} }
  circle.inside.back = circle
  let deep: object = {}
  for (let level = 0; level < 600; level++) deep = { deep }
  const sparse: Array<number> = [1]
  sparse[2] = 3

  it.each<[what: string, path: string, reason: string, value: unknown]>([
    ["a Date", "lines[1].at", "is a Date", { lines: [{ at: "" }, { at: new Date(0) }] }],
    ["a Map", "stock", "is a Map", { stock: new Map([["a", 1]]) }],
    ["a Set", "stock", "is a Set", { stock: new Set([1]) }],
    ["bytes", "data", "is a Uint8Array", { data: new Uint8Array(2) }],
    ["an expression", "pattern", "is a RegExp", { pattern: /a/ }],
    ["a promise", "", "is a Promise", Promise.resolve(1)],
    ["a bigint", "count", "is a bigint", { count: 1n }],
    ["NaN", "count", "is NaN", { count: NaN }],
    ["Infinity", "[0]", "is -Infinity", [-Infinity]],
    ["a function", "total", "is a function", { total: () => 1 }],
    ["a symbol", "kind", "is a symbol", { kind: Symbol("a") }],
    ["undefined in a list", "[1]", "is undefined", [1, undefined]],
    ["a hole in a list", "[1]", "is undefined", sparse],
    [
      "a secret",
      "card.number",
      "is a secret (Redacted), which does not belong into a journal",
      { card: { number: Redacted.make("4242") } }
    ],
    ["a circle", "inside.back", "contains itself", circle],
    ["an option", "note", "is an object of a kind that JSON does not know", { note: Option.some(1) }],
    ["an error", "why", "is an error (Error)", { why: new Error("no") }],
    ["an error of a schema", "why", "is an error (OutOfStock)", { why: new OutOfStock({ sku: "MUG-1" }) }],
    [
      "an instance of any other class",
      "cart",
      "is a Cart",
      {
        cart: new (class Cart {
          readonly lines = 1
        })()
      }
    ],
    ["a value with a JSON of its own", "price", "has a toJSON of its own", { price: { toJSON: () => 1 } }],
    ["fields that are named by symbols", "", "has fields named by symbols", { [Symbol("a")]: 1 }],
    ["an odd field name", '["a b"].c', "is NaN", { "a b": { c: NaN } }],
    ["a Date in a schema class", "at", "is a Date", new At({ name: "a", at: new Date(0) })]
  ])("is refused with %s, and the field is named", (_, path, reason, value) => {
    const refusal = refusalOf(StepInputUnusable, () => plain.encode(value))
    assert.deepStrictEqual({ ...refusal }, { ...new StepInputUnusable({ step: "charge", path, reason }) })
  })

  it("is refused when it is too deep to be anything sensible", () => {
    assert.include(refusalOf(StepInputUnusable, () => plain.encode(deep)).reason, "lies deeper than 500 levels")
  })

  it("is refused with a sentence that says what to do", () => {
    assert.strictEqual(
      refusalOf(StepInputUnusable, () => plain.encode({ at: new Date(0) })).message,
      'the input of the step "charge" cannot be written down: at is a Date. Give the step an input schema (input: …), or pass plain data'
    )
    assert.include(refusalOf(StepInputUnusable, () => plain.encode(1n)).message, "it is a bigint")
  })
})

describe("a value with a schema", () => {
  const { error, input, success } = Step.make("charge", {
    input: At,
    success: Schema.Struct({ at: Schema.Date, big: Schema.BigInt, note: Schema.Option(Schema.String) }),
    error: OutOfStock,
    do: () => Effect.never,
    undo: "nothing",
    unknown: "repeat"
  }).definition

  it("comes back as it went in, its class included", () => {
    const at = new At({ name: "a", at: new Date(5) })
    const back = through(input, at)
    assert.instanceOf(back, At)
    assert.deepStrictEqual(back, at)
    const result = { at: new Date(0), big: 12n, note: Option.some("x") }
    assert.deepStrictEqual(through(success, result), result)
    const refusal = through(error, new OutOfStock({ sku: "MUG-1" }))
    assert.instanceOf(refusal, OutOfStock)
    assert.deepStrictEqual(refusal, new OutOfStock({ sku: "MUG-1" }))
  })

  it("is nothing without one", () => {
    const { success } = Step.make("tick", tick).definition
    assert.isNull(success.encode(undefined))
    assert.isUndefined(success.decode(null))
  })

  it("is refused where it does not fit, and the field is named", () => {
    const refusal = refusalOf(StepValueUnusable, () =>
      success.encode({ at: new Date(0), big: 12, note: Option.none() })
    )
    assert.strictEqual(refusal.schema, "success")
    assert.strictEqual(refusal.way, "written down")
    assert.strictEqual(
      refusal.message,
      'what is of the success schema of the step "charge" cannot be written down: Expected bigint at ["big"]'
    )
    const plain = refusalOf(StepValueUnusable, () => error.encode({ _tag: "OutOfStock", sku: "MUG-1" }))
    assert.include(plain.reason, "Expected OutOfStock")
  })

  it("is refused where what was written no longer fits", () => {
    const refusal = refusalOf(StepValueUnusable, () => input.decode({ name: 1, at: "" }))
    assert.strictEqual(refusal.schema, "input")
    assert.strictEqual(refusal.way, "read back")
    assert.include(refusal.reason, '["name"]')
  })

  it("is looked at as plain data where the schema takes anything", () => {
    const { success } = Step.make("any", {
      ...tick,
      success: Schema.Struct({ raw: Schema.Any }),
      do: () => Effect.never
    }).definition
    assert.deepStrictEqual(through(success, { raw: [1] }), { raw: [1] })
    const refusal = refusalOf(StepValueUnusable, () => success.encode({ raw: { at: new Date(0) } }))
    assert.strictEqual(refusal.reason, "raw.at is a Date")
    const { success: unknown } = Step.make("unknown", {
      ...tick,
      success: Schema.Unknown,
      do: () => Effect.never
    }).definition
    refusalOf(StepValueUnusable, () => unknown.encode({ at: new Date(0) }))
  })
})

describe("a schema with a secret", () => {
  const Secret = Schema.Redacted(Schema.String)
  class Card extends Schema.Class<Card>("Card")({ number: Secret }) {}
  class Denied extends Schema.TaggedError<Denied>()("Denied", { token: Schema.optionalKey(Secret) }) {}
  const Revealed = Secret.pipe(
    Schema.decodeTo(Schema.String, {
      decode: SchemaGetter.transform(Redacted.value),
      encode: SchemaGetter.transform((text: string) => Redacted.make(text))
    })
  )
  interface Tree {
    readonly secret: Redacted.Redacted
    readonly trees: ReadonlyArray<Tree>
  }
  const Tree = Schema.Struct({ trees: Schema.Array(Schema.suspend((): Schema.Codec<Tree, unknown> => Branch)) })
  const Branch = Schema.Struct({
    secret: Secret,
    trees: Schema.Array(Schema.suspend((): Schema.Codec<Tree, unknown> => Branch))
  }) as unknown as Schema.Codec<Tree, unknown>

  it.each([
    ["itself", Secret, "has a secret (Schema.Redacted), and"],
    ["in a class", Card, "has a secret (Schema.Redacted) at number, and"],
    ["in a list in a struct", Schema.Struct({ cards: Schema.Array(Card) }), "at cards.number, and"],
    ["in a record", Schema.Record(Schema.String, Secret), "has a secret (Schema.Redacted), and"],
    ["in one of several", Schema.Union([Schema.String, Card]), "at number, and"],
    ["in an option", Schema.Struct({ card: Schema.Option(Secret) }), "at card, and"],
    ["on the written side only", Schema.Struct({ card: Revealed }), "at card, and"],
    ["written as text", Schema.Struct({ card: Schema.RedactedFromValue(Schema.String) }), "at card, and"],
    ["in a recursive schema", Tree, "at trees.secret, and"]
  ])("is refused where the step is defined: %s", (_, success, reason) => {
    const refusal = refusalOf(StepUnusable, () => Step.make("charge", { ...tick, success, do: () => Effect.never }))
    assert.strictEqual(refusal.field, "success")
    assert.include(refusal.reason, reason)
  })

  it("is refused as the input and as a refusal too", () => {
    const define = (options: object) =>
      refusalOf(StepUnusable, () => Step.make("charge", { ...tick, ...options })).field
    assert.strictEqual(define({ input: Card }), "input")
    assert.strictEqual(define({ error: Denied }), "error")
  })

  it("is refused before the first value is written, where it was not defined yet", () => {
    let isDefined = false
    const Later = Schema.suspend(() => {
      if (!isDefined) throw new ReferenceError("Cannot access 'Later' before initialization")
      return Card
    })
    const { success } = Step.make("later", {
      ...tick,
      success: Schema.Struct({ card: Later }),
      do: () => Effect.never
    }).definition
    isDefined = true
    const refusal = refusalOf(StepUnusable, () => success.encode({ card: new Card({ number: Redacted.make("4242") }) }))
    assert.include(refusal.reason, "at card.number")
  })
})
