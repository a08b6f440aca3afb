/**
 * `firebreak cancel ID`: cancels an order, and says what became of each of its steps.
 */
import { Effect } from "effect"
import * as Command from "effect/cli/Command"
import type { CancelReceipt } from "../app.ts"
import { columns } from "./columns.ts"
import { isPending, latestRun, onJournal, orderArgument, visiting, whilePending } from "./journal.ts"
import { jsonLine, printable } from "./printable.ts"
import { stepName } from "./stepWords.ts"

export const cancel = Command.make("cancel", { ...onJournal, id: orderArgument }, (options) =>
  visiting(options, (journal, screen) =>
    Effect.gen(function* () {
      const order = yield* latestRun(journal, options.id)
      const answer = yield* journal.cancel(order)
      if (options.json) {
        return yield* screen.emit(
          jsonLine(isPending(answer) ? { order, pending: answer.request } : { order, receipt: answer })
        )
      }
      yield* screen.say(
        isPending(answer) ? `cancel ${printable(order)}: ${whilePending(answer)}` : inWords(printable(order), answer)
      )
    })
  )
).pipe(
  Command.withDescription(
    "Cancels an order: nothing new begins, a step that is under way is interrupted and settled as its unknown says, and\n" +
      "  what was done is taken back. Asking again gives the receipt as it is then."
  ),
  Command.withShortDescription("Cancel an order, and take back what it did")
)

const inWords = (order: string, { isFinal, status, steps, summary }: CancelReceipt): string =>
  [
    `${order} is ${status}: ${printable(summary)}`,
    ...(steps.length === 0 ? [] : ["", columns(steps.map(({ key, state, step }) => [stepName({ key, step }), state]))]),
    ...(isFinal ? [] : ["", "this is not final yet: ask again for how it ends"])
  ].join("\n")
