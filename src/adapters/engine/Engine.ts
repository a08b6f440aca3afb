/**
 * The engine: the executions that are in memory, and what happens to one from its start to its end.
 *
 *   start ─▶ looked up ─┬─ new ─▶ written, runs ─▶ ended, written, told
 *                       ├─ in memory: joined         ▲   │ all of it waits
 *                       ├─ unfinished: waited for ───╯◀──╯ leaves memory, and comes back
 *                       ╰─ ended: told
 *
 * The special rule: what is told to a caller has been committed; a finished execution is looked up, never run again.
 *
 * Not here: one execution (`Run.ts`, `story.ts`), coming back (`Recovery.ts`), requests (`requests.ts`), and Effect's
 * interface to all of it (`workflowEngine.ts`).
 */
import { Clock, Context, Effect, Exit, Random } from "effect"
import type * as Workflow from "effect/workflow/Workflow"
import type * as WorkflowEngine from "effect/workflow/WorkflowEngine"
import { stepsNamed } from "../../workflows/stepsNamed.ts"
import type { StepDefinition } from "../../workflows/StepDefinition.ts"
import { sentence } from "./attempts.ts"
import type { Codecs } from "./codecs.ts"
import { JournalLost, TooLarge } from "./defects.ts"
import { decide, goOnEnding, restWhileUndoing, whyStuck } from "./ending.ts"
import type { Call } from "./History.ts"
import { Recovery } from "./Recovery.ts"
import { Run, storyStops } from "./Run.ts"
import { Story } from "./story.ts"
import { ends, type EventRow, type ExecutionRow, type OwnershipLost, type Store, type StoreBroken, StoreUnavailable } from "./Store.ts"
import { Timers } from "./Timers.ts"
import { undoChild } from "./undoChild.ts"
import type { Why } from "./views.ts"
import { Writer } from "./Writer.ts"

/** A workflow that has a layer here. */
export interface Registered extends Codecs {
  readonly workflow: Workflow.Any
  readonly execute: (payload: object, id: string) => Effect.Effect<unknown, unknown, any>
  /** What its steps and undos run with: the services of its layer. */
  readonly services: Context.Context<never>
  readonly steps: Map<string, StepDefinition>
}

export interface EngineOptions {
  /** The largest payload, input or result, in characters. */
  readonly limit: number
  /** How many executions that were found unfinished are in memory at once. */
  readonly recovering: number
  /** How long an execution that only waits stays in memory, in milliseconds. */
  readonly lingering: number
}

export class Engine {
  readonly store: Store
  readonly context: Context.Context<never>
  readonly clock: Clock.Clock
  readonly writer: Writer
  readonly timers: Timers
  readonly recovery: Recovery
  readonly options: EngineOptions
  readonly runs = new Map<string, Run>()
  readonly registry = new Map<string, Registered>()
  /** Effect's view of this engine; set when it has been made. */
  workflowEngine!: WorkflowEngine.WorkflowEngine["Service"]
  /** Nothing new begins: this process is leaving, or has lost the journal. */
  isClosed = false
  /** How many steps, undos, looks and activities run just now. */
  runningOutside = 0
  lostBecause: JournalLost | undefined = undefined
  private lastSeq: number
  private readonly awaited = new Map<string, Set<(row: ExecutionRow) => void>>()
  private readonly random: Random.Random
  /** Hears that the journal was lost. */
  onLost: (error: JournalLost) => void = () => {}
  /** Hears of an execution that is new here: signals may be waiting for it. */
  onCreated: (run: Run) => void = () => {}

  constructor(store: Store, context: Context.Context<never>, options: EngineOptions) {
    this.store = store
    this.context = context
    this.options = options
    this.clock = Context.get(context, Clock.Clock)
    this.random = Context.get(context, Random.Random)
    this.lastSeq = store.lastExecution
    this.timers = new Timers(this.clock, context)
    this.writer = new Writer(store, context, {
      lost: (error) => this.lost(error),
      trouble: (reason, attempt) => {
        if (attempt === 3) this.log(Effect.logWarning(`the journal cannot be written, executions wait: ${reason}`))
      }
    })
    this.recovery = new Recovery(this)
  }

  // ── What executions ask of it ────────────────────────────────────────────────────────────────────────────────────

  get namespace(): string {
    return this.store.namespace
  }
  get looksFirst(): boolean {
    return this.store.isCopy
  }
  get limit(): number {
    return this.options.limit
  }
  /** Whether an earlier process started it. */
  isOfBefore(row: ExecutionRow): boolean {
    return row.seq <= this.store.lastExecution
  }
  now(): number {
    return this.clock.currentTimeMillisUnsafe()
  }
  chance(): number {
    return this.random.nextDoubleUnsafe()
  }

  /** Whether the other side still remembers a key. A clock that went back makes keys older, never younger. */
  remembers(usedAt: number, lifetime: number, lastAt: number): boolean {
    const now = this.now()
    return now >= lastAt - 1000 && now - usedAt < lifetime
  }

