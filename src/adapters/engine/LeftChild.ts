/**
 * A child whose parent has no body any more to wait for it: it is cancelled, and its end waited for.
 *
 * Not here: a child of a parent that runs (`ChildCall.ts`).
 */
import { Exit } from "effect"
import type { Call } from "./Call.ts"
import { encodeExit } from "./exits.ts"
import type { LiveCall } from "./LiveCall.ts"
import type { Run } from "./Run.ts"
import type { ExecutionRow } from "./Store.ts"

export class LeftChild implements LiveCall {
  private readonly run: Run
  private readonly call: Call
  private readonly cancelIt: (id: string, asked: (row: ExecutionRow | undefined) => void) => void
  private isOver = false
  private off: (() => void) | undefined = undefined
  readonly waitsUntil = undefined
  readonly needsPerson = false

  constructor(run: Run, call: Call, cancelIt: LeftChild["cancelIt"]) {
    this.run = run
    this.call = call
    this.cancelIt = cancelIt
  }

  begin(): void {}
  cancel(): void {}
  resume(): void {
    const { call, run } = this
    run.engine.asking.lookUp(call.subject, (row) => {
      // Never started, or somebody else's: there is nothing to wait for.
      if (row?.parent !== run.row.id) return this.end(JSON.stringify(encodeExit(Exit.interrupt())))
      run.engine.registry.whenOpen(row.workflow, () => this.isOver || this.cancelAndWait())
    })
  }
  private cancelAndWait(): void {
    const { call, run } = this
    this.cancelIt(call.subject, () => {
      if (!this.isOver) this.off = run.engine.awaited.onEnd(call.subject, (outcome) => this.end(outcome))
    })
  }
  leave(): void {
    this.isOver = true
    this.off?.()
  }

  private end(outcome: string): void {
    if (this.isOver) return
    this.isOver = true
    this.run.arrive({ kind: "child-ended", call: this.call.n, subject: this.call.subject, data: outcome })
  }
}
