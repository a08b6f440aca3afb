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
import { Clock, Context, Effect, Random } from "effect"
import type * as WorkflowEngine from "effect/workflow/WorkflowEngine"
import type { StepDefinition } from "../../workflows/StepDefinition.ts"
import { Asking } from "./Asking.ts"
import { sentence } from "./attempts.ts"
import { Awaited } from "./Awaited.ts"
import { settleAll } from "./cancelling.ts"
import type { EngineOptions } from "./EngineOptions.ts"
import type { Registered } from "./Registered.ts"
import { Registry } from "./Registry.ts"
import { type JournalLost, TooLarge } from "./defects.ts"
import { goOnEnding } from "./ending.ts"
import type { Call } from "./Call.ts"
import { lose } from "./leaving.ts"
import { Recovery } from "./Recovery.ts"
import { parentFirst, parked } from "./resting.ts"
import { Run } from "./Run.ts"
import { stepMeant } from "./sameName.ts"
import { Story } from "./story.ts"
import type { EventRow, ExecutionRow, OwnershipLost, Store, StoreBroken } from "./Store.ts"
import { SteadyTime } from "./SteadyTime.ts"
import { isGuilty } from "./Suspects.ts"
import { Timers } from "./Timers.ts"
import { Turnover } from "./Turnover.ts"
import { blocked } from "./blocked.ts"
import type { Why } from "./views.ts"
import { unreadable } from "./unreadable.ts"
import { Writer } from "./Writer.ts"

export class Engine {
  readonly store: Store
  readonly context: Context.Context<never>
  readonly clock: Clock.Clock
  readonly time: SteadyTime
  readonly writer: Writer
  readonly timers: Timers
  readonly recovery: Recovery
  readonly asking: Asking
  readonly awaited: Awaited
  readonly options: EngineOptions
  readonly runs = new Turnover<string, Run>()
  readonly registry = new Registry()
  /** Effect's view of this engine; set when it has been made. */
  workflowEngine!: WorkflowEngine.WorkflowEngine["Service"]
  /** Nothing new begins: this process is leaving, or has lost the journal. */
  isClosed = false
  /** When what runs is not waited for any longer; set as soon as something closes. */
  leavesAt: number | undefined = undefined
  lostBecause: JournalLost | undefined = undefined
  /** Those who are leaving just now. */
  readonly leavers = new Set<() => void>()
  /** The last execution so far. */
  lastSeq: number
  private readonly random: Random.Random
  /** Hears that the journal was lost, and why. */
  onLost: (error: OwnershipLost | StoreBroken) => void = () => {}
  /** Hears of an execution that is new here: signals may be waiting for it. */
  onCreated: (run: Run) => void = () => {}
  /** Runs `then` when what people asked of an execution before has been carried out. */
  whenCarriedOut: (execution: string, then: () => void) => void = (_, then) => then()

  constructor(store: Store, context: Context.Context<never>, options: EngineOptions) {
    this.store = store
    this.context = context
    this.options = options
    this.clock = Context.get(context, Clock.Clock)
    this.random = Context.get(context, Random.Random)
    this.lastSeq = store.lastExecution
    this.time = new SteadyTime(this.clock)
    this.timers = new Timers(this.clock, this.time, context)
    this.writer = new Writer(store, context, {
      lost: (error) => lose(this, error),
      trouble: (reason, attempt) => {
        if (attempt === 3)
          this.asking.log(Effect.logWarning(`the journal cannot be written, executions wait: ${reason}`))
      }
    })
    this.asking = new Asking(this)
    this.awaited = new Awaited(this)
    this.recovery = new Recovery(this)
  }

  // ── What executions ask of it ────────────────────────────────────────────────────────────────────────────────────