  fitting(json: string, what: string): string {
    if (json.length <= this.limit) return json
    throw new TooLarge({ what, characters: json.length, limit: this.limit })
  }

  /** Reads something recorded; what cannot be read blocks the execution. */
  readable<A>(run: Run, call: Call | undefined, read: () => A): { readonly value: A } | undefined {
    try {
      return { value: read() }
    } catch (problem) {
      const what = call === undefined ? "its payload" : `${call.kind} "${call.subject}" (event ${call.n})`
      this.block(run, blocked(`what is recorded of ${what} cannot be read: ${sentence(problem)}`))
      return undefined
    }
  }

  definition(run: Run, step: string): StepDefinition | undefined {
    const own = run.registered?.steps.get(step)
    if (own !== undefined) return own
    const known = stepsNamed(step)
    return known.length === 1 ? known[0] : undefined
  }

  // ── Starting ─────────────────────────────────────────────────────────────────────────────────────────────────────

  create(registered: Registered, row: Omit<ExecutionRow, "seq" | "status" | "startedAt" | "changedAt">): Run {
    const now = this.now()
    const run = new Run(this, registered, { ...row, seq: ++this.lastSeq, status: "running", startedAt: now, changedAt: now }, [])
    this.runs.set(run.row.id, run)
    this.writer.touch(run)
    this.onCreated(run)
    this.startBody(run)
    return run
  }

  /** Brings an unfinished execution into memory, with its events. */
  activate(row: ExecutionRow, events: ReadonlyArray<EventRow>): Run | undefined {
    const known = this.runs.get(row.id)
    if (known !== undefined || this.isClosed) return known
    const registered = this.registry.get(row.workflow)
    if (registered === undefined) return undefined
    const begun = this.recovery.begun(row, events)
    const run = new Run(this, registered, row, begun === undefined ? events : [...events, begun])
    this.runs.set(row.id, run)
    if (this.recovery.isPoison(events)) {
      const why = blocked("it was begun three times in a row and each time the process ended before it got anywhere")
      this.block(run, why)
      return run
    }
    if (begun === undefined) this.begin(run)
    else {
      this.writer.write(run, begun)
      this.writer.afterCommit(run, () => this.begin(run))
    }
    return run
  }

  private begin(run: Run): void {
    if (run.isOver) return
    if (!run.wasDecided) return this.startBody(run)
    run.remember()
    goOnEnding(run)
  }

  private startBody(run: Run): void {
    const { execute, decodePayload } = run.registered!
    const payload = this.readable(run, undefined, () => decodePayload(JSON.parse(run.row.payload)))
    if (payload === undefined) return
    const story = new Story(run, run.registered!, this.workflowEngine)
    run.story = story
    run.scheduler.scheduleTask(() => story.start(Effect.suspend(() => execute(payload.value, run.row.id))))
    run.scheduler.run()
  }

  // ── Resting and ending ───────────────────────────────────────────────────────────────────────────────────────────

  /** Nothing is left to tell it: it has ended, or waits. */
  parked(run: Run): void {
    if (run.isOver || !run.isQuiet) return
    if (run.isDecided) return this.rests(run, run.undoing && restWhileUndoing(run.undoing, this.now()))
    if (run.bodyExit !== undefined) {
      if (run.blockingCalls(Exit.isSuccess(run.bodyExit) && run.history.cancelledAt === null) === 0) return decide(run, run.bodyExit)
    }
    this.rests(run, run.rest)
  }

  private rests(run: Run, rest: Run["rest"]): void {
    if (rest === undefined) return
    if (rest.status === "stuck") {
      this.writeRest(run, rest)
      this.writer.afterCommit(run, () => {
        if (!run.isOver && run.row.status === "stuck") this.tell(run.row)
      })
    }
    if (run.isLeaving) return
    run.isLeaving = true
    this.timers.at(this.now() + this.options.lingering, () => {
      run.isLeaving = false
      this.evict(run)
    })
  }

  private evict(run: Run): void {
    if (run.isOver || !run.isQuiet || this.isClosed) return
    const rest = run.isDecided ? run.undoing && restWhileUndoing(run.undoing, this.now()) : run.rest
    if (rest === undefined) return
    this.writeRest(run, rest)
    this.writer.afterCommit(run, () => {
      if (run.isOver || !run.isQuiet || this.writer.isPending(run)) return
      this.drop(run)
      if (run.row.wakeAt !== null) this.recovery.wakeLater(run.row.id, run.row.wakeAt)
    })
  }

  private writeRest(run: Run, rest: NonNullable<Run["rest"]>): void {
    const why = rest.status === "stuck" ? JSON.stringify(whyStuck(run.callsForPerson)) : run.isDecided ? run.row.why : null
    if (run.row.status === rest.status && run.row.wakeAt === rest.wakeAt && run.row.why === why) return
    run.setRow({ ...rest, why })
  }

