/**
 * An order that exists is valid: neither a decoder nor a constructor gives another one.
 */
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { Order } from "../../src/workflows/Order.ts"

const eur = (minor: number) => ({ currency: "EUR", minor })

const written: typeof Order.Encoded = {
  id: "1001",
  customer: { email: "ann@example.com", name: "Ann" },
  lines: [{ sku: "MUG-1", name: "Mug", quantity: 2, price: eur(1250) }],
  total: eur(2500),
  payment: { method: "pm_card_visa" }
}

const decode = Schema.decodeUnknownResult(Order)

const why = (but: object): string =>
  Result.match(decode({ ...written, ...but }), {
    onSuccess: () => "a valid order",
    onFailure: (error) => error.message
  })

describe("an order", () => {
  it("survives being written down and read again", () => {
    const order = Result.getOrThrow(decode(written))
    assert.instanceOf(order, Order)
    assert.deepEqual(Schema.encodeSync(Order)(order), written)
    assert.deepStrictEqual(Result.getOrThrow(decode(JSON.parse(JSON.stringify(written)))), order)
  })

  it("adds up: lines + shipping + tax + tip − discount are its total", () => {
    const more = { shipping: eur(490), tax: eur(100), tip: eur(200), discount: eur(300) }
    assert.strictEqual(why({ ...more, total: eur(2990) }), "a valid order")
    assert.strictEqual(
      why({ ...more, total: eur(2500) }),
      'is 25.00 EUR, but lines + shipping + tax + tip − discount come to 29.90 EUR\n  at ["total"]'
    )
  })

  it("does not add up to less than nothing", () => {
    assert.match(why({ discount: eur(9999), total: eur(0) }), /come to −74\.99 EUR/)
  })

  it("does not add up by a rounded sum", () => {
    // 2^53 + 1 is no double: as one it is 2^53, and the discount would leave 1 of what are 2.
    const discount = eur(Number.MAX_SAFE_INTEGER)
    const lines = [discount, eur(2)].map((price) => ({ sku: "MUG-1", quantity: 1, price }))
    assert.match(why({ lines, discount, total: eur(1) }), /more EUR than can be counted exactly/)
  })

  it("is of one currency", () => {
    const usd = { currency: "USD", minor: 1250 }
    assert.match(
      why({ lines: [...written.lines, { ...written.lines[0], price: usd }] }),
      /at \["lines"\]\[1\]\["price"\]/
    )
    assert.match(why({ shipping: { currency: "USD", minor: 0 } }), /is not in EUR[^]*at \["shipping"\]/)
  })

  it("cannot be constructed either when it does not add up", () => {
    const order = Result.getOrThrow(decode(written))
    assert.throws(() => new Order({ ...order, id: order.id, lines: [order.lines[0], order.lines[0]] }))
  })

  it("needs no e-mail address and no name of its customer", () => {
    assert.strictEqual(why({ customer: {} }), "a valid order")
  })
})

describe("the texts of an order", () => {
  it("are of a sane length", () => {
    assert.strictEqual(why({ id: "x".repeat(255) }), "a valid order")
    assert.match(why({ id: "x".repeat(256) }), /is 256 characters long: at most 255 are taken/)
    assert.match(why({ id: "" }), /is empty/)
    assert.match(why({ lines: [{ ...written.lines[0], sku: "x".repeat(1025) }] }), /at most 1024/)
    assert.match(why({ customer: { email: `${"x".repeat(320)}@example.com` } }), /at most 320/)
  })

  it("hold nothing that a terminal obeys, and no half characters", () => {
    for (const id of ["a\u0000", "a\nb", "\u001b[2J", "a\u009bb", "a\u202eb", "a\u2066b", "a\u2028b", "\ud83d"]) {
      assert.match(why({ id }), /contains a control character/, JSON.stringify(id))
    }
    assert.strictEqual(why({ id: "Bestellung-№1 🧦" }), "a valid order")
  })

  it("do not begin or end with a space, so that no two ids look alike by it", () => {
    assert.match(why({ id: "1001 " }), /begins or ends with a space/)
    assert.match(why({ id: "\u00a01001" }), /begins or ends with a space/)
  })

  it("say an address where one is meant", () => {
    for (const email of ["nobody", "a b@example.com", "a@@example.com", "@example.com"]) {
      assert.match(why({ customer: { email } }), /is not an e-mail address/, email)
    }
  })
})
