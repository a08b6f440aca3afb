/**
 * A child workflow, seen from its parent: something that is started once and comes to an end.
 *
 * The special rule: a linked child is to its parent what a step is. Who fails or is cancelled cancels it and waits for
 * its end; what it completed is taken back with the rest.
 */
import { cancelExecution } from "./cancelling.ts"
import type { Call } from "./History.ts"
import type { LiveCall } from "./LiveCall.ts"
import type { Run } from "./Run.ts"

export interface ChildStart {
  readonly id: string
  readonly start: () => void
}

export class ChildCall implements LiveCall {
  private readonly run: Run
  private readonly call: Call
  private readonly start: () => void
  private isOver = false
  private isCancelled = false
  private unwatch: (() => void) | undefined = undefined
  readonly waitsUntil = Number.POSITIVE_INFINITY
  readonly needsPerson = false

  /** `start` starts it if it has not been started. */
  constructor(run: Run, call: Call, start: () => void) {
    this.run = run
    this.call = call
    this.start = start
  }
  begin(): void {
    this.start()
    this.watch()
  }
  resume(): void {
    this.begin()
  }
  cancel(): void {
    if (this.isCancelled) return
    this.isCancelled = true
    cancelExecution(this.run.engine, this.call.subject, () => {})
  }
  leave(): void {
    this.isOver = true
    this.unwatch?.()
  }
  private watch(): void {
    this.unwatch = this.run.engine.awaited.onEnd(this.call.subject, (outcome) => {
      if (this.isOver) return
      this.isOver = true
      this.run.arrive({ kind: "child-ended", call: this.call.n, subject: this.call.subject, data: outcome })
    })
  }
}
