/**
 * A stream of rows, each to its outcome, so many at a time; and how a run ends before its input does.
 *
 * The special rule: leaving takes nothing back. A run that is asked to end takes no more orders, lets the running ones
 * come to their next record, and leaves within five seconds; the journal has the rest, and the same command goes on.
 *
 * Not here: running one order (`adapters/orders`), and closing the journal (`run.ts`).
 */
import { Effect, Fiber, Stream } from "effect"
import { type JournalLost, journalName, type Order, type OrderFileUnusable, Orders, type StoreError } from "../app.ts"
import type { Leaving } from "./leaving.ts"
import { type Ended, fromDefect, fromInput, fromRun, fromUntaken, leftBehind, toJson } from "./Outcome.ts"
import { printable } from "./printable.ts"
import { makeProgress } from "./Progress.ts"
import { named, noOrders, report } from "./Report.ts"
import type { Screen } from "./Screen.ts"
import { nameOf, type Row } from "./sources.ts"
import { Tally } from "./Tally.ts"
import { ExitWith } from "./usage.ts"

interface Options {
  readonly files: ReadonlyArray<string>
  readonly journal: string
  readonly concurrency: number
  readonly again: boolean
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
  let broken: OrderFileUnusable | JournalLost | StoreError | undefined
  leaving.setLastWords(() => howToGoOn(options, underWay.size, takenUpTo))

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
      const { line, order } = read
      const one = { file, line, order }
      underWay.add(one)
      return orders.run(order, options).pipe(
        Effect.map((ended) => fromRun(file, line, order, ended)),
        Effect.catchTag(["OrderChanged", "OrderUnrecordable"], (why) =>
          Effect.succeed(fromUntaken(file, line, order, why))
        ),
        Effect.catchDefect((defect) =>
          Effect.as(Effect.logError(`order ${order.id} died`, defect), fromDefect(file, line, order, defect))
        ),
        Effect.flatMap((ended) => {
          underWay.delete(one)
          return end(ended)
        })
      )
    })

  const running = yield* rows.pipe(
    // What was read so far still counts: a disk that fails in the middle of a file is no reason to drop running orders.
    Stream.catch((error) => {
      broken = error
      return Stream.empty
    }),
    Stream.interruptWhen(leaving.wanted),
    Stream.mapEffect(take, { concurrency: options.concurrency, unordered: true }),
    Stream.runDrain,
    Effect.catch((error: JournalLost | StoreError) => {
      broken = error
      return Effect.void
    }),
    // Not a child: an order that does not end in time must not keep the process.
    Effect.forkDetach
  )
  yield* Effect.raceFirst(Fiber.await(running), leaving.wanted)

  if (leaving.isWanted()) {
    if (underWay.size > 0) yield* screen.say(letting(underWay.size, leaving.unheard()))
    yield* Effect.timeoutOption(Fiber.await(running), "1500 millis")
  }
  for (const { file, line, order } of underWay) yield* end(leftBehind(file, line, order))

  const isEmpty = tally.ended === 0 && broken === undefined && !leaving.isWanted()
  yield* screen.say(isEmpty ? noOrders(options.files) : report(tally, screen))
  if (broken?._tag === "OrderFileUnusable") yield* screen.say(`reading stopped: ${broken.message}`)
  else if (broken !== undefined) yield* screen.say(`the run stopped: ${broken.message}`)
  if (leaving.isWanted()) {
    const why = leaving.unheard() ?? "interrupted"
    yield* screen.say(`${why}; ${howToGoOn(options, underWay.size, takenUpTo)}`)
    return yield* new ExitWith({ code: 130 })
  }
  if (broken === undefined) yield* sayWhatElseIsThere(tally, screen)
  if (!tally.wentWell) yield* screen.say(`the exit code is 1 because of these: ${tally.troubled}`)
  if (!tally.wentWell || broken !== undefined) return yield* new ExitWith({ code: 1 })
})

/** The journal may have orders of other files that were interrupted: it has gone on with them, as far as it came. */
const sayWhatElseIsThere = Effect.fnUntraced(function* (tally: Tally, screen: Screen) {
  const unfinished = yield* Orders.use((orders) => orders.unfinished)
  const others = unfinished - tally.count("waiting")
  if (others <= 0) return
  const are = others === 1 ? "1 other order in the journal is" : `${others} other orders in the journal are`
  yield* screen.say(
    `${are} not over yet: the next run goes on with what is left (firebreak list --status running,suspended,undoing)`
  )
})

const inWords = (running: number) => (running === 1 ? "1 running order" : `${running} running orders`)

const letting = (running: number, unheard: string | undefined): string =>
  unheard !== undefined
    ? `${unheard}: letting ${inWords(running)} come to a record; Ctrl-C leaves at once`
    : `letting ${inWords(running)} come to a record; once more leaves at once`

const howToGoOn = ({ files, journal }: Options, running: number, takenUpTo: ReadonlyMap<string, number>): string => {
  const left =
    running === 0 ? "no order was running" : `${inWords(running)} ${running === 1 ? "is" : "are"} in the journal`
  const next = `the same command goes on (journal ${printable(journalName(journal))})`
  return [`${left}: ${next}`, ...howFar(files, takenUpTo)].join("\n  ")
}

const howFar = (files: ReadonlyArray<string>, takenUpTo: ReadonlyMap<string, number>): ReadonlyArray<string> =>
  files.map((path) => {
    const line = takenUpTo.get(nameOf(path))
    return line === undefined
      ? `${named(path)} was not begun`
      : `${named(path)} was taken up to the order on line ${line}; nothing was tried with what follows`
  })
