/**
 * Cancelling an execution, in whatever state it is.
 *
 * The special rule: a cancel is an event with its place in the order. What was decided before it stays; after it nothing
 * new begins but what cannot be cancelled and what takes things back.
 *
 * Not here: the receipt (`reading.ts`), and what the story does about it (`story.ts`).
 */
import type { Engine } from "./Engine.ts"
import type { Call } from "./Call.ts"
import type { CancelData } from "./History.ts"
import { LeftChild } from "./LeftChild.ts"
import type { LiveCall } from "./LiveCall.ts"
import { OrphanCall } from "./OrphanCall.ts"
import { Run } from "./Run.ts"
import { StepCall } from "./StepCall.ts"
import { unreadable } from "./unreadable.ts"
import type { EventRow, ExecutionRow } from "./Store.ts"

/** Calls back when the cancel is written down, or when there was nothing left to cancel. */
export const cancelExecution = (engine: Engine, id: string, asked: (row: ExecutionRow | undefined) => void): void => {
  const again = () => queueMicrotask(() => cancelExecution(engine, id, asked))
  engine.recovery.open(id, (run, row) => {
    if (run !== undefined && !run.isOver) return deliver(run, asked, again)
    // It has just ended, been set aside or left memory: when that is written, it is clear which.
    if (run !== undefined && engine.runs.get(id) === run) return engine.writer.afterCommit(run, again, again)
    if (row !== undefined && row.status === "blocked") return windDown(engine, row, asked, again)
    asked(row)
  })
}

/** `again` runs where it leaves memory before it was told. */
const deliver = (run: Run, asked: (row: ExecutionRow) => void, again: () => void): void =>
  run.whenLive(() => {
    const isLate = run.isDecided || run.history.cancelledAt !== null
    const answer = () => asked(run.row)
    if (isLate) return run.engine.writer.afterCommit(run, answer, answer)
    const told = (isTold: boolean) => (isTold ? asked(run.row) : again())
    run.arrive({ kind: "cancel", call: null, subject: null, data: null, told })
  })

/** A blocked execution is taken back from the journal: its body cannot run, but what it did is known. */
const windDown = (engine: Engine, row: ExecutionRow, asked: (row: ExecutionRow) => void, again: () => void): void => {
  const found = (events: ReadonlyArray<EventRow>) => {
    if (engine.isClosed) return
    if (engine.runs.has(row.id)) return again()
    if (unreadable(row, events) !== undefined) return asked(row)
    const registered = engine.registry.open(row.workflow)
    if (registered === undefined) return asked(row)
    const run = new Run(engine, registered, row, events)
    engine.runs.set(row.id, run)
    engine.onCreated(run)
    run.remember()
    if (run.history.outcome === undefined) return cancelWithoutBody(run, () => asked(run.row))
    // Its end was decided before: that stays, and what is left of it is done.
    run.setRow({ status: "undoing", why: JSON.stringify(run.history.outcome.why), wakeAt: null })
    engine.writer.afterCommit(run, () => asked(run.row))
    engine.goOnEnding(run)
  }
  engine.asking.eventsOf(row, found, again)
}

/** Its body does not run any more: from the journal it is settled, what it started is cancelled, and all is taken back. */
export const cancelWithoutBody = (run: Run, asked: () => void): void => {
  run.note("cancel", null, { withoutBody: true } satisfies CancelData)
  run.setRow({ status: "running", why: null, outcome: null, endedAt: null, wakeAt: null })
  run.engine.writer.afterCommit(run, () => {
    asked()
    settleAll(run)
  })
}

/** Goes on with what was cancelled without its body: it must not run again, for it has not seen the cancel. */
export const settleAll = (run: Run): void => {
  for (const call of [...run.history.calls.values()].filter(({ endedBy }) => endedBy === 0)) {
    const live = liveOf(run, call)
    if (live === undefined) continue
    run.live.set(call.n, live)
    live.resume()
    live.cancel()
  }
  run.endWithoutBody()
}

const liveOf = (run: Run, call: Call): LiveCall | undefined => {
  if (call.kind === "step") {
    const definition = run.engine.definition(run, call)
    return definition === undefined ? new OrphanCall(run, call) : new StepCall(run, call, definition)
  }
  const isLinked = call.kind === "child" && call.undo === "possible"
  return isLinked ? new LeftChild(run, call, (id, asked) => cancelExecution(run.engine, id, asked)) : undefined
}
