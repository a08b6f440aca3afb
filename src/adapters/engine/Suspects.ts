/**
 * Executions that processes ended with twice, and that had got nowhere since they were begun: one of them may be why.
 *
 *   begun, and the process ended, twice ─▶ begun alone ─┬─ it gets somewhere, or only waits: nothing is held against it
 *                                                       ╰─ the process ends again ─▶ set aside
 *
 * The special rule: only who was begun alone is set aside, so that nobody is with the guilty. The others wait for their
 * turn: who was begun last before the end is the first, because the end came then. The longer the process lives, the
 * more of them are begun at once.
 *
 * Not here: setting aside (`Engine.ts`).
 */
import type { Engine } from "./Engine.ts"
import { told } from "./History.ts"
import type { Run } from "./Run.ts"
import type { EventRow } from "./Store.ts"

/** So often may an execution be begun without getting anywhere before it is set aside. */
const mostVainLives = 3
/** After so many milliseconds twice as many are begun at once. */
const doubling = 1000

/** How long they are waited for before the first of them is begun, in milliseconds. */
const gathering = 20

export interface Suspect {
  readonly seq: number
  /** When it was begun last. */
  readonly begunAt: number
  readonly begin: (isAlone: boolean) => Run | undefined
}

export class Suspects {
  private readonly engine: Engine
  /** The first in turn stands last. */
  private readonly waiting: Array<Suspect> = []
  private readonly begun = new Set<Run>()
  private room = 1
  private isGrowing = false
  private isGathering = false

  constructor(engine: Engine) {
    this.engine = engine
  }

  /** Begins one in its turn. */
  add(suspect: Suspect): void {
    this.waiting.push(suspect)
    if (this.isGathering) return
    this.isGathering = true
    this.engine.timers.at(this.engine.now() + gathering, () => {
      this.isGathering = false
      this.waiting.sort((one, other) => one.begunAt - other.begunAt || one.seq - other.seq)
      this.fill()
    })
  }

  /** Something was written down of an execution. */
  wrote(run: Run, event: EventRow): void {
    if (this.begun.size > 0 && getsSomewhere(event)) this.cleared(run)
  }

  /** All of it only waits for something outside: that takes no process down. */
  waits(run: Run): void {
    if (!this.begun.has(run)) return
    run.note("released", null, undefined)
    this.cleared(run)
  }

  /** Nothing is held against it any more, or it has left memory. */
  cleared(run: Run): void {
    if (this.begun.delete(run)) queueMicrotask(() => this.fill())
  }

  private fill(): void {
    while (!this.isGathering && this.waiting.length > 0 && this.begun.size < this.room) {
      const run = this.waiting.pop()!.begin(this.begun.size === 0)
      if (run !== undefined && !run.isOver) this.begun.add(run)
    }
    if (this.waiting.length === 0 || this.isGrowing) return
    this.isGrowing = true
    this.engine.timers.at(this.engine.now() + doubling, () => {
      this.isGrowing = false
      this.room *= 2
      this.fill()
    })
  }
}

/** When it was begun last, if it is one of them. */
export const suspectSince = (events: ReadonlyArray<EventRow>): number | undefined =>
  vainLives(events) >= mostVainLives - 1 ? lastBeginning(events)!.at : undefined

/** Whether it was begun again and again by processes that ended before it got anywhere, at last alone. */
export const isGuilty = (events: ReadonlyArray<EventRow>): boolean =>
  vainLives(events) >= mostVainLives && lastBeginning(events)!.data?.includes("alone") === true

const lastBeginning = (events: ReadonlyArray<EventRow>) => events.findLast(({ kind }) => kind === "activated")

/** What is written down when a process begins an execution. */
export const beginning = (epoch: number, isAlone: boolean): string =>
  isAlone ? JSON.stringify({ epoch, alone: true }) : String(epoch)

const vainLives = (events: ReadonlyArray<EventRow>): number => {
  let lives = 1
  for (const event of events) {
    const { kind } = event
    if (getsSomewhere(event)) lives = 1
    else if (kind === "released" || kind === "retried") lives = 0
    else if (kind === "activated") lives++
  }
  return events.at(-1)?.kind === "released" ? 0 : lives
}

/** What runs outside and comes back, whatever it answers, does not take the process down. */
const getsSomewhere = ({ data, kind }: EventRow): boolean =>
  told.has(kind) || returns.has(kind) || (kind === "unknown" && data?.includes('"crash":true') === false)
const returns = new Set(["retrying", "undone", "undo-retrying", "undo-unknown", "undo-stuck"])
