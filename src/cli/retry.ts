/**
 * `firebreak retry ID`: lets an order go on that is stuck or blocked.
 */
import { Effect } from "effect"
import * as Command from "effect/cli/Command"
import { isPending, latestRun, onJournal, orderArgument, visiting, whilePending } from "./journal.ts"
import { jsonLine, printable } from "./printable.ts"

export const retry = Command.make("retry", { ...onJournal, id: orderArgument }, (options) =>
  visiting(options, (journal, screen) =>
    Effect.gen(function* () {
      const order = yield* latestRun(journal, options.id)
      const answer = yield* journal.retry(order)
      if (options.json) {
        return yield* screen.emit(
          jsonLine(isPending(answer) ? { order, pending: answer.request } : { order, status: answer })
        )
      }
      yield* screen.say(
        isPending(answer) ? `retry ${printable(order)}: ${whilePending(answer)}` : `${printable(order)} is ${answer}`
      )
    })
  )
).pipe(
  Command.withDescription(
    "Tries an order again that is stuck or blocked: an undo that failed is looked for first, and then tried again."
  ),
  Command.withShortDescription("Try again what is stuck or blocked")
)
