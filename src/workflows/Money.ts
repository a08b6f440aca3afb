/**
 * Money: how much, in which currency, counted in the currency's smallest unit.
 *
 * The special rule: no amount is ever a fraction. `12.50 EUR` is the integer 1250, text is parsed digit by digit, and
 * what a currency cannot express exactly is refused instead of rounded.
 *
 * Not here: exchange rates, and negative amounts (a discount is an amount that is taken off, not an amount below zero).
 */
import { Result, Schema } from "effect"

// ISO 4217, currencies in use, by the number of digits after the point. Node's own table (`Intl`) is not used: it holds
// the digits people write (none for IQD or HUF in places), not the digits the currency is accounted in.
const codesByDigits: ReadonlyArray<readonly [digits: number, codes: string]> = [
  [0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"],
  [
    2,
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC " +
      "CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR " +
      "JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD " +
      "NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN " +
      "SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"
  ],
  [3, "BHD IQD JOD KWD LYD OMR TND"]
]

const digitsByCode: ReadonlyMap<string, number> = new Map(
  codesByDigits.flatMap(([digits, codes]) => codes.split(" ").map((code) => [code, digits] as const))
)

/** A currency this house can count in: an ISO 4217 code, in capitals. */
export const Currency = Schema.String.check(
  Schema.makeFilter((code) => digitsByCode.has(code), {
    message: "is not a currency in use (ISO 4217, in capitals, such as EUR)"
  })
).pipe(Schema.brand("Currency"))
export type Currency = typeof Currency.Type

/** How many digits stand after the point in amounts of `currency`: 0 for JPY, 2 for EUR, 3 for KWD. */
export const digitsOf = (currency: Currency): number => digitsByCode.get(currency) ?? 2

/** A text that is no amount of its currency. */
export class InvalidAmount extends Schema.TaggedError<InvalidAmount>()("InvalidAmount", {
  amount: Schema.String,
  currency: Currency,
  because: Schema.Literals(["NotAnAmount", "Negative", "TooManyDigits", "TooLarge"])
}) {
  override get message() {
    const shown = `"${this.amount.length > 40 ? `${this.amount.slice(0, 40)}…` : this.amount}"`.replace(/\p{C}/gu, "�")
    switch (this.because) {
      case "NotAnAmount":
        return `${shown} is not an amount: write digits and a point, such as 12.50`
      case "Negative":
        return `${shown} is below zero`
      case "TooManyDigits":
        return `${shown} has too many digits after the point: ${this.currency} has ${digitsOf(this.currency) || "none"}`
      case "TooLarge":
        return `${shown} is more than can be counted exactly`
    }
  }
}

const amountPattern = /^(-?)(\d+)(?:\.(\d+))?$/

/** An amount of money, zero or more. `minor` counts the currency's smallest unit: cents of EUR, whole JPY. */
export class Money extends Schema.Class<Money>("Money")({
  currency: Currency,
  minor: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0, { message: "is below zero" }))
}) {
  /**
   * Reads a decimal string in the currency's own digits, exactly.
   *
   * **Details** — `12.5` and `12.50` are the same EUR; `12.505` is refused, and so is `12.500`: it is not written in
   * the currency's digits, and a third digit in EUR is more often a mistake than a zero.
   */
  static parse(amount: string, currency: Currency): Result.Result<Money, InvalidAmount> {
    const refuse = (because: InvalidAmount["because"]) => Result.fail(new InvalidAmount({ amount, currency, because }))
    const parts = amountPattern.exec(amount)
    if (parts === null) return refuse("NotAnAmount")
    const [, sign, whole = "", fraction = ""] = parts
    const digits = digitsOf(currency)
    if (fraction.length > digits) return refuse("TooManyDigits")
    const minor = Number(whole + fraction.padEnd(digits, "0"))
    if (!Number.isSafeInteger(minor)) return refuse("TooLarge")
    if (sign === "-" && minor !== 0) return refuse("Negative")
    return Result.succeed(new Money({ currency, minor }))
  }

  /** The amount as a decimal string with all of the currency's digits: the counterpart of `Money.parse`. */
  static format(money: Money): string {
    const digits = digitsOf(money.currency)
    if (digits === 0) return String(money.minor)
    const text = String(money.minor).padStart(digits + 1, "0")
    return `${text.slice(0, -digits)}.${text.slice(-digits)}`
  }

  /** For people: `12.50 EUR`. */
  override toString(): string {
    return `${Money.format(this)} ${this.currency}`
  }
}
