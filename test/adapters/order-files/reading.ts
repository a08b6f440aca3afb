/**
 * Reading orders in tests: from a text, from bytes in chunks, from a fixture; and the answers in one line each.
 */
import { readFileSync } from "node:fs"
import { Effect, Stream } from "effect"
import { type ReadOptions, type ReadOrder, readOrders } from "firebreak/adapters/order-files"

export const bytesOf = (content: string | Uint8Array): Uint8Array =>
  typeof content === "string" ? new TextEncoder().encode(content) : content

export const read = (content: string | Uint8Array, options: ReadOptions = {}) => readChunks([bytesOf(content)], options)

export const readChunks = (chunks: ReadonlyArray<Uint8Array>, options: ReadOptions = {}) =>
  Stream.runCollect(readOrders(Stream.fromIterable(chunks), options))

export const contentOf = (path: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../../${path}`, import.meta.url)))

export const readFixture = (name: string, options: ReadOptions = {}) =>
  read(contentOf(`test/fixtures/orders/${name}`), { file: name, ...options })

/** Why the file is unusable. */
export const whyUnusable = (content: string | Uint8Array) =>
  read(content).pipe(
    Effect.flip,
    Effect.map((error) => error.reason)
  )

/** `3 rejected order-7 total: is 9.00 EUR, but …` */
export const told = (answer: ReadOrder): string => {
  switch (answer._tag) {
    case "Accepted":
      return `${answer.line} accepted ${answer.order.id} ${answer.order.total}`
    case "Rejected":
      return `${answer.line} rejected ${answer.order} ${answer.field}: ${answer.reason}`
    case "Skipped":
      return `${answer.line} skipped ${answer.order} ${answer.reason}`
  }
}

/** One order as a line of JSON, with the fields in `but` instead of its own. */
export const orderLine = (id: string, but: object = {}): string =>
  JSON.stringify({
    id,
    customer: { email: "ann@example.com", name: "Ann" },
    currency: "EUR",
    lines: [{ sku: "MUG-1", quantity: 2, price: "12.50" }],
    total: "25.00",
    payment: { method: "pm_card_visa" },
    ...but
  })
