/**
 * Whether all that is recorded of an execution can be read: asked before any of it is told again.
 *
 * The special rule: what cannot be read is never guessed. The execution is set aside and shown, and all others go on.
 *
 * Not here: values of steps and workflows, which their schemas read (`Engine.readable`).
 */
import { sentence } from "./attempts.ts"
import { decodeExit, type ExitJson } from "./exits.ts"
import { History } from "./History.ts"
import type { EventRow, ExecutionRow } from "./Store.ts"

/** What is wrong with the first event that cannot be read; nothing if all can. */
export const unreadable = (row: ExecutionRow, events: ReadonlyArray<EventRow>): string | undefined => {
  const history = new History(row.startedAt)
  for (const event of events) {
    try {
      history.apply(event)
      if (exits.has(event.kind) && event.data !== null) decodeExit(JSON.parse(event.data) as ExitJson) // sound: it throws what is none
    } catch (problem) {
      const subject = event.subject ?? history.calls.get(event.call ?? 0)?.subject
      const what = subject === undefined ? event.kind : `${event.kind} "${subject}"`
      return `what is recorded of ${what} (event ${event.n}) cannot be read: ${sentence(problem)}`
    }
  }
  return undefined
}

const exits: ReadonlySet<string> = new Set(["result", "child-ended", "signal", "said"])
