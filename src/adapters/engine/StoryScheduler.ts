/**
 * The turns of one story: a scheduler of its own, so that it can be told when the story has parked.
 *
 * The special rule: what a story does is a run of turns, and only when none is left may the next thing be told to it. So
 * two things that happen at the same time are told one after the other, and in a replay in the same order.
 *
 * Not here: what it is told (`Run.ts`).
 */
import type { Scheduler } from "effect"

/** After so many turns the others have theirs. */
const turnsAtOnce = 4096

export class StoryScheduler implements Scheduler.Scheduler, Scheduler.SchedulerDispatcher {
  readonly executionMode = "async"
  private turns: Array<() => void> = []
  private next = 0
  private isRunning = false
  private isParked = false
  private isAwaited = false
  /** Things that go on by themselves outside of the turns, but only for a moment. */
  private held = 0
  private readonly parked: () => boolean

  /** `parked` tells the story the next thing, if there is one, and answers whether it did. */
  constructor(parked: () => boolean) {
    this.parked = parked
  }

  shouldYield(fiber: {
    readonly currentOpCount: number
    readonly cache: { readonly maxOpsBeforeYield: number }
  }): boolean {
    return fiber.currentOpCount >= fiber.cache.maxOpsBeforeYield
  }

  makeDispatcher(): Scheduler.SchedulerDispatcher {
    return this
  }

  scheduleTask(turn: () => void): void {
    this.turns.push(turn)
    if (!this.isRunning && !this.isAwaited) this.goOnLater()
  }

  /** Runs what is to be run, and tells what is to be told, until nothing is left of either. */
  run(): void {
    if (this.isRunning) return
    this.isRunning = true
    try {
      for (let count = 0; ; count++) {
        if (count >= turnsAtOnce) return this.goOnLater()
        if (this.next < this.turns.length) {
          const turn = this.turns[this.next]!
          this.next++
          turn()
        } else {
          if (this.next > 0) {
            this.turns = []
            this.next = 0
          }
          if (this.held > 0) return
          this.isParked = true
          const wasTold = this.parked()
          this.isParked = false
          if (!wasTold) return
        }
      }
    } finally {
      this.isRunning = false
    }
  }

  flush(): void {
    this.run()
  }

  get isIdle(): boolean {
    return (!this.isRunning || this.isParked) && this.held === 0 && this.next >= this.turns.length
  }

  /** Waits until the promises that are settled by now have had their say. */
  hold(): void {
    this.held++
    setImmediate(() => {
      this.held--
      this.run()
    })
  }

  private goOnLater(): void {
    if (this.isAwaited) return
    this.isAwaited = true
    setImmediate(() => {
      this.isAwaited = false
      this.run()
    })
  }
}
