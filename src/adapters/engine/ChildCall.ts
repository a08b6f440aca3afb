/**
 * A child workflow, seen from its parent: something that is started once and comes to an end.
 *
 * The special rule: a linked child is to its parent what a step is. Who fails or is cancelled cancels it and waits for
 * its end; what it completed is taken back with the rest. That holds for the parent that started it: whoever else asks
 * for it is told how it ended, and leaves it alone. And no parent ends before its children are written down.
 *
 * Not here: taking it back (`undoChild.ts`).
 */
import { Exit } from "effect"
import { cancelExecution } from "./cancelling.ts"
import { sentence } from "./attempts.ts"
import { blocked } from "./blocked.ts"
import { LayerClosing, WorkflowNotRegistered } from "./defects.ts"
import { encodeExit } from "./exits.ts"
import type { Call } from "./Call.ts"
import type { LiveCall } from "./LiveCall.ts"
import type { Run } from "./Run.ts"
import type { Started } from "./starting.ts"

const notStarted = JSON.stringify(encodeExit(Exit.interrupt()))

/** How long a child waits for its workflow's layer, which may be built after that of its parent, in milliseconds. */
const patience = 5000

export class ChildCall implements LiveCall {
  private readonly run: Run
  private readonly call: Call
  private readonly start: (started: (started: Started) => void) => void
  private readonly isDetached: boolean
  /** It is written down: its parent may end without it being lost. */
  isStarted = false
  private isOwn = false
  private isOver = false
  private isCancelled = false
  private off: (() => void) | undefined = undefined
  readonly needsPerson = false

  /** `start` starts it if it has not been started, and calls back when it is written down. */
  constructor(run: Run, call: Call, start: (started: (started: Started) => void) => void, isDetached: boolean) {
    this.run = run
    this.call = call
    this.start = start
    this.isDetached = isDetached
  }

  /** Its end brings its own parent back to memory; another one waits there. */
  get waitsUntil(): number | undefined {
    return this.isOwn && this.run.endingChildren?.has(this.call.subject) !== true ? Number.POSITIVE_INFINITY : undefined
  }

  begin(): void {
    if (this.isCancelled) return this.end(notStarted)
    this.tryToStart(this.run.engine.now() + patience)
  }
  resume(): void {
    this.tryToStart(this.run.engine.now() + patience)
  }
  cancel(): void {
    if (this.isCancelled || this.isDetached) return
    this.isCancelled = true
    if (this.isStarted) this.cancelIt()
  }
  leave(): void {
    this.isOver = true
    this.off?.()
  }

  private tryToStart(until: number): void {
    if (this.run.isClosing) return
    this.start((started) => {
      if (this.isOver || this.run.isClosing) return
      if (started._tag !== "Refused")
        return this.hasStarted(started._tag === "Ended" ? started.row.parent : started.parent)
      this.refused(started.defect, until)
    })
  }

  /** That it cannot be started here, or not now, says nothing of a child that was started in an earlier life. */
  private refused(defect: unknown, until: number): void {
    const { call, run } = this
    const { engine } = run
    const later = () => {
      if (!this.isOver) this.tryToStart(engine.now() + patience)
    }
    if (defect instanceof LayerClosing) return engine.registry.whenOpen(defect.workflow, later)
    if (defect instanceof WorkflowNotRegistered && engine.now() < until) {
      this.off = engine.timers.at(engine.now() + 50, () => this.tryToStart(until))
      return
    }
    engine.asking.lookUp(call.subject, (row) => {
      if (this.isOver || run.isClosing) return
      if (row?.parent !== run.row.id) return this.end(JSON.stringify(encodeExit(Exit.die(defect))))
      if (defect instanceof WorkflowNotRegistered) return engine.registry.whenOpen(defect.workflow, later)
      engine.block(run, blocked(`its child cannot be asked for any more as it was: ${sentence(defect)}`))
    })
  }

  private hasStarted(parent: string | null): void {
    const { call, run } = this
    this.isStarted = true
    if (this.isDetached) run.forget(call)
    else {
      this.isOwn = parent === run.row.id
      if (!this.isOwn && call.undo !== "nothing") run.note("joined", call.n, undefined)
      this.off = run.engine.awaited.onEnd(call.subject, (outcome) => this.end(outcome))
      if (this.isCancelled) this.cancelIt()
    }
    run.engine.parked(run)
  }

  private cancelIt(): void {
    if (this.isOwn) cancelExecution(this.run.engine, this.call.subject, () => {})
    else this.end(notStarted)
  }

  private end(outcome: string): void {
    if (this.isOver) return
    this.isOver = true
    this.off?.()
    this.run.arrive({ kind: "child-ended", call: this.call.n, subject: this.call.subject, data: outcome })
  }
}
