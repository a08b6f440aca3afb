/**
 * How an order is written in a file: one JSON object with amounts as decimal strings in one currency. The CSV readers
 * build the same object from their cells, so there is one decoder for all formats.
 *
 * The special rule: unknown fields are let pass, `null` stands for an optional field that is absent, and amounts are
 * read exactly or refused: text in the currency's own digits, numbers where a number can be exact.
 *
 * Not here: where in the file the object was (`readOrders.ts`), and what a valid order is (`workflows/Order.ts`).
 */
import { Effect, Result, Schema, SchemaIssue, SchemaTransformation } from "effect"
import { Currency, Money } from "../../workflows/Money.ts"
import {
  Customer,
  EmailAddress,
  Name,
  Order,
  OrderId,
  OrderLine,
  PaymentMethod,
  Quantity,
  Sku
} from "../../workflows/Order.ts"

const Amount = Schema.Union([Schema.String, Schema.Number])

const optional = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))

const Written = Schema.Struct({
  id: OrderId,
  customer: Schema.Struct({ email: optional(EmailAddress), name: optional(Name) }),
  currency: Currency,
  lines: Schema.NonEmptyArray(Schema.Struct({ sku: Sku, name: optional(Name), quantity: Quantity, price: Amount })),
  shipping: optional(Amount),
  tax: optional(Amount),
  tip: optional(Amount),
  discount: optional(Amount),
  total: Amount,
  payment: Schema.Struct({ method: PaymentMethod })
})
type Written = typeof Written.Type

// Every decimal of 15 digits survives the way through a double unharmed; with 16 two of them can become the same number.
const largestExactNumber = 999_999_999_999_999

/** Reads an amount as it stands in a file. The failure is what is wrong with it. */
const readAmount = (amount: string | number, currency: Currency): Result.Result<Money, string> => {
  const money = Money.parse(String(amount), currency)
  if (Result.isFailure(money)) return Result.fail(money.failure.message)
  if (typeof amount === "number" && money.success.minor > largestExactNumber) {
    return Result.fail("is too large for an exact number: write it as a text")
  }
  return Result.succeed(money.success)
}

const besideLines = ["shipping", "tax", "tip", "discount"] as const

// Plain loops on purpose: this is the hot path of reading.
const toOrder = (written: Written): Effect.Effect<Order, SchemaIssue.Issue> => {
  const { currency, customer, id, payment } = written
  const unread = (path: ReadonlyArray<PropertyKey>, message: string) =>
    Effect.fail(new SchemaIssue.Pointer(path, new SchemaIssue.InvalidValue({ message })))
  const lines: Array<OrderLine> = []
  for (const { name, price, quantity, sku } of written.lines) {
    const money = readAmount(price, currency)
    if (Result.isFailure(money)) return unread(["lines", lines.length, "price"], money.failure)
    lines.push(new OrderLine({ sku, ...present("name", name), quantity, price: money.success }))
  }
  const beside: { [_ in (typeof besideLines)[number]]?: Money } = {}
  for (const field of besideLines) {
    const value = written[field]
    if (value === undefined || value === null) continue
    const money = readAmount(value, currency)
    if (Result.isFailure(money)) return unread([field], money.failure)
    beside[field] = money.success
  }
  const total = readAmount(written.total, currency)
  if (Result.isFailure(total)) return unread(["total"], total.failure)
  return Order.makeEffect({
    id,
    customer: new Customer({ ...present("email", customer.email), ...present("name", customer.name) }),
    lines: lines as [OrderLine, ...Array<OrderLine>], // as many as were written, and the schema saw at least one
    ...beside,
    total: total.success,
    payment
  })
}

const toWritten = (order: Order): Written => {
  const written = (line: OrderLine) => ({ ...line, price: Money.format(line.price) })
  const [first, ...others] = order.lines
  const beside: { [_ in (typeof besideLines)[number]]?: string } = {}
  for (const field of besideLines) {
    const money = order[field]
    if (money !== undefined) beside[field] = Money.format(money)
  }
  return {
    id: order.id,
    customer: { ...order.customer },
    currency: order.total.currency,
    lines: [written(first), ...others.map(written)],
    ...beside,
    total: Money.format(order.total),
    payment: order.payment
  }
}

const present = <K extends string, A>(key: K, value: A | null | undefined): { readonly [_ in K]?: A } =>
  // The computed key is `K`: TypeScript widens it to string.
  value === null || value === undefined ? {} : ({ [key]: value } as { readonly [_ in K]: A })

/** The codec between an order as a JSON object in a file and an `Order`, both ways. */
export const OrderRecord = Written.pipe(
  Schema.decodeTo(
    Schema.toType(Order),
    SchemaTransformation.transformEffect({ decode: toOrder, encode: (order) => Effect.succeed(toWritten(order)) })
  )
)
