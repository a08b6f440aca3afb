/**
 * Firebreak's own CSV columns: one row for each line of an order, the rows of one order below each other.
 *
 *   id,email,name,currency,sku,quantity,price,shipping,tax,discount,total,payment_method   (and item, tip)
 *
 * The special rule: what is true of the whole order (currency, total, e-mail …) stands on its first row; on the further
 * rows it is left empty or repeated. A row that says something else about the order begins another order, and so does
 * one that repeats the first row to the letter: the order is there twice then (two of a thing are a quantity of 2).
 */
import { filled, type NamedRow, numberOr } from "./columns.ts"
import { type Layout, type OrderRows, type Reading, withoutFirstRow } from "./Layout.ts"

const ofTheOrder = ["email", "name", "currency", "shipping", "tax", "tip", "discount", "total", "paymentmethod"]

const begins = (row: NamedRow, first: NamedRow): boolean =>
  ofTheOrder.some((key) => row.cell(key) !== "" && row.cell(key) !== first.cell(key)) ||
  row.cells.every((cell, at) => cell === first.cells[at])

const read = (rows: OrderRows): Reading => {
  const [first] = rows
  const beside = (key: string) => filled(key, first.cell(key))
  if (first.cell("id") !== "" && first.cell("currency") === "" && first.cell("total") === "") return withoutFirstRow
  return {
    _tag: "Record",
    lineRows: rows,
    record: {
      ...beside("id"),
      customer: { ...beside("email"), ...beside("name") },
      ...beside("currency"),
      lines: rows.map((row) => ({
        ...filled("sku", row.cell("sku")),
        ...filled("name", row.cell("item")),
        ...(row.cell("quantity") === "" ? {} : { quantity: numberOr(row.cell("quantity")) }),
        ...filled("price", row.cell("price"))
      })),
      ...beside("shipping"),
      ...beside("tax"),
      ...beside("tip"),
      ...beside("discount"),
      ...beside("total"),
      payment: filled("method", first.cell("paymentmethod"))
    }
  }
}

export const ownLayout: Layout = {
  required: ["id", "currency", "sku", "quantity", "price", "total", "payment_method"],
  id: "id",
  begins,
  read
}
