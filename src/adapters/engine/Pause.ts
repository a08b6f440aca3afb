/**
 * One pause at a time: between two attempts, or between two looks.
 */
import type { Run } from "./Run.ts"

export class Pause {
  private readonly run: Run
  private off: (() => void) | undefined = undefined
  /** When it ends; `undefined` when there is none. */
  until: number | undefined = undefined

  constructor(run: Run) {
    this.run = run
  }

  /** Runs `then` at that time: at once, if it is over. */
  to(until: number, then: () => void): void {
    this.end()
    if (until <= this.run.engine.now()) return then()
    this.until = until
    this.off = this.run.engine.timers.at(until, () => {
      this.until = undefined
      if (!this.run.isOver) then()
    })
    this.run.engine.parked(this.run)
  }

  end(): void {
    this.off?.()
    this.off = undefined
    this.until = undefined
  }
}
