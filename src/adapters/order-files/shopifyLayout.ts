/**
 * A Shopify orders export, as downloaded: one row for each line of an order, and what is true of the whole order on its
 * first row only.
 *
 * The special rule: the export does not say how its amounts fit together, so they are fitted. `Total` is `Subtotal +
 * Shipping + Taxes`, or in tax-inclusive shops without the taxes, which are inside the prices then; a line called "Tip"
 * is often in the total but not in the subtotal. What the lines come to beyond the subtotal is the discount (`Discount
 * Amount` is not used: it may hold what was taken off the shipping). A total that fits none of this is rejected.
 *
 * Voided, refunded and cancelled orders keep their amounts in the export and are skipped. A partially refunded order was
 * sold, and is read. A line without a SKU goes by its name; an order without an e-mail address is an order. The export
 * knows which company took the payment, but nothing that could be charged: the payment method has to be given.
 */
import { Result, Schema } from "effect"
import { Currency, digitsOf, Money } from "../../workflows/Money.ts"
import { filled, type NamedRow, numberOr } from "./columns.ts"
import { type Layout, type OrderRows, problem, type Reading, withoutFirstRow } from "./Layout.ts"

export const shopifyLayout = (paymentMethod: string | undefined): Layout => ({
  required: ["Name", "Currency", "Subtotal", "Total", "Lineitem quantity", "Lineitem name", "Lineitem price"],
  id: "name",
  // A further row fills Name, Email, Created at, Lineitem *, Vendor and Phone, and leaves everything else empty.
  begins: (row) => row.cell("total") !== "" || row.cell("currency") !== "",
  read: (rows) => {
    const [first] = rows
    if (first.cell("currency") === "" && first.cell("total") === "") return withoutFirstRow
    const reason = nothingToDo(first)
    if (reason !== undefined) return { _tag: "Skip", reason }
    if (paymentMethod === undefined) {
      return problem(["payment", "method"], "is not in a Shopify export: it has to be given for all of its orders")
    }
    return fitted(rows, paymentMethod)
  }
})

const nothingToDo = (first: NamedRow): string | undefined => {
  const status = first.cell("financialstatus").toLowerCase()
  if (status === "voided" || status === "refunded") return `${status} in the shop`
  return first.cell("cancelledat") === "" ? undefined : "cancelled in the shop"
}

const isTip = (row: NamedRow): boolean =>
  row.cell("lineitemname").toLowerCase() === "tip" && row.cell("lineitemsku") === ""

/** Reads the order in each of the ways in which its amounts can fit together, and takes the first that does. */
const fitted = (rows: OrderRows, paymentMethod: string): Reading => {
  const [first] = rows
  const currency = decodeCurrency(first.cell("currency"))
  const as = (lineRows: ReadonlyArray<NamedRow>, besides: object): Reading => ({
    _tag: "Record",
    lineRows,
    record: { ...common(first, currency, paymentMethod), lines: lineRows.map((row) => line(row, currency)), ...besides }
  })
  // Without amounts there is nothing to fit. The decoder names the first field that cannot be read; the subtotal is the
  // one that it does not know.
  if (currency === undefined) return as(rows, {})
  const subtotal = minorOf(first.cell("subtotal"), currency)
  if (subtotal === undefined) return problem(["subtotal"], "is missing or not an amount")
  const shipping = minorOf(first.cell("shipping") || "0", currency)
  const taxes = minorOf(first.cell("taxes") || "0", currency)
  const total = minorOf(first.cell("total"), currency)
  const prices = sumOf(rows, currency)
  if (shipping === undefined || taxes === undefined || total === undefined || prices === undefined) {
    return as(rows, { shipping: first.cell("shipping") || "0", tax: first.cell("taxes") || "0" })
  }

  const tips = sumOf(rows.filter(isTip), currency) ?? 0
  const text = (minor: number) => Money.format(new Money({ currency, minor }))
  for (const tip of tips > 0 ? [tips, 0] : [0]) {
    for (const tax of taxes > 0 ? [taxes, 0] : [0]) {
      const discount = prices - tip - subtotal
      if (discount < 0 || subtotal + shipping + tax + tip !== total) continue
      return as(tip > 0 ? rows.filter((row) => !isTip(row)) : rows, {
        ...(shipping > 0 ? { shipping: text(shipping) } : {}),
        ...(tax > 0 ? { tax: text(tax) } : {}),
        ...(tip > 0 ? { tip: text(tip) } : {}),
        ...(discount > 0 ? { discount: text(discount) } : {})
      })
    }
  }
  return prices < subtotal
    ? problem(["subtotal"], `is ${text(subtotal)} ${currency}, but the lines come to ${text(prices)} ${currency} only`)
    : problem(
        ["total"],
        `is ${text(total)} ${currency}, but subtotal + shipping + taxes come to ${text(subtotal + shipping + taxes)} ` +
          `${currency}, and to ${text(subtotal + shipping)} ${currency} with the taxes inside the prices` +
          (tips > 0 ? `, each with or without ${text(tips)} ${currency} of tips` : "")
      )
}

const common = (first: NamedRow, currency: Currency | undefined, method: string) => ({
  id: first.cell("name"),
  customer: {
    ...filled("email", first.cell("email")),
    ...filled("name", onOneLine(first.cell("billingname") || first.cell("shippingname")))
  },
  ...filled("currency", first.cell("currency")),
  ...filled("total", inOwnDigits(first.cell("total"), currency)),
  payment: { method }
})

const line = (row: NamedRow, currency: Currency | undefined) => {
  const name = onOneLine(row.cell("lineitemname"))
  return {
    ...filled("sku", row.cell("lineitemsku") || name),
    ...filled("name", name),
    ...(row.cell("lineitemquantity") === "" ? {} : { quantity: numberOr(row.cell("lineitemquantity")) }),
    ...filled("price", inOwnDigits(row.cell("lineitemprice"), currency))
  }
}

/** What the lines come to before anything is taken off, or nothing when one of them cannot be read. */
const sumOf = (rows: ReadonlyArray<NamedRow>, currency: Currency): number | undefined => {
  let sum = 0
  for (const row of rows) {
    const price = minorOf(row.cell("lineitemprice"), currency)
    const quantity = numberOr(row.cell("lineitemquantity"))
    if (price === undefined || typeof quantity === "string" || !(quantity > 0)) return undefined
    sum += price * quantity
  }
  return Number.isSafeInteger(sum) ? sum : undefined
}

const decodeCurrency = (code: string): Currency | undefined => (Schema.is(Currency)(code) ? code : undefined)

const minorOf = (amount: string, currency: Currency): number | undefined => {
  const money = Money.parse(inOwnDigits(amount, currency), currency)
  return Result.isSuccess(money) ? money.success.minor : undefined
}

// The export writes two digits in currencies that have none: what is cut off are zeros, or the amount stays as it is.
const inOwnDigits = (amount: string, currency: Currency | undefined): string => {
  const point = amount.indexOf(".")
  if (currency === undefined || point < 0) return amount
  const digits = digitsOf(currency)
  const beyond = amount.slice(point + 1 + digits)
  return /^0+$/.test(beyond) ? amount.slice(0, digits === 0 ? point : point + 1 + digits) : amount
}

const onOneLine = (text: string): string => text.replace(/\s+/g, " ").trim()
