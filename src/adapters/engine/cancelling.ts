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
  engine.recovery.open(id, (run, row) => {
    if (run !== undefined && !run.isOver) return deliver(run, asked)
    if (row !== undefined && row.status === "blocked") return windDown(engine, row, asked)
    asked(row)
  })
}

const deliver = (run: Run, asked: (row: ExecutionRow) => void): void =>
  run.whenLive(() => {
    const isLate = run.isOver || run.isDecided || run.history.cancelledAt !== null
    const answer = () => asked(run.row)
    if (isLate) return run.engine.writer.afterCommit(run, answer, answer)
    run.arrive({ kind: "cancel", call: null, subject: null, data: null, told: () => asked(run.row) })
  })

/** A blocked execution is taken back from the journal: its body cannot run, but what it did is known. */
const windDown = (engine: Engine, row: ExecutionRow, asked: (row: ExecutionRow) => void): void => {
  engine.asking.ask(engine.store.events([row.seq]), (events) => {
    if (engine.runs.has(row.id) || engine.isClosed || unreadable(row, events) !== undefined) return asked(row)
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
