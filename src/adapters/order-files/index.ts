/**
 * Order files: reads the orders in JSON lines, a JSON array, or CSV (own columns, or a Shopify export), whatever is wrong
 * with some of them.
 *
 * What is decided for a file as a whole, and what for one order:
 *
 * - unusable, nothing is read (`OrderFileUnusable`, always before the first answer): empty, a NUL byte or bytes that are
 *   not UTF-8 in the first 64 KiB, UTF-16, an unknown or incomplete CSV header, one JSON object over several lines;
 * - `Rejected`, the rest goes on: everything else, such as malformed JSON, a field that is missing or wrong, a total that
 *   does not add up, an id read before with other content, an order of more than 1 MiB (it is not kept in memory), bytes
 *   that are not UTF-8 further down, a row with a quote in the wrong place, the end of an array that is cut off;
 * - `Skipped`: voided, refunded or cancelled in the shop, or the same order read before.
 *
 * A file with a header or brackets and no orders in it is read as no orders: that is no mistake.
 *
 * Not here: opening files, and running orders.
 */
export { OrderIndex, type ReadBefore } from "./OrderIndex.ts"
export { OrderRecord } from "./OrderRecord.ts"
export { type Accepted, OrderFileUnusable, type ReadOrder, type Rejected, type Skipped } from "./ReadOrder.ts"
export { type ReadOptions, readOrders } from "./readOrders.ts"