  /** Its end is written: once that is committed, everybody is told. */
  ended(run: Run): void {
    this.writer.afterCommit(run, () => {
      this.drop(run)
      this.tell(run.row)
    })
  }

  block(run: Run, why: Why): void {
    if (run.isOver) return
    run.setRow({ status: "blocked", why: JSON.stringify(why), wakeAt: null })
    run.leave()
    this.writer.afterCommit(run, () => {
      this.drop(run)
      this.tell(run.row)
    })
  }

  /** Its rows cannot be stored: it stays as it was written last, and is shown as blocked. */
  rejected(run: Run, reason: string): void {
    run.leave()
    this.drop(run)
    const row: ExecutionRow = { ...run.row, status: "blocked", why: JSON.stringify(blocked(`the store does not take what it wrote: ${reason}`)) }
    this.recovery.blockStored(row)
    this.tell(row)
  }

  drop(run: Run): void {
    run.leave()
    if (this.runs.get(run.row.id) === run) this.runs.delete(run.row.id)
    this.recovery.left(run)
  }

  undoChild = undoChild

  // ── Those who wait ───────────────────────────────────────────────────────────────────────────────────────────────

  /** Calls back, once, when the execution has ended or cannot go on by itself. */
  onRest(id: string, told: (row: ExecutionRow) => void): () => void {
    const waiting = this.awaited.get(id) ?? new Set()
    this.awaited.set(id, waiting)
    waiting.add(told)
    return () => {
      waiting.delete(told)
      if (waiting.size === 0 && this.awaited.get(id) === waiting) this.awaited.delete(id)
    }
  }

  /** Calls back with its outcome when the execution has ended, now or later. */
  onEnd(id: string, ended: (outcome: string) => void): () => void {
    let off = () => {}
    const wait = () => {
      off = this.onRest(id, (row) => (ends.has(row.status) ? ended(row.outcome!) : wait()))
    }
    wait()
    this.lookUp(id, (row) => {
      if (row === undefined || !ends.has(row.status) || this.runs.has(id)) return
      off()
      ended(row.outcome!)
    })
    return () => off()
  }

  tell(row: ExecutionRow): void {
    const waiting = this.awaited.get(row.id)
    this.awaited.delete(row.id)
    for (const told of waiting ?? []) told(row)
  }

  get awaitedCount(): number {
    return this.awaited.size
  }

  /** What is stored of an execution. A store that cannot answer is asked again. */
  lookUp(id: string, found: (row: ExecutionRow | undefined) => void): void {
    this.outside(this.patiently(this.store.find([id])), (rows) => found(rows[0]))
  }

  /** Runs something of the engine's own; what it cannot do is told to the log. */
  outside<A, E>(effect: Effect.Effect<A, E>, then: (value: A) => void): void {
    const ended = (exit: Exit.Exit<A, E>) => {
      if (this.isClosed && this.lostBecause !== undefined) return
      if (Exit.isSuccess(exit)) return then(exit.value)
      this.log(Effect.logError("the journal could not be asked", exit.cause))
    }
    const fiber = Effect.runForkWith(this.context)(effect)
    const exit = fiber.pollUnsafe()
    if (exit === undefined) fiber.addObserver(ended)
    else ended(exit)
  }

  patiently<A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, Exclude<E, StoreUnavailable>> {
    const again = (attempt: number): Effect.Effect<A, Exclude<E, StoreUnavailable>> =>
      Effect.catch(effect, (error) =>
        error instanceof StoreUnavailable && !this.isClosed
          ? Effect.andThen(Effect.sleep(Math.min(10 * 2 ** attempt, 1000)), Effect.suspend(() => again(attempt + 1)))
          : Effect.fail(error as Exclude<E, StoreUnavailable>) // sound: it is none of those, or nobody asks any more
      )
    return again(0)
  }

  log(message: Effect.Effect<void>): void {
    Effect.runForkWith(this.context)(message)
  }

  /** Nothing new begins; what runs may come to its record; then everything is left as it is written. */
  leave(grace: number, left: () => void): void {
    this.isClosed = true
    const until = this.now() + grace
    const done = () => {
      for (const run of this.runs.values()) if (!run.hasEnded && this.recovery.isCounted(run)) run.note("released", null, undefined)
      this.writer.whenIdle(() => {
        for (const run of this.runs.values()) run.leave()
        this.runs.clear()
        this.timers.close()
        this.writer.close()
        left()
      })
    }
    const wait = () => {
      if (this.runningOutside === 0 || this.now() >= until) return done()
      this.timers.at(this.now() + 20, wait)
    }
    wait()
  }

  private lost(error: OwnershipLost | StoreBroken): void {
    this.isClosed = true
    this.lostBecause = new JournalLost({ reason: error.message })
    for (const run of this.runs.values()) run.leave()
    this.runs.clear()
    this.timers.close()
    this.onLost(this.lostBecause)
  }
}

export const blocked = (message: string): Why => ({ because: "blocked", message, failures: [], steps: [] })
export { storyStops }
