/**
 * `firebreak show ID`: one order with all that happened to it, step by step.
 *
 * Not here: who failed in which job (`why.ts`).
 */
import { Clock, Effect } from "effect"
import * as Command from "effect/cli/Command"
import type { ExecutionHistory } from "../app.ts"
import { columns, lasting, moment } from "./columns.ts"
import { latestRun, onJournal, orderArgument, unattended, visiting } from "./journal.ts"
import { reasonOf } from "./failureWords.ts"
import { jsonLine, printable } from "./printable.ts"
import { stateWords, stepName, undoWords } from "./stepWords.ts"
import { advice } from "./why.ts"

export const show = Command.make("show", { ...onJournal, id: orderArgument }, (options) =>
  visiting(options, (journal, screen) =>
    Effect.gen(function* () {
      const history = yield* journal.show(yield* latestRun(journal, options.id))
      if (options.json) return yield* screen.emit(jsonLine(history))
      const words = inWords(history, options, yield* Clock.currentTimeMillis)
      yield* screen.say([words, ...(yield* unattended(history, options))].join("\n"))
    })
  )
).pipe(
  Command.withDescription(
    "Shows an order: its steps with attempts, outcome and undo, its signals, timers and cancels."
  ),
  Command.withShortDescription("Show what happened to an order")
)

const inWords = (history: ExecutionHistory, options: Parameters<typeof advice>[1], now: number): string => {
  const { cancelledAt, endedAt, startedAt, status, wakeAt, why } = history
  const took = lasting((endedAt ?? now) - startedAt)
  const times = [
    `started ${moment(startedAt)}, ${endedAt === null ? `${took} ago` : `ended after ${took}`}`,
    ...(cancelledAt === null ? [] : [`cancel asked for ${moment(cancelledAt)}`]),
    ...(wakeAt === null || endedAt !== null ? [] : [`goes on by itself in ${lasting(wakeAt - now)}`])
  ]
  return [
    `${printable(history.name)} is ${status}  (${history.workflow}, no. ${history.seq}, execution ${history.id})`,
    times.join("; "),
    ...(history.steps.length === 0 ? [] : ["", table(history)]),
    ...others(history, now),
    ...(why === null ? [] : ["", reasonOf(history), ...advice(history, options)])
  ].join("\n")
}

const table = ({ status, steps }: ExecutionHistory): string =>
  columns(
    [
      ["step", "outcome", "undo", "attempts", "took", ""],
      ...steps.map((one) => [
        stepName(one),
        stateWords[one.state],
        status === "completed" && one.undo === "possible" ? "kept" : undoWords[one.undo],
        String(one.attempts),
        one.endedAt === null ? "" : lasting(one.endedAt - one.startedAt),
        printable(
          one.reason ?? (one.result === null || one.result === undefined ? "" : JSON.stringify(one.result)),
          100
        )
      ])
    ],
    new Set([3, 4])
  )

const others = ({ children, signals, timers }: ExecutionHistory, now: number): ReadonlyArray<string> => {
  const rows = [
    ...signals.map(({ at, name }) => ["signal", printable(name, 60), `came ${moment(at)}`]),
    ...timers.map(({ due, firedAt, name }) => [
      "timer",
      printable(name, 60),
      firedAt === null ? `due in ${lasting(due - now)}` : `fired ${moment(firedAt)}`
    ]),
    ...children.map(({ endedAt, id, workflow }) => [
      "child",
      `${workflow} ${id}`,
      endedAt === null ? "running" : `ended ${moment(endedAt)}`
    ])
  ]
  return rows.length === 0 ? [] : ["", columns(rows)]
}
