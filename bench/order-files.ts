/**
 * How fast orders are read, and what it takes: each kind of file in a process of its own, and the index alone.
 *
 *   node --conditions=firebreak-source bench/order-files.ts [COUNT]
 *
 * The file's bytes are made beforehand for the orders a second, and as they are read for the memory.
 */
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { Effect, Schema, Stream } from "effect"
import { OrderIndex, OrderRecord, readOrders } from "firebreak/adapters/order-files"
import { Order, OrderId } from "firebreak/workflows"
import { type Kind, manyOrders } from "./manyOrders.ts"

const accepted = (bytes: Stream.Stream<Uint8Array>): Promise<number> =>
  Effect.runPromise(
    Stream.runFold(
      readOrders(bytes),
      () => 0,
      (count, answer) => (answer._tag === "Accepted" ? count + 1 : count)
    )
  )

const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`

const speed = async (kind: Kind, count: number) => {
  const chunks = [...manyOrders(count, kind)]
  await accepted(Stream.fromIterable(manyOrders(5_000, kind)))
  const began = performance.now()
  const read = await accepted(Stream.fromIterable(chunks))
  const seconds = (performance.now() - began) / 1000
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  if (read !== count) throw new Error(`${read} of ${count} orders were accepted`)
  return `${(count / seconds).toFixed(0).padStart(7)} orders/s   ${(size / 2 ** 20 / seconds).toFixed(1).padStart(5)} MiB/s`
}

const memory = async (kind: Kind, count: number) => {
  const before = process.resourceUsage().maxRSS * 1024
  await accepted(Stream.fromIterable(manyOrders(count, kind)))
  const peak = process.resourceUsage().maxRSS * 1024
  return `peak ${mebibytes(peak)}, ${mebibytes(peak - before)} above the start`
}

const index = (count: number) => {
  globalThis.gc?.()
  const before = process.memoryUsage()
  const orders = new OrderIndex()
  const one = Schema.decodeUnknownSync(OrderRecord)(JSON.parse(new TextDecoder().decode([...manyOrders(1)][0])))
  const began = performance.now()
  for (let n = 0; n < count; n++) orders.add(new Order({ ...one, id: OrderId.make(`many-${n}`) }), "a", n + 1)
  const seconds = (performance.now() - began) / 1000
  // The smaller tables that it has outgrown are no part of it.
  globalThis.gc?.()
  if (orders.size !== count) throw new Error(`${orders.size} of ${count} orders are known`)
  const table = process.memoryUsage().arrayBuffers - before.arrayBuffers
  return `${mebibytes(table)}, ${(table / count).toFixed(0)} bytes an order, ${((seconds * 1e6) / count).toFixed(1)} µs each`
}

const [what, kind, count] = process.argv.slice(2)
if (what === "speed") console.log(await speed(kind as Kind, Number(count)))
else if (what === "memory") console.log(await memory(kind as Kind, Number(count)))
else if (what === "index") console.log(index(Number(count)))
else {
  const inOwnProcess = (...args: ReadonlyArray<string>) =>
    execFileSync(process.execPath, [
      "--expose-gc",
      "--conditions=firebreak-source",
      fileURLToPath(import.meta.url),
      ...args
    ])
      .toString()
      .trim()
  const orders = what ?? "100000"
  for (const kind of ["ndjson", "array", "csv"]) {
    console.log(
      `${kind.padEnd(7)} ${orders} orders   ${inOwnProcess("speed", kind, orders)}   ${inOwnProcess("memory", kind, orders)}`
    )
  }
  for (const ids of ["100000", "1000000"])
    console.log(`index   ${ids.padStart(7)} ids   ${inOwnProcess("index", "", ids)}`)
}
