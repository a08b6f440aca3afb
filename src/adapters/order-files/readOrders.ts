/**
 * The story of reading an order file: look at its beginning, choose the reader, then cut, understand and judge, chunk by
 * chunk.
 *
 * The special rule: memory stays bounded whatever comes. At most one piece of 1 MiB, one chunk and the answers of 64 KiB
 * are held at a time; only the index of orders read grows, by 43 to 86 bytes an order.
 */
import { Effect, Pull, Result, Stream } from "effect"
import { csvOrders } from "./csvOrders.ts"
import { elements } from "./elements.ts"
import { jsonOrder } from "./jsonOrders.ts"
import { type Judge, makeJudge } from "./judge.ts"
import { lines } from "./lines.ts"
import { OrderIndex } from "./OrderIndex.ts"
import type { Cutter } from "./pieces.ts"
import { OrderFileUnusable, type ReadOrder } from "./ReadOrder.ts"
import { type Format, recognise, windowSize } from "./recognise.ts"
import { rows } from "./rows.ts"
import { bomLength } from "./utf8.ts"

export interface ReadOptions {
  /** How the file is called in messages; `the file` without. */
  readonly file?: string
  /** The payment method of orders from a Shopify export, which names none. Other formats name their own. */
  readonly paymentMethod?: string
  /** The orders that this run has read so far. Give one index to all files of a run to find duplicates across them. */
  readonly index?: OrderIndex
}

/**
 * Reads orders from the bytes of a file: JSON lines, a JSON array, or CSV, recognised by content.
 *
 * **Details** — one answer for every order in the file, in the file's order: `Accepted`, `Rejected` (with the line, the
 * field and the reason) or `Skipped`. The stream fails with `OrderFileUnusable` when the file cannot be read as orders at
 * all; that is known within its first 64 KiB, before the first answer.
 *
 * **Gotchas** — a stream of bytes that comes slowly is waited for until 64 KiB or its end are there.
 */
export const readOrders = <E, R>(
  bytes: Stream.Stream<Uint8Array, E, R>,
  options: ReadOptions = {}
): Stream.Stream<ReadOrder, E | OrderFileUnusable, R> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const file = options.file ?? "the file"
      const pull = yield* Stream.toPull(inSmallChunks(bytes))
      const { isWhole, start } = yield* beginning(pull)
      const format = recognise(start.subarray(0, windowSize), isWhole, options.paymentMethod)
      if (Result.isFailure(format)) return yield* new OrderFileUnusable({ file, reason: format.failure })
      const judge = makeJudge(file, options.index ?? new OrderIndex())
      const rest = isWhole ? Stream.empty : Stream.fromPull(Effect.succeed(pull))
      return Stream.make(start.subarray(bomLength(start))).pipe(
        Stream.concat(rest),
        Stream.concat(Stream.succeed(endOfFile)),
        Stream.mapAccumArray(
          () => readerOf(format.success, judge),
          (reader, chunks) => [
            reader,
            chunks.flatMap((chunk) => (chunk === endOfFile ? reader.end() : reader.push(chunk)))
          ]
        )
      )
    })
  )

// An element of its own: `onHalt` also runs when reading fails, and would take half an order for the last one.
const endOfFile: unique symbol = Symbol("the end of the file")

interface Reader {
  readonly push: (chunk: Uint8Array) => ReadonlyArray<ReadOrder>
  readonly end: () => ReadonlyArray<ReadOrder>
}

const readerOf = (format: Format, judge: Judge): Reader => {
  switch (format._tag) {
    case "Ndjson":
      return jsonReader(lines(), judge)
    case "JsonArray":
      return jsonReader(elements(), judge)
    case "Csv": {
      const cutter = rows()
      const orders = csvOrders(judge, format.layout, format.columns, format.width)
      return {
        push: (chunk) => orders.push(cutter.push(chunk)),
        end: () => [...orders.push(cutter.end()), ...orders.end()]
      }
    }
  }
}

const jsonReader = (cutter: Cutter, judge: Judge): Reader => ({
  push: (chunk) => cutter.push(chunk).map(jsonOrder(judge)),
  end: () => cutter.end().map(jsonOrder(judge))
})

/** The bytes up to the window's size, or all there are. What came with them is kept: `start` may be longer. */
const beginning = Effect.fnUntraced(function* <E, R>(
  pull: Pull.Pull<ReadonlyArray<Uint8Array>, E, void, R>
): Effect.fn.Return<{ readonly start: Uint8Array; readonly isWhole: boolean }, E, R> {
  const chunks: Array<Uint8Array> = []
  for (let size = 0; size <= windowSize;) {
    const more: ReadonlyArray<Uint8Array> = yield* Pull.catchDone(pull, () => Effect.succeed([]))
    if (more.length === 0) return { start: Buffer.concat(chunks), isWhole: true }
    chunks.push(...more)
    for (const chunk of more) size += chunk.length
  }
  return { start: Buffer.concat(chunks), isWhole: false }
})

/** One chunk at a time and none above the window's size, so that the answers of one chunk stay few. */
const inSmallChunks = <E, R>(bytes: Stream.Stream<Uint8Array, E, R>): Stream.Stream<Uint8Array, E, R> =>
  bytes.pipe(
    Stream.map((chunk) => {
      const chunks: Array<Uint8Array> = []
      for (let from = 0; from < chunk.length; from += windowSize) chunks.push(chunk.subarray(from, from + windowSize))
      return chunks
    }),
    Stream.flattenIterable,
    Stream.rechunk(1)
  )
