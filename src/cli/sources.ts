/**
 * The files of orders that a run reads, opened before anything is run.
 *
 * The special rule: all files give their first answer before the first order is tried, so a file that cannot be read
 * leaves nothing half done.
 *
 * Not here: reading orders from bytes (`adapters/order-files`).
 */
import { createReadStream } from "node:fs"
import { Effect, type PlatformError, Pull, Stdio, Stream } from "effect"
import { OrderFileUnusable, OrderIndex, type ReadOrder, readOrders } from "../app.ts"

/** One answer for one row, and where it stands. */
export interface Row {
  readonly file: string
  readonly read: ReadOrder
}

/**
 * Opens `files` (`-` is standard input) and gives what stands in them, one after the other. `paymentMethod` is what the
 * orders of a Shopify export are paid with.
 */
export const openOrders = Effect.fnUntraced(function* (files: ReadonlyArray<string>, paymentMethod: string) {
  const index = new OrderIndex()
  const opened = yield* Effect.forEach(
    files,
    Effect.fnUntraced(function* (path) {
      const file = nameOf(path)
      const orders = yield* openOne(readOrders(yield* bytesOf(path, file), { file, index, paymentMethod }))
      return Stream.map(orders, (read): Row => ({ file, read }))
    })
  )
  return opened.reduce((all, next) => Stream.concat(all, next))
})

/** What the file of a path is called. */
export const nameOf = (path: string): string => (path === "-" ? "standard input" : path)

const openOne = Effect.fnUntraced(function* (orders: Stream.Stream<ReadOrder, OrderFileUnusable>) {
  const pull = yield* Stream.toPull(orders)
  const first: ReadonlyArray<ReadOrder> = yield* Pull.catchDone(pull, () => Effect.succeed([]))
  const rest = Stream.fromPull(Effect.succeed(pull))
  return first.length === 0 ? Stream.empty : Stream.concat(Stream.fromIterable(first), rest)
})

const bytesOf = Effect.fnUntraced(function* (path: string, file: string) {
  const { stdin } = yield* Stdio.Stdio
  if (path === "-") return Stream.mapError(stdin, (error) => new OrderFileUnusable({ file, reason: why(error) }))
  // Not FileSystem.stream: it reads at positions, which a pipe such as <(…) in a shell does not have.
  return Stream.suspend(() =>
    Stream.fromAsyncIterable(
      createReadStream(path) as AsyncIterable<Uint8Array>, // sound: without an encoding it reads buffers
      (error) => new OrderFileUnusable({ file, reason: whyNot(error) })
    )
  )
})

/** Why a file cannot be opened, read or written. */
export const why = ({ reason }: PlatformError.PlatformError): string => whyNot(reason.cause)

const whyNot = (error: unknown): string => {
  const { code = "", message = String(error) } = error instanceof Error ? (error as NodeJS.ErrnoException) : {}
  return inWords[code] ?? message
}

const inWords: { readonly [code: string]: string } = {
  ENOENT: "there is no such file or folder",
  ENOTDIR: "there is no such file or folder",
  EACCES: "it may not be opened",
  EPERM: "it may not be opened",
  EISDIR: "it is a directory"
}
