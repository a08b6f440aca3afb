/**
 * The files of orders that a run reads, opened before anything is run.
 *
 * The special rule: all files give their first answer before the first order is tried, so a file that cannot be read
 * leaves nothing half done.
 *
 * Not here: reading orders from bytes (`adapters/order-files`).
 */
import { Effect, FileSystem, type PlatformError, Pull, Stdio, Stream } from "effect"
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
      const file = path === "-" ? "standard input" : path
      const orders = yield* openOne(readOrders(yield* bytesOf(path, file), { file, index, paymentMethod }))
      return Stream.map(orders, (read): Row => ({ file, read }))
    })
  )
  return opened.reduce((all, next) => Stream.concat(all, next))
})

const openOne = Effect.fnUntraced(function* (orders: Stream.Stream<ReadOrder, OrderFileUnusable>) {
  const pull = yield* Stream.toPull(orders)
  const first: ReadonlyArray<ReadOrder> = yield* Pull.catchDone(pull, () => Effect.succeed([]))
  const rest = Stream.fromPull(Effect.succeed(pull))
  return first.length === 0 ? Stream.empty : Stream.concat(Stream.fromIterable(first), rest)
})

const bytesOf = Effect.fnUntraced(function* (path: string, file: string) {
  const { stdin } = yield* Stdio.Stdio
  const files = yield* FileSystem.FileSystem
  const unusable = (error: PlatformError.PlatformError) => new OrderFileUnusable({ file, reason: why(error) })
  if (path === "-") return Stream.mapError(stdin, unusable)
  const { type } = yield* Effect.mapError(files.stat(path), unusable)
  if (type === "Directory") return yield* new OrderFileUnusable({ file, reason: "it is a directory" })
  return Stream.mapError(files.stream(path), unusable)
})

/** Why a file cannot be opened or read. */
export const why = ({ reason }: PlatformError.PlatformError): string => unreadable[reason._tag] ?? reason.message

const unreadable: { readonly [tag: string]: string } = {
  NotFound: "there is no such file",
  PermissionDenied: "it may not be opened"
}
