/**
 * What holds for every order and every file: what is written is read back equal in each format, and where the file's
 * chunks end makes no difference, in the middle of a character, a CRLF or a quote.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import * as fc from "fast-check"
import { OrderRecord } from "firebreak/adapters/order-files"
import type { Cutter, Piece } from "../../../src/adapters/order-files/pieces.ts"
import { elements } from "../../../src/adapters/order-files/elements.ts"
import { lines } from "../../../src/adapters/order-files/lines.ts"
import { rows } from "../../../src/adapters/order-files/rows.ts"
import { Money } from "../../../src/workflows/Money.ts"
import type { Order } from "../../../src/workflows/Order.ts"
import { bytesOf, contentOf, readChunks, told } from "./reading.ts"

// --- orders, and the three ways of writing them ----------------------------------------------------------------------

const text = fc
  .oneof(
    { arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }), weight: 3 },
    { arbitrary: fc.stringMatching(/^[a-z",;'{}[\]\\ #:é🧦]{1,12}$/u), weight: 1 }
  )
  .map((text) => `${text}-`.replace(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, "·").trim())

const maybe = <A>(arbitrary: fc.Arbitrary<A>) => fc.option(arbitrary, { nil: undefined })

const currencies = [
  ["EUR", 2],
  ["JPY", 0],
  ["KWD", 3],
  ["USD", 2]
] as const

const amount = fc.integer({ min: 0, max: 1_000_000 })

const orders = fc
  .array(
    fc.record({
      currency: fc.constantFrom(...currencies),
      email: maybe(fc.constantFrom("ann@example.com", '"ann,lee"@example.com', "アン@例え.example")),
      name: maybe(text),
      lines: fc.array(
        fc.record({ sku: text, name: maybe(text), quantity: fc.integer({ min: 1, max: 99 }), minor: amount }),
        {
          minLength: 1,
          maxLength: 4
        }
      ),
      shipping: maybe(amount),
      tax: maybe(amount),
      tip: maybe(amount),
      discount: maybe(fc.double({ min: 0, max: 1, noNaN: true })),
      id: text
    }),
    { minLength: 1, maxLength: 6 }
  )
  .map((many) => many.map((one, at) => toOrder({ ...one, id: `${one.id}${at}` })))

/** Makes the amounts add up; the discount is a share of what there is to take off. */
const toOrder = (one: {
  readonly id: string
  readonly currency: (typeof currencies)[number]
  readonly email: string | undefined
  readonly name: string | undefined
  readonly lines: ReadonlyArray<{ sku: string; name: string | undefined; quantity: number; minor: number }>
  readonly shipping: number | undefined
  readonly tax: number | undefined
  readonly tip: number | undefined
  readonly discount: number | undefined
}): Order => {
  const [currency, digits] = one.currency
  const written = (minor: number) => (digits === 0 ? String(minor) : decimal(minor, digits))
  const before =
    one.lines.reduce((sum, line) => sum + line.quantity * line.minor, 0) +
    (one.shipping ?? 0) +
    (one.tax ?? 0) +
    (one.tip ?? 0)
  const discount = one.discount === undefined ? undefined : Math.floor(before * one.discount)
  const optional = (name: string, minor: number | undefined) => (minor === undefined ? {} : { [name]: written(minor) })
  return Schema.decodeUnknownSync(OrderRecord)({
    id: one.id,
    customer: { email: one.email ?? null, name: one.name ?? null },
    currency,
    lines: one.lines.map(({ minor, name, quantity, sku }) => ({
      sku,
      name: name ?? null,
      quantity,
      price: written(minor)
    })),
    ...optional("shipping", one.shipping),
    ...optional("tax", one.tax),
    ...optional("tip", one.tip),
    ...optional("discount", discount),
    total: written(before - (discount ?? 0)),
    payment: { method: "pm_card_visa" }
  })
}

