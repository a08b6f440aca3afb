/**
 * One execution in memory: its story, and what it is told, one thing at a time, in an order that a replay keeps.
 *
 *   the story asks ──▶ written down ──▶ (commit) ──▶ a live call begins ──▶ arrives in the inbox
 *        ▲                                                                      │
 *        ╰── told, when the story has parked: numbered, written down ◀──────────╯
 *
 * The special rule: a replay is the same thing with the rows that are there already. What the story asks for must be the
 * next row, and what it is told is the next row; when they are used up, the calls that have no end yet go live.
 *
 * Not here: what a call does while it is live (`StepCall.ts` and its neighbours), how a story ends (`ending.ts`).
 */
import { Exit } from "effect"
import type { Engine } from "./Engine.ts"
import type { Registered } from "./Registered.ts"
import type { Call } from "./Call.ts"
import type { Asked } from "./History.ts"
import type { Arrival, LiveCall } from "./LiveCall.ts"
import { Replay } from "./Replay.ts"
import { RunRecord } from "./RunRecord.ts"
import { goesOn } from "./goingOn.ts"
import { ends, type EventRow, type ExecutionRow } from "./Store.ts"
import type { Story } from "./story.ts"
import { storyStops } from "./storyStops.ts"
import { StoryScheduler } from "./StoryScheduler.ts"
import type { UndoList } from "./undoing.ts"
import type { Why } from "./views.ts"

export class Run extends RunRecord {
  readonly registered: Registered
  readonly scheduler: StoryScheduler
  /** By call, who waits for it in the story. */
  readonly waiting = new Map<number, (row: EventRow) => void>()
  readonly live = new Map<number, LiveCall>()
  /** By name of a signal, who waits for it in the story. */
  readonly awaitedSignals = new Map<string, Set<() => void>>()
  /** How the body ended; `undefined` while it runs, or when there is none any more. */
  bodyExit: Exit.Exit<unknown, unknown> | undefined = undefined
  /** Its end is decided: nothing is told to a story any more. */
  isDecided = false
  isOver = false
  story: Story | undefined = undefined
  /** What is being taken back for the end that is decided. */
  undoing: UndoList | undefined = undefined
  /** Children whose end is being written down: it does not leave memory before it has been told. */
  endingChildren: Set<string> | undefined = undefined
  /** It is about to leave memory, if it still only waits then. */
  isLeaving = false
  /** Asks the story to end. */
  cancelStory: () => void = () => {}
  readonly replay: Replay
  /** Live calls that nobody waits for any more, until that is written. */
  private readonly unwanted = new Set<number>()
  private isLive = false
  private isLetGo = false
  private readonly inbox: Array<Arrival> = []
  private readonly onLive: Array<() => void> = []

  constructor(engine: Engine, registered: Registered, row: ExecutionRow, recorded: ReadonlyArray<EventRow>) {
    super(engine, row, recorded.length === 0)
    this.registered = registered
    this.replay = new Replay(this, recorded)
    this.scheduler = new StoryScheduler(() => this.tellNext())
  }

  protected override writes(kind: string): void {
    if (kind !== "released") goesOn(this)
  }

  protected override wrote(row: EventRow): void {
    this.engine.recovery.suspects.wrote(this, row)
  }

  override rejected(reason: string): void {
    this.engine.rejected(this, reason)
  }

  /** Nothing new of it begins: the journal or the layer of its workflow is being closed. */
  get isClosing(): boolean {
    return this.engine.isClosed || this.registered.isClosed
  }

  // ── Asking ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The story asks for something; `live` says what is done about it outside. */
  ask(
    kind: Asked,
    subject: string,
    data: string | null,
    live: (call: Call) => LiveCall | undefined,
    details?: object
  ): Call {
    // While a process leaves, what is asked for has its place in the order; it begins in the next life.
    if (this.isOver || this.isDecided || this.isLetGo) throw storyStops
    const again = this.replay.askedAgain(kind, subject, data)
    if (again !== undefined) {
      const call = this.history.calls.get(again.n)!
      const open = live(call)
      if (open !== undefined) this.replay.open.set(call.n, open)
      return call
    }
    const row = this.append(kind, subject, null, data, details)
    const call = this.history.calls.get(row.n)!
    const begun = live(call)
    if (begun !== undefined) {
      this.live.set(call.n, begun)
      this.engine.writer.afterCommit(this, () => {
        if (this.isOver || this.live.get(call.n) !== begun) return
        if (this.unwanted.delete(call.n)) begun.cancel()
        begun.begin()
      })
    }
    return call
  }

