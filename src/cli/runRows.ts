/**
 * A stream of rows, each to its outcome, so many at a time; and how a run ends before its input does.
 *
 * The special rule: a run that is asked to end takes no more orders and leaves within five seconds. Orders get three of
 * them to end by themselves; then they are cancelled, which takes back what they did; what is still running after that
 * is named.
 *
 * Not here: running one order (`app.ts`).
 */
import { Effect, Fiber, Stream } from "effect"
import { type Order, type OrderFileUnusable, Orders } from "../app.ts"
import type { Leaving } from "./leaving.ts"
import { type Ended, fromInput, fromRun, leftBehind, toJson } from "./Outcome.ts"
import { printable } from "./printable.ts"
import { makeProgress } from "./Progress.ts"
import { named, noOrders, report } from "./Report.ts"
import type { Screen } from "./Screen.ts"
import { nameOf, type Row } from "./sources.ts"
import { Tally } from "./Tally.ts"
import { ExitWith } from "./usage.ts"

interface Options {
  readonly files: ReadonlyArray<string>
  readonly concurrency: number
  readonly json: boolean
}

interface UnderWay {
  readonly file: string
  readonly line: number
  readonly order: Order
}

/** Runs all rows and reports; ends with the code of the run where that is not 0. */
export const runRows = Effect.fnUntraced(function* (
  rows: Stream.Stream<Row, OrderFileUnusable>,
  leaving: Leaving,
  options: Options,
  screen: Screen
) {
  const orders = yield* Orders
  const tally = new Tally()
  const progress = makeProgress(tally, screen)
  const underWay = new Set<UnderWay>()
  const takenUpTo = new Map<string, number>()
  let unread: OrderFileUnusable | undefined
  leaving.setLastWords(() => [...leftRunning(underWay), ...howFar(options.files, takenUpTo)].join("\n  "))

  const end = (ended: Ended) =>
    Effect.suspend(() => {
      tally.add(ended)
      return Effect.andThen(options.json ? screen.emit(toJson(ended, options.files)) : Effect.void, progress)
    })

  const take = ({ file, read }: Row) =>
    Effect.suspend(() => {
      if (leaving.isWanted()) return Effect.void
      takenUpTo.set(file, read.line)
      if (read._tag !== "Accepted") return end(fromInput(file, read))
      const one = { file, line: read.line, order: read.order }
      underWay.add(one)
      return Effect.flatMap(orders.run(read.order), (ended) => {
        underWay.delete(one)
        return end(fromRun(file, read.line, read.order, ended))
      })
    })

  const running = yield* rows.pipe(
    // What was read so far still counts: a disk that fails in the middle of a file is no reason to drop running orders.
    Stream.catch((error) => {
      unread = error
      return Stream.empty
    }),
    Stream.interruptWhen(leaving.wanted),
    Stream.mapEffect(take, { concurrency: options.concurrency, unordered: true }),
    Stream.runDrain,
    // Not a child: a call that does not end in time must not keep the process.
    Effect.forkDetach
  )
  yield* Effect.raceFirst(Fiber.await(running), leaving.wanted)

  if (leaving.isWanted()) {
    if (underWay.size > 0) yield* screen.say(letting(underWay.size, leaving.isUnheard()))
    const ended = yield* Effect.timeoutOption(Fiber.await(running), "3 seconds")
    if (ended._tag === "None") {
      yield* Effect.forkDetach(orders.cancelAll)
      yield* Effect.timeoutOption(Fiber.await(running), "1800 millis")
    }
    for (const { file, line, order } of underWay) yield* end(leftBehind(file, line, order))
  }

  const isEmpty = tally.ended === 0 && unread === undefined && !leaving.isWanted()
  yield* screen.say(isEmpty ? noOrders(options.files) : report(tally, screen))
  if (unread !== undefined) yield* screen.say(`reading stopped: ${unread.message}`)
  if (leaving.isWanted()) {
    const why = leaving.isUnheard() ? "standard output was closed" : "interrupted"
    yield* screen.say([`${why}:`, ...howFar(options.files, takenUpTo)].join("\n  "))
    return yield* new ExitWith({ code: 130 })
  }
  if (!tally.wentWell || unread !== undefined) return yield* new ExitWith({ code: 1 })
})

const letting = (running: number, isUnheard: boolean): string => {
  const orders = running === 1 ? "1 running order" : `${running} running orders`
  return isUnheard
    ? `standard output was closed: letting ${orders} end; Ctrl-C leaves at once`
    : `letting ${orders} end; once more leaves at once`
}

/** What is known when there is no time to wait: at most as many orders as may run at a time. */
const leftRunning = (underWay: ReadonlySet<UnderWay>): ReadonlyArray<string> =>
  underWay.size === 0
    ? ["no order was running:"]
    : [
        "these orders were running and may have been charged:",
        ...[...underWay].map(({ file, line, order }) => `${printable(file)}:${line}  ${printable(order.id)}`)
      ]

const howFar = (files: ReadonlyArray<string>, takenUpTo: ReadonlyMap<string, number>): ReadonlyArray<string> =>
  files.map((path) => {
    const line = takenUpTo.get(nameOf(path))
    return line === undefined
      ? `${named(path)} was not begun`
      : `${named(path)} was taken up to the order on line ${line}; nothing was tried with what follows`
  })