// Not `Money.format`: what is tested is not written by itself.
const decimal = (minor: number, digits: number) => {
  const text = String(minor).padStart(digits + 1, "0")
  return `${text.slice(0, text.length - digits)}.${text.slice(text.length - digits)}`
}

const record = (order: Order) => Schema.encodeSync(OrderRecord)(order)

const asLines = (orders: ReadonlyArray<Order>) => orders.map((order) => JSON.stringify(record(order))).join("\n")

const asArray = (orders: ReadonlyArray<Order>) => JSON.stringify(orders.map(record), null, 1)

const columns = "id,email,name,currency,sku,item,quantity,price,shipping,tax,tip,discount,total,payment_method"

const asCsv = (orders: ReadonlyArray<Order>, lineBreak: string, quoted: boolean) => {
  const cell = (value: unknown) => {
    const text = value === undefined ? "" : value instanceof Money ? Money.format(value) : String(value)
    return quoted || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  const row = (order: Order, at: number) => {
    const line = order.lines[at]
    const own = <A>(value: A) => (at === 0 ? value : undefined)
    return [
      order.id,
      own(order.customer.email),
      own(order.customer.name),
      own(order.total.currency),
      line?.sku,
      line?.name,
      line?.quantity,
      line?.price,
      own(order.shipping),
      own(order.tax),
      own(order.tip),
      own(order.discount),
      own(order.total),
      own(order.payment.method)
    ]
      .map(cell)
      .join(",")
  }
  return [columns, ...orders.flatMap((order) => order.lines.map((_, at) => row(order, at)))].join(lineBreak)
}

// --- chunks ----------------------------------------------------------------------------------------------------------

/** Cuts `bytes` at random places, many of them in a row. */
const chunked = (bytes: Uint8Array, sizes: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const chunks: Array<Uint8Array> = []
  for (let from = 0, n = 0; from < bytes.length; n++) {
    const to = from + (sizes[n % sizes.length] ?? 1)
    chunks.push(bytes.slice(from, to))
    from = to
  }
  return chunks
}

const sizes = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 20 }),
  fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 })
)

/** White space behind the beginning: the first 64 KiB are looked at as a whole, and what follows is read as it comes. */
const pushedDown = (content: string, behind: string) =>
  content.replace(behind, behind + (behind === "[" ? " ".repeat(66_000) : "\n".repeat(66_000)))

const readBack = (content: string, sizes: ReadonlyArray<number>) =>
  Effect.map(readChunks(chunked(bytesOf(content), sizes)), (answers) =>
    answers.map((answer) => (answer._tag === "Accepted" ? answer.order : told(answer)))
  )

const holds = <A>(arbitrary: fc.Arbitrary<A>, promise: (value: A) => Effect.Effect<void, unknown>, numRuns = 60) =>
  Effect.promise(() =>
    fc.assert(
      fc.asyncProperty(arbitrary, (value) => Effect.runPromise(promise(value))),
      { numRuns }
    )
  )

// --- the promises ----------------------------------------------------------------------------------------------------

describe("every order", () => {
  it.effect("written as JSON lines is read back equal, in chunks of any size", () =>
    holds(fc.tuple(orders, sizes), ([orders, sizes]) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* readBack(asLines(orders), sizes), orders)
      })
    )
  )

  it.effect("written as an element of a JSON array is read back equal, in chunks of any size", () =>
    holds(fc.tuple(orders, sizes), ([orders, sizes]) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* readBack(pushedDown(asArray(orders), "["), [66_000, ...sizes]), orders)
      })
    )
  )

  it.effect("written in own columns is read back equal, in chunks of any size", () =>
    holds(fc.tuple(orders, sizes, fc.constantFrom("\n", "\r\n"), fc.boolean()), ([orders, sizes, lineBreak, quoted]) =>
      Effect.gen(function* () {
        const content = pushedDown(asCsv(orders, lineBreak, quoted), columns)
        assert.deepStrictEqual(yield* readBack(content, [66_000, ...sizes]), orders)
      })
    )
  )
})