  /** Somebody in the story does not wait for `call` any more; `ended` hears when it has come to its end all the same. */
  stopsWaiting(call: Call, ended: () => void): void {
    if (call.endedBy > 0) return ended()
    this.waiting.set(call.n, ended)
    const live = this.live.get(call.n)
    if (live === undefined) return void this.replay.cancelled.add(call.n)
    // Where it has not begun, it does not begin any more.
    this.unwanted.add(call.n)
    this.engine.writer.afterCommit(this, () => {
      this.unwanted.delete(call.n)
      if (this.live.get(call.n) === live) live.cancel()
    })
  }

  /** What a live call waited for is of no interest any more: it ends without being told. */
  forget(call: Call): void {
    this.waiting.delete(call.n)
    this.replay.open.delete(call.n)
    this.live.get(call.n)?.leave()
    this.live.delete(call.n)
  }

  // ── Telling ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Something has happened that the story is to be told. */
  arrive(arrival: Arrival): void {
    if (this.isOver || this.isDecided) return arrival.told?.(false)
    this.inbox.push(arrival)
    this.scheduler.run()
  }

  /** Called when the story has parked. Answers whether it was told anything. */
  private tellNext(): boolean {
    if (this.isOver || this.isDecided || this.isLetGo) return false
    const { next } = this.replay
    if (next !== undefined) {
      if (this.replay.isAhead) {
        this.replay.awaitAsking()
        return false
      }
      this.deliver(this.replay.take(next))
      return true
    }
    if (!this.isLive) this.goLive()
    const arrival = this.inbox.shift()
    if (arrival === undefined) {
      this.engine.parked(this)
      // Something may have come to its end because of that.
      return this.inbox.length > 0
    }
    const isStale = arrival.call !== null && this.history.calls.get(arrival.call)!.endedBy > 0
    if (isStale || (arrival.kind === "signal" && this.history.signals.has(arrival.subject!))) {
      arrival.told?.(false)
      return true
    }
    const row = this.append(arrival.kind, arrival.subject, arrival.call, arrival.data)
    const { told } = arrival
    if (told !== undefined) {
      const refused = () => told(false)
      this.engine.writer.afterCommit(this, () => told(true), refused)
    }
    this.deliver(row)
    return true
  }

  private deliver(row: EventRow): void {
    if (row.call !== null) {
      this.live.delete(row.call)
      this.replay.open.delete(row.call)
      const waiter = this.waiting.get(row.call)
      this.waiting.delete(row.call)
      waiter?.(row)
    } else if (row.kind === "signal") this.tellSignal(row.subject!)
    else if (row.kind === "cancel") this.cancelStory()
  }

  /** The signal is known now: those who wait for it go on. */
  tellSignal(name: string): void {
    const waiters = this.awaitedSignals.get(name)
    this.awaitedSignals.delete(name)
    for (const waiter of waiters ?? []) waiter()
  }

  /** The rows are used up: what has no end yet goes on from where it was. */
  private goLive(): void {
    this.isLive = true
    const { cancelled } = this.replay
    const open = [...this.replay.open]
    this.replay.open.clear()
    for (const [n, live] of open) this.live.set(n, live)
    for (const [n, live] of open) {
      if (this.isOver) return
      live.resume()
      if (cancelled.has(n)) live.cancel()
    }
    cancelled.clear()
    for (const then of this.onLive.splice(0)) then()
  }

  /** Runs `then` when everything recorded has been told again. */
  whenLive(then: () => void): void {
    if (this.isLive || this.isOver) then()
    else this.onLive.push(then)
  }

  /** Remembers everything at once, for an execution whose story does not run any more. */
  remember(): void {
    this.replay.remember()
    this.goLive()
  }

  /** It has no body to wait for: it ends, as cancelled, when nothing of it is live. */
  endWithoutBody(): void {
    this.bodyExit = Exit.interrupt()
    this.scheduler.scheduleTask(() => {})
  }

  // ── Resting ──────────────────────────────────────────────────────────────────────────────────────────────────────

  get isQuiet(): boolean {
    return this.scheduler.isIdle && this.inbox.length === 0
  }

  /** Cannot go on as it is. */
  block(why: Why): never {
    this.engine.block(this, why)
    throw storyStops
  }

  /** It is let go in good order: that is written behind all that is recorded, also where that has not been told again. */
  release(): void {
    if (!this.isLive) this.replay.remember()
    this.isLetGo = true
    this.note("released", null, undefined)
  }

  /** It leaves memory; what it has written stays. */
  leave(): void {
    if (this.isOver) return
    this.isOver = true
    this.replay.leave()
    this.undoing?.leave()
    for (const then of this.onLive.splice(0)) then()
    for (const live of this.live.values()) live.leave()
    for (const { told } of this.inbox.splice(0)) told?.(false)
  }

  get hasEnded(): boolean {
    return ends.has(this.row.status)
  }
}
