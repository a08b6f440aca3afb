/**
 * Money is counted in whole smallest units, and nothing is ever rounded.
 */
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import * as fc from "fast-check"
import { Currency, digitsOf, Money } from "../../src/workflows/Money.ts"

const currency = (code: string) => Schema.decodeUnknownSync(Currency)(code)

const parsed = (amount: string, code: string) =>
  Result.match(Money.parse(amount, currency(code)), {
    onSuccess: (money) => `${money.minor} ${money}`,
    onFailure: (error) => `${error._tag} ${error.because}`
  })

describe("a decimal string", () => {
  it("is read in the currency's own digits", () => {
    assert.deepStrictEqual(
      [
        ["12.50", "EUR"],
        ["12.5", "EUR"],
        ["12", "EUR"],
        ["0.07", "USD"],
        ["100", "JPY"],
        ["1.250", "KWD"],
        ["007", "JPY"]
      ].map(([amount = "", code = ""]) => parsed(amount, code)),
      ["1250 12.50 EUR", "1250 12.50 EUR", "1200 12.00 EUR", "7 0.07 USD", "100 100 JPY", "1250 1.250 KWD", "7 7 JPY"]
    )
  })

  it("is refused when the currency has no such digits, also when they are zeros", () => {
    for (const [amount, code] of [
      ["12.505", "EUR"],
      ["12.500", "EUR"],
      ["100.0", "JPY"],
      ["1.2505", "KWD"]
    ] as const) {
      assert.strictEqual(parsed(amount, code), "InvalidAmount TooManyDigits", `${amount} ${code}`)
    }
  })

  it("is refused when it is no plain decimal number", () => {
    for (const amount of [
      "",
      " 1",
      "1 ",
      "1,50",
      "1e3",
      ".5",
      "5.",
      "+1",
      "0x10",
      "Infinity",
      "١٢",
      "1_000",
      "EUR 1"
    ]) {
      assert.strictEqual(parsed(amount, "EUR"), "InvalidAmount NotAnAmount", JSON.stringify(amount))
    }
  })

  it("is refused below zero, but minus zero is zero", () => {
    assert.strictEqual(parsed("-0.01", "EUR"), "InvalidAmount Negative")
    assert.strictEqual(parsed("-0.00", "EUR"), "0 0.00 EUR")
  })

  it("is refused past what can be counted exactly", () => {
    assert.strictEqual(parsed("90071992547409.91", "EUR"), "9007199254740991 90071992547409.91 EUR")
    assert.strictEqual(parsed("90071992547409.92", "EUR"), "InvalidAmount TooLarge")
    assert.strictEqual(parsed("9".repeat(400), "JPY"), "InvalidAmount TooLarge")
  })

  it("says in words what is wrong, without control characters and without end", () => {
    const message = (amount: string, code: string) =>
      Result.match(Money.parse(amount, currency(code)), { onSuccess: String, onFailure: (error) => error.message })
    assert.strictEqual(message("12.505", "EUR"), '"12.505" has too many digits after the point: EUR has 2')
    assert.strictEqual(message("1.5", "JPY"), '"1.5" has too many digits after the point: JPY has none')
    assert.strictEqual(message("-3", "EUR"), '"-3" is below zero')
    assert.match(message(`\u001b[2J\u202e${"x".repeat(10_000)}`, "EUR"), /^"�\[2J�x{35}…" is not an amount/)
  })

  it("comes back from every amount of every currency", () => {
    const amounts = fc.tuple(
      fc.constantFrom("EUR", "JPY", "KWD", "CLP", "TND", "USD").map(currency),
      fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
    )
    fc.assert(
      fc.property(amounts, ([currency, minor]) => {
        const money = new Money({ currency, minor })
        assert.deepStrictEqual(Result.getOrThrow(Money.parse(Money.format(money), currency)), money)
      })
    )
  })
})

describe("a currency", () => {
  it("has the digits that ISO 4217 gives it", () => {
    const digits = (codes: string) => new Set(codes.split(" ").map((code) => digitsOf(currency(code))))
    assert.deepStrictEqual(digits("JPY KRW VND CLP ISK UGX XAF"), new Set([0]))
    assert.deepStrictEqual(digits("EUR USD HUF TWD IDR AFN UYU"), new Set([2]))
    assert.deepStrictEqual(digits("BHD IQD JOD KWD LYD OMR TND"), new Set([3]))
  })

  it("is refused in small letters, when it has gone out of use, and when there is no such currency", () => {
    for (const code of ["eur", "DEM", "XYZ", "", "EUR ", "BTC"]) {
      assert.isFalse(Schema.is(Currency)(code), code)
    }
  })
})

describe("an amount", () => {
  it("is never below zero and never a fraction", () => {
    assert.isFalse(Schema.is(Schema.toEncoded(Money))({ currency: "EUR", minor: "1" }))
    for (const minor of [-1, 0.5, Number.NaN, Number.MAX_SAFE_INTEGER + 1]) {
      assert.throws(() => new Money({ currency: currency("EUR"), minor }))
    }
  })
})
