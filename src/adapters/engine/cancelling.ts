/**
 * Cancelling an execution, in whatever state it is.
 *
 * The special rule: a cancel is an event with its place in the order. What was decided before it stays; after it nothing
 * new begins but what cannot be cancelled and what takes things back.
 *
 * Not here: the receipt (`reading.ts`), and what the story does about it (`story.ts`).
 */
import type { Engine } from "./Engine.ts"
import { OrphanCall } from "./OrphanCall.ts"
import { Run } from "./Run.ts"
import { StepCall } from "./StepCall.ts"
import { unreadable } from "./unreadable.ts"
import type { ExecutionRow } from "./Store.ts"

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
  engine.asking.ask(engine.store.events([row.seq]), (events) => {
    if (engine.isClosed) return
    if (engine.runs.has(row.id)) return again()
    if (unreadable(row, events) !== undefined) return asked(row)
    const run = new Run(engine, engine.registry.get(row.workflow), row, events)
    engine.runs.set(row.id, run)
    engine.onCreated(run)
    run.remember()
    run.note("cancel", null, undefined)
    run.setRow({ status: "running", why: null })
    engine.writer.afterCommit(run, () => {
      asked(run.row)
      settleAll(run)
    })
  })
}

const settleAll = (run: Run): void => {
  const open = [...run.history.calls.values()].filter(({ endedBy, kind }) => endedBy === 0 && kind === "step")
  for (const call of open) {
    const definition = run.engine.definition(run, call)
    const live = definition === undefined ? new OrphanCall(run, call) : new StepCall(run, call, definition)
    run.live.set(call.n, live)
    live.resume()
    live.cancel()
  }
  run.endWithoutBody()
}
