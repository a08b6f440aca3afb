/**
 * JSON lines and JSON arrays: every bad order is rejected with its line and field, and the rest goes on.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { bytesOf, orderLine, read, readFixture, told } from "./reading.ts"

const tell = (content: string | Uint8Array) => Effect.map(read(content), (answers) => answers.map(told))

describe("JSON lines", () => {
  it.effect("are each accepted, or rejected with line, field and reason", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* readFixture("bad-lines.ndjson")).map(told), [
        "1 accepted ok-1 25.00 EUR",
        "2 rejected null order: is not JSON",
        "3 rejected null order: is not JSON: see its character 96",
        "4 rejected null id: is missing",
        "5 rejected no-total total: is missing",
        "6 rejected no-price lines[1].price: is missing",
        "7 rejected no-method payment.method: is missing",
        "8 rejected null id: must be a text, not a number",
        "9 rejected lines-type lines: must be a list, not an object",
        "10 rejected quantity-type lines[0].quantity: must be a number, not a text",
        "11 rejected total-type total: must be a text or a number, not a list",
        "12 rejected null order: must be an object, not a list",
        "13 rejected no-lines lines: is empty",
        "14 rejected negative lines[0].quantity: must be 1 or more",
        "15 rejected zero lines[0].quantity: must be 1 or more",
        "16 rejected half lines[0].quantity: must be a whole number",
        '17 rejected digits-eur lines[0].price: "12.505" has too many digits after the point: EUR has 2',
        '18 rejected digits-jpy total: "2500.00" has too many digits after the point: JPY has none',
        '19 rejected digits-kwd shipping: "0.0005" has too many digits after the point: KWD has 3',
        '20 rejected not-an-amount lines[0].price: "12,50" is not an amount: write digits and a point, such as 12.50',
        '21 rejected below-zero discount: "-1.00" is below zero',
        "22 rejected unknown-currency currency: is not a currency in use (ISO 4217, in capitals, such as EUR)",
        "23 rejected small-currency currency: is not a currency in use (ISO 4217, in capitals, such as EUR)",
        "24 rejected wrong-total total: is 25.00 EUR, but lines + shipping + tax + tip − discount come to 29.90 EUR",
        "25 rejected no-address customer.email: is not an e-mail address",
        "26 rejected null id: contains a control character",
        "27 rejected escape customer.name: contains a control character",
        "28 rejected half-a-character lines[0].sku: contains a control character",
        // Line 29 is blank. Line 30: unknown fields, amounts as numbers, and `null` for an address that is not known.
        "30 accepted ok-2 29.90 EUR"
      ])
    })
  )

  it.effect("may be separated by CRLF, begin with a byte order mark and end without a line break", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* tell(`\ufeff${orderLine("1")}\r\n\r\n${orderLine("2")}`), [
        "1 accepted 1 25.00 EUR",
        "3 accepted 2 25.00 EUR"
      ])
    })
  )

  it.effect("stay JSON lines when the first of them is spoilt", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* tell(`oops\n${orderLine("1")}\n`), [
        "1 rejected null order: is not JSON",
        "2 accepted 1 25.00 EUR"
      ])
    })
  )

  it.effect("take numbers as amounts when a number can be exact", () =>
    Effect.gen(function* () {
      const line = (price: unknown, total: unknown, currency = "EUR") =>
        orderLine("n", { currency, lines: [{ sku: "A", quantity: 1, price }], total })
      assert.deepStrictEqual(yield* tell(line(12.5, "12.50")), ["1 accepted n 12.50 EUR"])
      assert.deepStrictEqual(yield* tell(line(100, 100, "JPY")), ["1 accepted n 100 JPY"])
      assert.deepStrictEqual(yield* tell(line(9999999999999.99, 9999999999999.99)), [
        "1 accepted n 9999999999999.99 EUR"
      ])
      assert.deepStrictEqual(yield* tell(line(0.1 + 0.2, "0.30")), [
        '1 rejected n lines[0].price: "0.30000000000000004" has too many digits after the point: EUR has 2'
      ])
      assert.deepStrictEqual(yield* tell(line(10000000000000.01, "10000000000000.01")), [
        "1 rejected n lines[0].price: is too large for an exact number: write it as a text"
      ])
    })
  )

  it.effect("that are not UTF-8 further down cost themselves only", () =>
    Effect.gen(function* () {
      const many = Array.from({ length: 500 }, (_, n) => orderLine(String(n))).join("\n")
      const spoilt = Buffer.concat([
        bytesOf(many),
        Buffer.from('\n{"id":"caf\xe9"}\n', "latin1"),
        bytesOf(orderLine("z"))
      ])
      const answers = (yield* read(spoilt)).map(told)
      assert.strictEqual(answers.length, 502)
      assert.deepStrictEqual(answers.slice(-2), [
        "501 rejected null order: is not written in UTF-8",
        "502 accepted z 25.00 EUR"
      ])
    })
  )

  it.effect("with an id that is absurdly long are rejected without it", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* tell(orderLine("x".repeat(100_000))), [
        "1 rejected null id: is 100000 characters long: at most 255 are taken"
      ])
    })
  )

  it.effect("survive what JSON.parse makes of hostile texts", () =>
    Effect.gen(function* () {
      const deep = "[".repeat(100_000)
      const proto = '{"__proto__":{"id":"p"},"constructor":1}'
      assert.deepStrictEqual(yield* tell(`${orderLine("1")}\n{"id":${deep}\n${proto}\n`), [
        "1 accepted 1 25.00 EUR",
        "2 rejected null order: is not JSON: it ends too early",
        "3 rejected null id: is missing"
      ])
    })
  )
})

describe("a JSON array", () => {
  it.effect("gives each of its orders with the line on which it starts", () =>
    Effect.gen(function* () {
      const pretty = JSON.stringify([JSON.parse(orderLine("1")), JSON.parse(orderLine("2"))], null, 2)
      assert.deepStrictEqual(yield* tell(pretty), ["2 accepted 1 25.00 EUR", "21 accepted 2 25.00 EUR"])
      assert.deepStrictEqual(yield* tell(`\ufeff \r\n[${orderLine("1")},${orderLine("2")}]\r\n`), [
        "2 accepted 1 25.00 EUR",
        "2 accepted 2 25.00 EUR"
      ])
    })
  )

  it.effect("goes on after an element that is no order, or no JSON", () =>
    Effect.gen(function* () {
      const array = `[\n5,\n"a, ] b",\nnull,\n{"id":1,}},\n{"a":"\\"}"},\n${orderLine("1")}\n]`
      assert.deepStrictEqual(yield* tell(array), [
        "2 rejected null order: must be an object, not a number",
        "3 rejected null order: must be an object, not a text",
        "4 rejected null order: must be an object, not null",
        "5 rejected null order: is not JSON: see its character 10",
        "6 rejected null id: is missing",
        "7 accepted 1 25.00 EUR"
      ])
    })
  )

  it.effect("may be empty", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* tell("[]"), [])
      assert.deepStrictEqual(yield* tell(" [ \n ] \n"), [])
    })
  )

  it.effect("says where a comma is without an order, or text without an array", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* tell(`[${orderLine("1")},\n,\n${orderLine("2")},\n]\n\n tail\n more`), [
        "1 accepted 1 25.00 EUR",
        "2 rejected null order: is missing: a comma stands without an order beside it",
        "3 accepted 2 25.00 EUR",
        "4 rejected null order: is missing: a comma stands without an order beside it",
        "6 rejected null order: stands after the end of the array"
      ])
    })
  )

  it.effect("that is cut off keeps what was read before, and rejects the rest once", () =>
    Effect.gen(function* () {
      const cutOff = "ends with the file: the array is cut off here and its closing ] is missing"
      assert.deepStrictEqual((yield* readFixture("truncated.json")).map(told), [
        "2 accepted 1 25.00 EUR",
        "3 accepted 2 12.50 EUR",
        `4 rejected null order: ${cutOff}`
      ])
      assert.deepStrictEqual(yield* tell(`[${orderLine("1")},\n${orderLine("2")},\n`), [
        "1 accepted 1 25.00 EUR",
        "2 accepted 2 25.00 EUR",
        "3 rejected null order: is missing: the file ends before the array's closing ]"
      ])
      assert.deepStrictEqual(yield* tell(`[\n${orderLine("1")}`), [`2 rejected null order: ${cutOff}`])
    })
  )
})