describe("where chunks end", () => {
  const cutters: ReadonlyArray<readonly [name: string, cutter: () => Cutter, samples: ReadonlyArray<Uint8Array>]> = [
    ["lines", lines, ["examples/orders/orders.ndjson", "test/fixtures/orders/bad-lines.ndjson"].map(contentOf)],
    [
      "elements",
      elements,
      [
        contentOf("test/fixtures/orders/truncated.json"),
        bytesOf('[\n5 , "a\\\\\\"],[",{"é🧦":[{},"}"]},\n, [[\r\n]],\r\n{}}]\r\n tail ] , é')
      ]
    ],
    [
      "rows",
      rows,
      [
        contentOf("examples/orders/shopify.csv"),
        contentOf("examples/orders/orders.csv"),
        bytesOf('a,"b""\r\n,c"\r\n\r\n5" é,"x"y\n"""",🧦\r\n"open\r\n')
      ]
    ]
  ]

  const shown = (piece: Piece) =>
    piece._tag === "Piece" ? [piece.line, Buffer.from(piece.bytes).toString("latin1")] : piece

  const cut = (cutter: Cutter, chunks: ReadonlyArray<Uint8Array>) => {
    const pieces = chunks.flatMap((chunk) => {
      // What reads files gives Buffers and may use them again: nothing of a chunk may be kept but a copy.
      const lent = Buffer.from(chunk)
      const pushed = cutter.push(lent).map(shown)
      lent.fill("!")
      return pushed
    })
    return [...pieces, ...cutter.end().map(shown)]
  }

  for (const [name, cutter, samples] of cutters) {
    it(`makes no difference to the pieces cut by ${name}, also of spoilt files`, () => {
      const spoilt = fc.array(fc.tuple(fc.nat(), fc.constantFrom(...'"\\[]{},\r\n\0é'.split(""))), { maxLength: 4 })
      fc.assert(
        fc.property(fc.nat(samples.length - 1), spoilt, sizes, (sample, spoilt, sizes) => {
          const bytes = new Uint8Array(samples[sample] ?? [])
          for (const [at, by] of spoilt) bytes.set(bytesOf(by).subarray(0, 1), at % bytes.length)
          assert.deepStrictEqual(cut(cutter(), chunked(bytes, sizes)), cut(cutter(), [bytes]))
        }),
        { numRuns: 150 }
      )
    })
  }

  it.effect("makes no difference to the answers, also of spoilt files", () => {
    const files = ["examples/orders/orders.ndjson", "examples/orders/orders.csv", "examples/orders/shopify.csv"]
      .map((path) => Buffer.from(contentOf(path)).toString("utf8"))
      .map((content) =>
        content.startsWith("{")
          ? content.replace("}\n", `}${" ".repeat(66_000)}\n`)
          : content.replace(/\r?\n/, (lineBreak) => lineBreak + "\n".repeat(66_000))
      )
      .map(bytesOf)
    const spoilt = fc.array(fc.tuple(fc.nat(), fc.constantFrom(...'"\\{},\r\nx0')), { maxLength: 4 })
    return holds(
      fc.tuple(fc.nat(files.length - 1), spoilt, sizes),
      ([file, spoilt, sizes]) =>
        Effect.gen(function* () {
          const bytes = new Uint8Array(files[file] ?? [])
          for (const [at, by] of spoilt) bytes.set(bytesOf(by), 67_000 + (at % (bytes.length - 67_000)))
          const answers = (chunks: ReadonlyArray<Uint8Array>) =>
            Effect.map(readChunks(chunks, { paymentMethod: "pm_card_visa" }), (answers) => answers.map(told))
          const whole = yield* answers([bytes])
          assert.deepStrictEqual(yield* answers(chunked(bytes, [66_000, ...sizes])), whole)
          assert.isAbove(whole.length, 0)
        }),
      40
    )
  })
})
