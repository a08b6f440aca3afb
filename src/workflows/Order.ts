/**
 * The order: who buys what, for how much, and by which payment method.
 *
 * The special rule: an `Order` that exists is valid. Its amounts are of one currency and add up, its texts are of a sane
 * length and free of control characters; past the decoder nobody checks again.
 *
 * Not here: how orders are written in files (`adapters/order-files`) and what happens to them (`ProcessOrder`).
 */
import { Schema } from "effect"
import { type Currency, Money } from "./Money.ts"

// Control characters and unpaired surrogates, line and paragraph separators, and the marks that turn the writing
// direction: none of them belongs into an id, and each can make a terminal or a log line lie about what it shows.
const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u

/** One line of printable text of 1 to `max` characters that neither begins nor ends with a space. */
const text = (max: number) =>
  Schema.String.check(
    Schema.makeFilter((value) => {
      if (value.length === 0) return "is empty"
      if (value.length > max) return `is ${value.length} characters long: at most ${max} are taken`
      if (unprintable.test(value)) return "contains a control character"
      if (value.trim().length !== value.length) return "begins or ends with a space"
      return undefined
    })
  )

/** What the shop calls the order; one id is one order, for ever. */
export const OrderId = text(255).pipe(Schema.brand("OrderId"))
export type OrderId = typeof OrderId.Type

/** What the warehouse calls a thing. */
export const Sku = text(1024).pipe(Schema.brand("Sku"))
export type Sku = typeof Sku.Type

/** A name the payment gateway gave to a card or account: a token such as `pm_card_visa`, never the card's own data. */
export const PaymentMethod = text(255).pipe(Schema.brand("PaymentMethod"))
export type PaymentMethod = typeof PaymentMethod.Type

/** Where the customer's letters go. Whether somebody reads there only the mail server knows. */
export const EmailAddress = text(320)
  .check(Schema.isPattern(/^[^\s@]+@[^\s@]+$/, { message: "is not an e-mail address" }))
  .pipe(Schema.brand("EmailAddress"))
export type EmailAddress = typeof EmailAddress.Type

/** What people call a person or a thing. */
export const Name = text(1024)

/** How many of a thing are wanted. */
export const Quantity = Schema.Number.check(
  Schema.isInt({ message: "must be a whole number" }),
  Schema.isGreaterThan(0, { message: "must be 1 or more" })
)

/** How many of one thing are wanted, and what one of them costs. */
export class OrderLine extends Schema.Class<OrderLine>("OrderLine")({
  sku: Sku,
  name: Schema.optionalKey(Name),
  quantity: Quantity,
  price: Money
}) {}

/** Who is told. Without an e-mail address nobody can be, and the order is processed all the same. */
export class Customer extends Schema.Class<Customer>("Customer")({
  email: Schema.optionalKey(EmailAddress),
  name: Schema.optionalKey(Name)
}) {}

const fields = Schema.Struct({
  id: OrderId,
  customer: Customer,
  lines: Schema.NonEmptyArray(OrderLine),
  shipping: Schema.optionalKey(Money),
  /** Tax that comes on top of the prices; tax that is already in them is not listed. */
  tax: Schema.optionalKey(Money),
  tip: Schema.optionalKey(Money),
  discount: Schema.optionalKey(Money),
  total: Money,
  payment: Schema.Struct({ method: PaymentMethod })
})

const amountsBesideLines = ["shipping", "tax", "tip", "discount"] as const

const inOneCurrency = Schema.makeFilter(
  (order: typeof fields.Type) => {
    const { currency } = order.total
    const strange = (amount: Money | undefined) => amount !== undefined && amount.currency !== currency
    const issue = `is not in ${currency}, the currency of the total`
    const line = order.lines.findIndex((line) => strange(line.price))
    if (line >= 0) return { path: ["lines", line, "price"], issue }
    const beside = amountsBesideLines.find((field) => strange(order[field]))
    return beside === undefined ? undefined : { path: [beside], issue }
  },
  undefined,
  true
)

const addsUp = Schema.makeFilter((order: typeof fields.Type) => {
  const sum = sumOf(order)
  return sum === order.total.minor
    ? undefined
    : {
        path: ["total"],
        issue: `is ${order.total}, but lines + shipping + tax + tip − discount come to ${formatted(
          sum,
          order.total.currency
        )}`
      }
})

const sumOf = (order: typeof fields.Type): number => {
  let sum = (order.shipping?.minor ?? 0) + (order.tax?.minor ?? 0) + (order.tip?.minor ?? 0)
  for (const line of order.lines) sum += line.price.minor * line.quantity
  // Past the safe integers a sum is rounded, and must not come back to the total by chance.
  return Number.isSafeInteger(sum) ? sum - (order.discount?.minor ?? 0) : Infinity
}

// A wrong sum may be below zero or beyond what can be counted, which no `Money` is: it is written without becoming one.
const formatted = (minor: number, currency: Currency): string => {
  if (!Number.isSafeInteger(minor)) return `more ${currency} than can be counted exactly`
  const amount = new Money({ currency, minor: Math.abs(minor) })
  return minor < 0 ? `−${amount}` : String(amount)
}

/**
 * A valid order.
 *
 * **Details** — `total` is what is charged. It equals lines + shipping + tax + tip − discount, in one currency, and the
 * check belongs to the class: neither a decoder nor a constructor gives an order that does not add up.
 */
export class Order extends Schema.Class<Order>("Order")(fields.check(inOneCurrency, addsUp)) {}
