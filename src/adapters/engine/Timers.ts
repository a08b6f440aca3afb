/**
 * Waking at a time: a heap of what is to be done when, and one sleep for the earliest of them.
 *
 * The special rule: it wakes to the millisecond, not by polling, and it sleeps on the clock that it is given, so that a
 * test may turn it. Who sets the wall clock back makes nothing wait longer (`SteadyTime.ts`).
 *
 * Not here: which executions are to be woken that are not in memory (`recovery.ts`).
 */
import { Duration, Effect } from "effect"
import type { Clock, Context, Fiber } from "effect"
import { guarded } from "./guarded.ts"
import type { SteadyTime } from "./SteadyTime.ts"

interface Timer {
  readonly at: number
  wake: () => void
  isOff: boolean
}

/** Longer sleeps are taken in pieces, because the wall clock may be set meanwhile. */
const longest = 60_000
/** So many may stay in the heap that were taken back. */
const fewOff = 1024

export class Timers {
  private readonly clock: Clock.Clock
  private readonly time: SteadyTime
  private readonly context: Context.Context<never>
  private heap: Array<Timer> = []
  /** How many in the heap were taken back. */
  private off = 0
  private sleeping: { readonly until: number; readonly fiber: Fiber.Fiber<void> } | undefined = undefined
  private isOver = false

  /** Sleeps on `clock`, by the times of `time`. */
  constructor(clock: Clock.Clock, time: SteadyTime, context: Context.Context<never>) {
    this.clock = clock
    this.time = time
    this.context = context
  }

  /** Calls `wake` at that time; what it answers takes that back. */
  at(time: number, wake: () => void): () => void {
    const timer: Timer = { at: time, wake, isOff: false }
    push(this.heap, timer)
    this.sleepUntilNext()
    return () => {
      if (timer.isOff) return
      timer.isOff = true
      // It may stay in the heap for long, and must not hold on to what it would have woken.
      timer.wake = nothing
      this.off++
      if (this.heap[0] === timer) this.drop()
      else if (this.off > fewOff && this.off > this.heap.length / 2) this.sweep()
    }
  }

  close(): void {
    this.isOver = true
    this.heap.length = 0
    this.sleeping?.fiber.interruptUnsafe()
    this.sleeping = undefined
  }

  private pop(): Timer | undefined {
    const timer = pop(this.heap)
    if (timer?.isOff === true) this.off--
    else if (timer !== undefined) timer.isOff = true
    return timer
  }

  /** Most were taken back long before their time: they go. */
  private sweep(): void {
    // In order of time, so it is a heap.
    this.heap = this.heap.filter(({ isOff }) => !isOff).sort((a, b) => a.at - b.at)
    this.off = 0
  }

  private drop(): void {
    while (this.heap[0]?.isOff === true) this.pop()
    if (this.heap.length > 0) return
    // Nothing is awaited: nothing keeps a process that has nothing else to do.
    this.sleeping?.fiber.interruptUnsafe()
    this.sleeping = undefined
  }

  private sleepUntilNext(): void {
    while (this.heap[0]?.isOff === true) this.pop()
    const first = this.heap[0]
    if (this.isOver || first === undefined) return
    if (this.sleeping !== undefined && this.sleeping.until <= first.at) return
    this.sleeping?.fiber.interruptUnsafe()
    const now = this.time.now()
    const pause = Math.max(0, Math.min(first.at - now, longest))
    const fiber = Effect.runForkWith(this.context)(
      Effect.andThen(
        this.clock.sleep(Duration.millis(pause)),
        Effect.sync(() => {
          this.time.is(now + pause)
          this.wake()
        })
      )
    )
    if (fiber.pollUnsafe() === undefined) this.sleeping = { until: first.at, fiber }
  }

  private wake(): void {
    this.sleeping = undefined
    const now = this.time.now()
    while (this.heap.length > 0 && (this.heap[0]!.isOff || this.heap[0]!.at <= now)) {
      const { isOff, wake } = this.heap[0]!
      this.pop()
      if (!isOff) guarded(wake)
    }
    this.sleepUntilNext()
  }
}

const nothing = (): void => {}

const push = (heap: Array<Timer>, timer: Timer): void => {
  let i = heap.push(timer) - 1
  while (i > 0) {
    const parent = (i - 1) >> 1
    if (heap[parent]!.at <= timer.at) break
    heap[i] = heap[parent]!
    i = parent
  }
  heap[i] = timer
}

const pop = (heap: Array<Timer>): Timer | undefined => {
  const first = heap[0]
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return first
  let i = 0
  for (;;) {
    let child = 2 * i + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child++
    if (heap[child]!.at >= last.at) break
    heap[i] = heap[child]!
    i = child
  }
  heap[i] = last
  return first
}
