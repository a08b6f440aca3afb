/**
 * `firebreak run --check`: reads the orders and says what is wrong with them. Nothing is tried.
 */
import { Effect, Stream } from "effect"
import type { OrderFileUnusable } from "../app.ts"
import { type Ended, fromInput, toJson } from "./Outcome.ts"
import { report } from "./Report.ts"
import type { Screen } from "./Screen.ts"
import type { Row } from "./sources.ts"
import { Tally } from "./Tally.ts"
import { ExitWith } from "./usage.ts"

/** With `json`, one line for each row that is not a valid order. */
export const checkRows = Effect.fnUntraced(function* (
  rows: Stream.Stream<Row, OrderFileUnusable>,
  { json }: { readonly json: boolean },
  screen: Screen
) {
  const tally = new Tally()
  let valid = 0
  yield* Stream.runForEach(rows, ({ file, read }) => {
    if (read._tag === "Accepted") return Effect.sync(() => void valid++)
    const ended: Ended = fromInput(file, read)
    tally.add(ended)
    return json ? screen.emit(toJson(ended)) : Effect.void
  })
  if (tally.ended > 0) yield* screen.say(report(tally, screen))
  yield* screen.say(`${valid} ${valid === 1 ? "order is" : "orders are"} valid; nothing was run`)
  if (!tally.wentWell) return yield* new ExitWith({ code: 1 })
})
