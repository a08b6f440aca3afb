/**
 * Any number of valid orders, made as they are read: for benches, and for tests of what is only seen in bulk.
 *
 *   node bench/manyOrders.ts 100000 [ndjson | array | csv] > orders.ndjson
 *
 * The same orders every time: order n depends on n only.
 */
import { pathToFileURL } from "node:url"

export type Kind = "ndjson" | "array" | "csv"

const kinds: ReadonlyArray<Kind> = ["ndjson", "array", "csv"]

const goods = [
  ["MUG-STONE", 1250],
  ["TEA-SENCHA-100", 1480],
  ["TIN-ROUND", 780],
  ["TRAY-ASH", 3400],
  ["STRAINER-FINE", 1120]
] as const

const currencies = [
  ["EUR", 2],
  ["JPY", 0],
  ["KWD", 3],
  ["USD", 2]
] as const

const header = "id,email,name,currency,sku,quantity,price,shipping,tax,discount,total,payment_method\n"

/** The bytes of a file of `count` orders, a hundred orders at a time. */
export function* manyOrders(count: number, kind: Kind = "ndjson"): Generator<Uint8Array> {
  const encoder = new TextEncoder()
  let text = kind === "csv" ? header : kind === "array" ? "[\n" : ""
  for (let n = 0; n < count; n++) {
    text += kind === "csv" ? csvOrder(n) : JSON.stringify(order(n)) + (kind === "array" && n < count - 1 ? ",\n" : "\n")
    if (n % 100 === 99) {
      yield encoder.encode(text)
      text = ""
    }
  }
  yield encoder.encode(kind === "array" ? `${text}]\n` : text)
}

const order = (n: number) => {
  const [currency, digits] = currencies[n % currencies.length] ?? currencies[0]
  const amount = (minor: number) => (digits === 0 ? String(minor) : (minor / 10 ** digits).toFixed(digits))
  const lines = Array.from({ length: 1 + (n % 3) }, (_, at) => {
    const [sku, price] = goods[(n + at) % goods.length] ?? goods[0]
    return { sku, quantity: 1 + ((n + at) % 4), price }
  })
  const shipping = n % 2 === 0 ? 490 : 0
  const total = lines.reduce((sum, line) => sum + line.quantity * line.price, shipping)
  return {
    id: `many-${n}`,
    customer: { email: `customer${n}@example.com`, name: `Customer Nº ${n}` },
    currency,
    lines: lines.map((line) => ({ ...line, price: amount(line.price) })),
    ...(shipping > 0 ? { shipping: amount(shipping) } : {}),
    total: amount(total),
    payment: { method: "pm_card_visa" }
  }
}

const csvOrder = (n: number): string => {
  const { currency, customer, id, lines, payment, shipping = "", total } = order(n)
  const row = (line: (typeof lines)[number], at: number) =>
    at === 0
      ? [
          id,
          customer.email,
          customer.name,
          currency,
          line.sku,
          line.quantity,
          line.price,
          shipping,
          "",
          "",
          total,
          payment.method
        ]
      : [id, "", "", "", line.sku, line.quantity, line.price, "", "", "", "", ""]
  return lines.map((line, at) => `${row(line, at).join(",")}\n`).join("")
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const kind = kinds.find((kind) => kind === process.argv[3]) ?? "ndjson"
  for (const chunk of manyOrders(Number(process.argv[2] ?? 100_000), kind)) {
    if (!process.stdout.write(chunk)) await new Promise((resolve) => process.stdout.once("drain", resolve))
  }
}
