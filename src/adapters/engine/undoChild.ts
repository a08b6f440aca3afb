/**
 * Taking back a child workflow that had completed: what its steps did is taken back, newest first, from its own journal.
 *
 * The special rule: afterwards it counts as cancelled. Who asks for it again is told so, not the result that is gone.
 */
import { Exit } from "effect"
import { JournalLost } from "./defects.ts"
import { encodeExit } from "./exits.ts"
import type { Call } from "./Call.ts"
import type { OutcomeData } from "./History.ts"
import { cancelWithoutBody } from "./cancelling.ts"
import { Run } from "./Run.ts"
import { ends, type ExecutionRow } from "./Store.ts"
import type { Undoing } from "./UndoCall.ts"
import type { Engine } from "./Engine.ts"
import { unreadable } from "./unreadable.ts"
import type { Why } from "./views.ts"

export const undoChild = (parent: Run, call: Call, undone: () => void): Undoing => {
  const { engine } = parent
  const id = call.subject
  let isOver = false
  let off = () => {}
  const end = () => {
    if (isOver) return
    isOver = true
    off()
    parent.note("undone", call.n, undefined)
    undone()
  }
  const wait = () => {
    off = engine.awaited.onRest(id, (row) => {
      if (isOver || row instanceof JournalLost) return
      if (row.status === "cancelled") end()
      else wait()
    })
  }
  const stuck = (reason: string) => {
    if (isOver || parent.isOver) return
    isOver = true
    off()
    parent.note("undo-stuck", call.n, { reason })
    undone()
  }
  wait()
  engine.asking.lookUp(id, (row) => {
    if (isOver || parent.isOver) return
    if (row === undefined || row.removedAt !== null) {
      return stuck("the child's journal was removed: what it did cannot be taken back from it")
    }
    // One that did not complete, or was taken back, has nothing left. One that is blocked waits for a person.
    if (ends.has(row.status) && row.status !== "completed") return end()
    // At a start the layer of the child may be built later than that of its parent.
    if (row.status === "completed") engine.registry.whenOpen(row.workflow, () => isOver || takeBack(engine, row, stuck))
    else engine.recovery.wake(id)
  })
  return new UndoingChild(parent, id, () => {
    isOver = true
    off()
  })
}

class UndoingChild implements Undoing {
  private readonly parent: Run
  private readonly id: string
  readonly leave: () => void
  constructor(parent: Run, id: string, leave: () => void) {
    this.parent = parent
    this.id = id
    this.leave = leave
  }
  /** While its end is being written down, its parent has to be there to hear of it. */
  get waitsUntil(): number | undefined {
    return this.parent.endingChildren?.has(this.id) === true ? undefined : Number.POSITIVE_INFINITY
  }
}

const takeBack = (engine: Engine, row: ExecutionRow, stuck: (reason: string) => void): void => {
  if (engine.runs.has(row.id)) return
  engine.asking.ask(engine.store.events([row.seq]), (events) => {
    if (engine.runs.has(row.id) || engine.isClosed) return
    const problem = unreadable(row, events)
    if (problem !== undefined) return stuck(`the child cannot be taken back: ${problem}`)
    const registered = engine.registry.open(row.workflow)
    if (registered === undefined) return engine.registry.whenOpen(row.workflow, () => takeBack(engine, row, stuck))
    const run = new Run(engine, registered, row, events)
    engine.runs.set(row.id, run)
    run.remember()
    // What it started and left running is cancelled or taken back as well.
    if (run.history.openChildren("").length > 0) return cancelWithoutBody(run, () => {})
    const calls = run.history.toUndo("").map(({ n }) => n)
    const why: Why = { because: "cancel", message: "its parent failed and took it back", failures: [], steps: [] }
    run.note("outcome", null, { status: "cancelled", calls, why } satisfies OutcomeData)
    const outcome = JSON.stringify(encodeExit(Exit.interrupt()))
    run.setRow({ status: "undoing", endedAt: null, outcome, why: JSON.stringify(why) })
    engine.goOnEnding(run)
  })
}
