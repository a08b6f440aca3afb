/**
 * A scheduler that runs what is ready in an order drawn from a seed, and a source of chance from the same seed.
 *
 * Everything runs on the caller's stack: `drain` returns when nothing is ready any more, so a program that hangs is one
 * that has not ended then.
 */
import type { Scheduler } from "effect"

/** A small well-known generator (mulberry32): the same seed gives the same story on every machine. */
export const chance = (seed: number) => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return {
    /** True in `percent` of a hundred cases. */
    in: (percent: number): boolean => next() * 100 < percent,
    /** A whole number below `limit`. */
    below: (limit: number): number => Math.floor(next() * limit),
    pick: <A>(from: readonly [A, ...ReadonlyArray<A>]): A => from[Math.floor(next() * from.length)]!
  }
}

export type Chance = ReturnType<typeof chance>

export class ShuffledScheduler implements Scheduler.Scheduler {
  readonly executionMode = "async"
  private readonly ready: Array<() => void> = []
  private readonly random: Chance
  constructor(random: Chance) {
    this.random = random
  }
  // A fiber that yields before it has done two operations never gets anywhere.
  shouldYield(fiber: { readonly currentOpCount: number }): boolean {
    return fiber.currentOpCount > 4 && this.random.in(10)
  }
  makeDispatcher(): Scheduler.SchedulerDispatcher {
    return { scheduleTask: (task) => void this.ready.push(task), flush: () => this.drain() }
  }
  /** Runs until nothing is ready; `between` is called before each task. */
  drain(between?: () => void): void {
    while (this.ready.length > 0) {
      between?.()
      const at = this.random.below(this.ready.length)
      const task = this.ready[at]!
      this.ready[at] = this.ready[this.ready.length - 1]!
      this.ready.pop()
      task()
    }
  }
}
