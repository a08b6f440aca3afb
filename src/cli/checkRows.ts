/**
 * `firebreak run --check`: reads the orders and says what is wrong with them. Nothing is tried.
 */
import { Effect, Stream } from "effect"
import type { OrderFileUnusable } from "../app.ts"
import { type Ended, fromCheck, fromInput, toJson } from "./Outcome.ts"
import { noOrders, report } from "./Report.ts"
import type { Screen } from "./Screen.ts"
import type { Row } from "./sources.ts"
import { Tally } from "./Tally.ts"
import { ExitWith } from "./usage.ts"

/** With `json`, one line for each row that is not a valid order. */
export const checkRows = Effect.fnUntraced(function* (
  rows: Stream.Stream<Row, OrderFileUnusable>,
  { files, json }: { readonly files: ReadonlyArray<string>; readonly json: boolean },
  screen: Screen
) {
  const tally = new Tally()
  yield* Stream.runForEach(rows, ({ file, read }) => {
    const ended: Ended = read._tag === "Accepted" ? fromCheck(file, read) : fromInput(file, read)
    tally.add(ended)
    return json && ended.outcome !== "valid" ? screen.emit(toJson(ended, files)) : Effect.void
  })
  if (tally.ended === 0) return yield* screen.say(noOrders(files))
  yield* screen.say(report(tally, screen))
  const valid = tally.count("valid")
  yield* screen.say(`${valid} ${valid === 1 ? "order is" : "orders are"} valid; nothing was run`)
  if (tally.wentWell) return
  yield* screen.say(`the exit code is 1 because of these: ${tally.troubled}`)
  return yield* new ExitWith({ code: 1 })
})
