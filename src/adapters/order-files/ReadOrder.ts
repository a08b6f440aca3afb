/**
 * What reading an order file gives: for every order in it one answer, with the physical line on which the order starts.
 *
 * The special rule: nothing is lost. Whatever stands in the file and is not white space ends in exactly one answer, and
 * one bad order never takes another with it. Only a file that cannot be read as orders at all fails as a whole, and it
 * does so before its first answer: then nothing was run.
 *
 * Not here: what happens to an accepted order.
 */
import { Schema } from "effect"
import type { Order } from "../../workflows/Order.ts"

/** A valid order. */
export interface Accepted {
  readonly _tag: "Accepted"
  readonly line: number
  readonly order: Order
}

/**
 * Bad input: nothing may be tried with it.
 *
 * **Details** — `order` is the order's id where one could be read. `field` is where the first problem is, such as
 * `total`, `customer.email` or `lines[0].quantity`, whatever the format of the file; it is `order` when the problem is
 * the order as a whole. `reason` says what is wrong and can be read after the field's name.
 */
export interface Rejected {
  readonly _tag: "Rejected"
  readonly line: number
  readonly order: string | null
  readonly field: string
  readonly reason: string
}

/** Nothing is to be done: the file itself says so (refunded, voided, cancelled), or the order was read before. */
export interface Skipped {
  readonly _tag: "Skipped"
  readonly line: number
  readonly order: string | null
  readonly reason: string
}

export type ReadOrder = Accepted | Rejected | Skipped

/** The file as a whole cannot be read as orders: it is empty, binary, not UTF-8, or of no known kind. */
export class OrderFileUnusable extends Schema.TaggedError<OrderFileUnusable>()("OrderFileUnusable", {
  file: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `${this.file} cannot be read as orders: ${this.reason}`
  }
}
