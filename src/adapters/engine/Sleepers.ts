/**
 * Executions that are not in memory and are to be woken at a time: the next ones of them have a timer.
 *
 * The special rule: only what is due within the next minute is loaded, a bounded number at once, the earliest first; so a
 * hundred thousand of them cost no memory, and each wakes at its time all the same.
 *
 * Not here: bringing them back (`Recovery.ts`), and the timers themselves (`Timers.ts`).
 */
import type { Engine } from "./Engine.ts"

/** What is due sooner than this has a timer, in milliseconds. */
const horizon = 60_000
/** So many are loaded at once. */
const most = 4096
/** When fewer than this are left, the next ones are loaded. */
const few = 256

export class Sleepers {
  private readonly engine: Engine
  private readonly wake: (id: string) => void
  /** Those that have been woken and wait for room in memory. */
  private readonly awake: ReadonlySet<string>
  private readonly scheduled = new Map<string, { readonly at: number; readonly off: () => void }>()
  /** There are more than were loaded: what is due before this has a timer. */
  private loadedUntil = Number.POSITIVE_INFINITY
  private room = most
  private isLooking = false
  private lookAgain = false
  private nextLook: { readonly at: number; readonly off: () => void } | undefined = undefined

  constructor(engine: Engine, awake: ReadonlySet<string>, wake: (id: string) => void) {
    this.engine = engine
    this.awake = awake
    this.wake = wake
  }

  /** It leaves memory, and is to be woken then. */
  wakeLater(id: string, at: number): void {
    if (at > this.engine.now() + horizon) return this.lookAt(at - horizon / 2)
    // (What is just being read may be older than that it sleeps.)
    if (at < this.loadedUntil || this.isLooking) this.schedule(id, at)
  }

  /** There is room for more: they are loaded if there are any. */
  more(): void {
    const isDrained = this.scheduled.size < few && this.awake.size < few
    if (isDrained && this.loadedUntil < Number.POSITIVE_INFINITY) this.look()
  }

  private schedule(id: string, at: number): void {
    const before = this.scheduled.get(id)
    if (before !== undefined && before.at <= at) return
    before?.off()
    const off = this.engine.timers.at(at, () => {
      this.scheduled.delete(id)
      this.wake(id)
      this.more()
    })
    this.scheduled.set(id, { at, off })
  }

  private lookAt(at: number): void {
    const { engine } = this
    const time = Math.max(at, engine.now() + 10)
    if (this.nextLook !== undefined && this.nextLook.at <= time) return
    this.nextLook?.off()
    const off = engine.timers.at(time, () => {
      this.nextLook = undefined
      this.look()
    })
    this.nextLook = { at: time, off }
  }

  /** Loads the next ones. */
  look(): void {
    const { engine } = this
    if (engine.isClosed) return
    if (this.isLooking) {
      this.lookAgain = true
      return
    }
    this.isLooking = true
    // What is known already is among the earliest.
    const limit = this.scheduled.size + this.awake.size + engine.runs.size + this.room
    // What is due later than that is asked for as well, to know when to look again.
    const until = engine.now() + 100 * 365 * 86_400_000
    engine.asking.ask(engine.store.due(until, limit), (rows) => {
      this.isLooking = false
      this.loadedUntil = Number.POSITIVE_INFINITY
      const soon = engine.now() + horizon
      const later = rows.find((row) => row.wakeAt! > soon)
      for (const { id, wakeAt, workflow } of rows) {
        if (wakeAt! > soon) break
        if (!engine.runs.has(id) && !this.awake.has(id) && engine.registry.open(workflow) !== undefined)
          this.schedule(id, wakeAt!)
      }
      if (later !== undefined) this.lookAt(later.wakeAt! - horizon / 2)
      else if (rows.length === limit) this.isFull(rows.at(-1)!.wakeAt!)
      if (!this.lookAgain) return
      this.lookAgain = false
      this.look()
    })
  }

  /** Not all that are due soon were loaded. If nobody here can run any of those that were, more are asked for. */
  private isFull(until: number): void {
    this.loadedUntil = until
    if (this.scheduled.size > 0 || this.awake.size > 0) return
    this.room *= 2
    this.lookAgain = true
  }
}
