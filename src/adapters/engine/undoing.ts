/**
 * Taking back what was done: a list that was decided in one commit, newest first, one after the other.
 *
 * The special rule: one that is stuck does not keep the others from being taken back; but what waits for the list waits
 * until a person has seen to it.
 *
 * Not here: one undo (`UndoCall.ts`), and who decides (`ending.ts`, `ScopeUndo.ts`).
 */
import type { Call } from "./Call.ts"
import type { Run } from "./Run.ts"
import { whyNoneIsMeant } from "./sameName.ts"
import { undoChild } from "./undoChild.ts"
import { UndoCall, type Undoing } from "./UndoCall.ts"

export class UndoList {
  private readonly run: Run
  private readonly calls: ReadonlyArray<Call>
  private readonly done: () => void
  private current: Undoing | undefined = undefined
  private isWorking = false

  /** `done` is called when all of them are undone. */
  constructor(run: Run, calls: ReadonlyArray<number>, done: () => void) {
    this.run = run
    this.calls = calls.map((n) => run.history.calls.get(n)!)
    this.done = done
  }

  get waitsUntil(): number | undefined {
    if (this.current !== undefined) return this.current.waitsUntil
    return this.isStuck ? Number.POSITIVE_INFINITY : undefined
  }

  get needsPerson(): boolean {
    return this.isStuck
  }

  get isStuck(): boolean {
    return this.current === undefined && this.stuck.length > 0
  }

  get stuck(): ReadonlyArray<Call> {
    return this.calls.filter((call) => call.undo === "stuck")
  }

  /** Goes on with the next one; also after a person has said something. A loop: many of them end at once. */
  goOn(): void {
    if (this.current !== undefined || this.isWorking || this.run.isOver) return
    this.isWorking = true
    for (;;) {
      const next = this.calls.find((call) => call.undo === "pending" || call.undo === "undoing")
      if (next === undefined) break
      let hasEnded = false
      const undoing = startUndo(this.run, next, () => {
        hasEnded = true
        this.current = undefined
        if (!this.isWorking) this.goOn()
      })
      if (this.run.isOver) return
      if (hasEnded) continue
      this.current = undoing
      this.isWorking = false
      return
    }
    this.isWorking = false
    if (this.calls.every((call) => call.undo === "undone")) this.done()
    else this.run.engine.parked(this.run)
  }

  leave(): void {
    this.current?.leave()
  }
}

const startUndo = (run: Run, call: Call, ended: () => void): Undoing | undefined => {
  if (call.kind === "child") return undoChild(run, call, ended)
  const definition = run.engine.definition(run, call)
  if (definition === undefined) {
    run.note("undo-stuck", call.n, { reason: whyNoneIsMeant(call.step, call.mark, run.row.workflow) })
    ended()
    return undefined
  }
  const { undo } = definition
  if (undo === "nothing" || undo === "irreversible") {
    // The program has changed its mind since; the record says that it was to be taken back.
    run.note("undo-stuck", call.n, { reason: `the step "${call.step}" does not say any more how it is taken back` })
    ended()
    return undefined
  }
  const undoing = new UndoCall(run, call, definition, undo, ended)
  undoing.start()
  return undoing
}
