/**
 * Those who wait for executions, in memory or not.
 *
 * The special rule: each is told once, and only what has been committed.
 */
import { Effect } from "effect"
import { JournalLost } from "./defects.ts"
import type { Engine } from "./Engine.ts"
import { ends, type ExecutionRow } from "./Store.ts"
import { Turnover } from "./Turnover.ts"

/** Told how an execution rests, or that nobody here will ever know. */
export type ToldOfRest = (rest: ExecutionRow | JournalLost) => void

export class Awaited {
  private readonly engine: Engine
  private readonly waiting = new Turnover<string, Set<ToldOfRest>>()
  private alive: NodeJS.Timeout | undefined = undefined
  private readonly losers = new Turnover<number, (because: JournalLost) => void>()
  private nextLoser = 0
  constructor(engine: Engine) {
    this.engine = engine
  }

  get count(): number {
    return this.waiting.size
  }

  /** Calls back, once, when the execution has ended or cannot go on by itself. */
  onRest(id: string, told: ToldOfRest): () => void {
    const waiting = this.waiting.get(id) ?? new Set()
    this.waiting.set(id, waiting)
    waiting.add(told)
    this.stayAlive()
    return () => {
      waiting.delete(told)
      if (waiting.size === 0 && this.waiting.get(id) === waiting) this.waiting.delete(id)
      this.stayAlive()
    }
  }

  /** Calls back with its outcome when the execution has ended, now or later. */
  onEnd(id: string, ended: (outcome: string) => void): () => void {
    let off = () => {}
    const wait = () => {
      off = this.onRest(id, (rest) => {
        if (rest instanceof JournalLost) return
        if (ends.has(rest.status)) ended(rest.outcome!)
        else wait()
      })
    }
    wait()
    this.engine.asking.lookUp(id, (row) => {
      if (row === undefined || !ends.has(row.status) || this.engine.runs.has(id)) return
      off()
      ended(row.outcome!)
    })
    return () => off()
  }

  tell(row: ExecutionRow): void {
    const waiting = this.waiting.get(row.id)
    this.waiting.delete(row.id)
    for (const told of waiting ?? []) told(row)
    this.stayAlive()
  }

  /** Calls back when the journal is lost; now, if it is. */
  onLost(told: (because: JournalLost) => void): () => void {
    const { lostBecause } = this.engine
    if (lostBecause !== undefined) {
      told(lostBecause)
      return () => {}
    }
    const number = this.nextLoser++
    this.losers.set(number, told)
    return () => this.losers.delete(number)
  }

  /** What `ask` answers, or a defect if the journal is lost before. */
  answerOf<A>(ask: (answer: (value: A) => void) => void): Effect.Effect<A> {
    return Effect.callback<A>((resume) => {
      const off = this.onLost((because) => resume(Effect.die(because)))
      ask((value) => {
        off()
        resume(Effect.succeed(value))
      })
      return Effect.sync(off)
    })
  }

  lost(because: JournalLost): void {
    const losers = this.losers.values()
    this.losers.clear()
    for (const told of losers) told(because)
    const all = this.waiting.values()
    this.waiting.clear()
    for (const waiting of all) for (const told of waiting) told(because)
    this.stayAlive()
  }

  /** A process does not end of itself while somebody in it waits for an execution: a signal may take days to come. */
  private stayAlive(): void {
    if (this.waiting.size === 0) {
      clearInterval(this.alive)
      this.alive = undefined
    } else this.alive ??= setInterval(() => {}, 2 ** 30)
  }
}