  get namespace(): string {
    return this.store.namespace
  }
  get limit(): number {
    return this.options.limit
  }
  /** Whether an earlier process started it. */
  isOfBefore(row: ExecutionRow): boolean {
    return row.seq <= this.store.lastExecution
  }
  now(): number {
    return this.time.now()
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

  /** What a step is, also where its story does not run. */
  definition({ row }: Run, { definition, mark, step }: Call): StepDefinition | undefined {
    return definition ?? stepMeant(step, mark, row.workflow)
  }

  // ── Starting ─────────────────────────────────────────────────────────────────────────────────────────────────────

  create(registered: Registered, row: Omit<ExecutionRow, "seq" | "status" | "startedAt" | "changedAt">): Run {
    const now = this.now()
    const begun: ExecutionRow = { ...row, seq: ++this.lastSeq, status: "running", startedAt: now, changedAt: now }
    const run = new Run(this, registered, begun, [])
    this.runs.set(run.row.id, run)
    this.writer.touch(run)
    this.onCreated(run)
    this.startBody(run)
    return run
  }

  /** Brings an unfinished execution into memory, with its events; `retried` says that a person wants it tried again. */
  activate(row: ExecutionRow, recorded: ReadonlyArray<EventRow>, retried?: EventRow, isAlone = false): Run | undefined {
    const known = this.runs.get(row.id)
    if (known !== undefined || this.isClosed) return known
    const registered = this.registry.open(row.workflow)
    if (registered === undefined) return undefined
    const events = retried === undefined ? recorded : [...recorded, retried]
    const begun = this.recovery.begun(row, events, isAlone)
    const run = new Run(this, registered, row, begun === undefined ? events : [...events, begun])
    this.runs.set(row.id, run)
    // Who comes back in the same process has not taken it down.
    const isTheReason = begun !== undefined && isGuilty(events)
    const problem = isTheReason
      ? "it was begun three times in a row and each time the process ended before it got anywhere"
      : unreadable(row, events)
    if (problem !== undefined) {
      this.block(run, blocked(problem))
      return run
    }
    if (retried !== undefined) this.writer.write(run, retried)
    if (begun !== undefined) this.writer.write(run, begun)
    this.writer.afterCommit(run, () => this.begin(run))
    return run
  }

  private begin(run: Run): void {
    if (run.isOver) return
    const { hasNoBody, wasDecided } = run.replay
    if (!wasDecided && !hasNoBody) return this.startBody(run)
    // What is asked of it from now on comes too late to change its end.
    run.isDecided = wasDecided
    run.remember()
    if (wasDecided) goOnEnding(run)
    else settleAll(run)
  }

  private startBody(run: Run): void {
    const { execute, decodePayload } = run.registered
    const payload = this.readable(run, undefined, () => decodePayload(JSON.parse(run.row.payload)))
    if (payload === undefined) return
    const story = new Story(run, run.registered, this.workflowEngine)
    run.story = story
    run.scheduler.scheduleTask(() => story.start(Effect.suspend(() => execute(payload.value, run.row.id))))
    run.scheduler.run()
  }

  // ── Resting and ending ───────────────────────────────────────────────────────────────────────────────────────────

  /** Nothing is left to tell it: it has ended, or waits. */
  parked(run: Run): void {
    parked(this, run)
  }

  /** Its end is decided already: goes on with what is still to be taken back. */
  goOnEnding(run: Run): void {
    goOnEnding(run)
  }

  /** Before a child ends, its parent goes on. */
  parentFirst(run: Run, then: () => void): void {
    parentFirst(this, run, then)
  }

  /** Its end is written: once that is committed, everybody is told. */
  ended(run: Run): void {
    this.writer.afterCommit(run, () => {
      this.drop(run)
      this.awaited.tell(run.row)
    })
  }

  block(run: Run, why: Why): void {
    if (run.isOver) return
    run.setRow({ status: "blocked", why: JSON.stringify(why), wakeAt: null })
    run.leave()
    this.ended(run)
  }

  /** Its rows cannot be stored: it stays as it was written last, and is shown as blocked. */
  rejected(run: Run, reason: string): void {
    this.drop(run)
    const why = JSON.stringify(blocked(`the store does not take what it wrote: ${reason}`))
    const row: ExecutionRow = { ...run.row, status: "blocked", why }
    this.recovery.blockStored(row)
    this.awaited.tell(row)
  }

  drop(run: Run): void {
    run.leave()
    if (this.runs.get(run.row.id) === run) this.runs.delete(run.row.id)
    this.recovery.left(run)
  }
}
