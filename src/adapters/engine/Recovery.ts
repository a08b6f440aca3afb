/**
 * Coming back: executions that were unfinished when the process started, and those whose time has come.
 *
 * The special rule: a bounded number at once, so that memory stays bounded and new work is not kept waiting; and each
 * beginning is written down before anything of it runs, so that an execution that takes the process down is noticed.
 *
 * Not here: what a run does with its events (`Run.ts`).
 */
import type { Engine } from "./Engine.ts"
import type { Run } from "./Run.ts"
import { Sleepers } from "./Sleepers.ts"
import { ends, type EventRow, type ExecutionRow } from "./Store.ts"
import { beginning, Suspects, suspectSince } from "./Suspects.ts"

const page = 256

export class Recovery {
  readonly suspects: Suspects
  private readonly engine: Engine
  /** The last execution of earlier owners. */
  private readonly lastOfOthers: number
  /** By workflow whose layer was closed in this process, the last execution that it may have left unfinished. */
  private readonly leftAt = new Map<string, number>()
  private readonly queue: Array<string> = []
  private readonly queued = new Set<string>()
  private readonly inMemory = new Set<Run>()
  private readonly opening = new Map<string, Array<(run: Run | undefined, row: ExecutionRow | undefined) => void>>()
  private isScanning = false
  private scanAgain = false
  private readonly sleepers: Sleepers

  constructor(engine: Engine) {
    this.engine = engine
    this.suspects = new Suspects(engine)
    this.lastOfOthers = engine.store.lastExecution
    this.sleepers = new Sleepers(engine, this.queued, (id) => this.wake(id))
  }

  // ── At the start ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** A workflow has been registered: its unfinished executions go on. */
  scanSoon(): void {
    if (this.isScanning) {
      this.scanAgain = true
      return
    }
    this.isScanning = true
    setImmediate(() => this.scan(0))
  }

  /** The layer of a workflow is closed: what it leaves goes on when there is another one. */
  layerClosed(workflow: string): void {
    this.leftAt.set(workflow, this.engine.lastSeq)
    if (this.engine.registry.open(workflow) !== undefined) this.scanSoon()
  }

  private scan(after: number): void {
    const { engine } = this
    if (engine.isClosed) return
    if (this.queue.length >= page) {
      // Enough for now: the next page is read when these have been begun.
      engine.timers.at(engine.now() + 5, () => this.scan(after))
      return
    }
    engine.asking.ask(engine.store.unfinished(after, page), (rows) => {
      for (const { id, seq, workflow } of rows) {
        const isLeft = seq <= (this.leftAt.get(workflow) ?? this.lastOfOthers)
        if (isLeft && !engine.runs.has(id) && engine.registry.open(workflow) !== undefined) this.wake(id)
      }
      const last = rows.at(-1)
      if (last !== undefined && last.seq < Math.max(this.lastOfOthers, ...this.leftAt.values()))
        return this.scan(last.seq)
      this.isScanning = false
      this.sleepers.look()
      if (!this.scanAgain) return
      this.scanAgain = false
      this.scanSoon()
    })
  }

  // ── Waking ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Brings an execution back as soon as there is room. */
  wake(id: string): void {
    if (this.queued.has(id) || this.engine.runs.has(id)) return
    this.queued.add(id)
    this.queue.push(id)
    this.fill()
  }

  /** As `wake`, also one that has suspended itself: it is told again, from its beginning. */
  resume(id: string): void {
    const { runs, writer } = this.engine
    const run = runs.get(id)
    if (run?.story?.hasSuspended !== true) return this.wake(id)
    writer.afterCommit(run, () => {
      if (runs.get(id) === run && run.story?.hasSuspended === true) this.engine.drop(run)
      this.wake(id)
    })
  }

  private fill(): void {
    while (this.queue.length > 0 && this.inMemory.size + this.opening.size < this.engine.options.recovering) {
      const id = this.queue.shift()!
      this.queued.delete(id)
      if (this.engine.runs.has(id)) continue
      this.open(id, (run) => {
        if (run !== undefined && !run.isOver) this.inMemory.add(run)
        else queueMicrotask(() => this.fill())
      })
    }
    this.sleepers.more()
  }

  /** It has left memory: there is room for another, and what is just being read of it is old. */
  left(run: Run): void {
    this.engine.asking.left(run.row.id)
    this.suspects.cleared(run)
    this.makesRoom(run)
  }

  /** It stays, but only for others, who may need the room. */
  makesRoom(run: Run): void {
    if (this.inMemory.delete(run)) queueMicrotask(() => this.fill())
  }

  /** An execution in memory if it is unfinished, and its row. */
  open(id: string, then: (run: Run | undefined, row: ExecutionRow | undefined) => void): void {
    const { engine } = this
    const known = engine.runs.get(id)
    if (known !== undefined) return then(known, known.row)
    const others = this.opening.get(id)
    if (others !== undefined) return void others.push(then)
    const waiting = [then]
    this.opening.set(id, waiting)
    const opened = (run: Run | undefined, row: ExecutionRow | undefined) => {
      this.opening.delete(id)
      for (const each of waiting) each(run, row)
    }
    engine.asking.lookUp(id, (row) => {
      const now = engine.runs.get(id)
      if (now !== undefined) return opened(now, now.row)
      if (
        row === undefined ||
        ends.has(row.status) ||
        row.status === "blocked" ||
        engine.registry.open(row.workflow) === undefined
      ) {
        return opened(undefined, row)
      }
      engine.asking.ask(engine.store.events([row.seq]), (events) => {
        const begin = (isAlone = false): Run | undefined => {
          this.queued.delete(id)
          const run = engine.activate(row, events, undefined, isAlone)
          opened(run, row)
          return run
        }
        const begunAt = this.begun(row, events) === undefined ? undefined : suspectSince(events)
        if (begunAt === undefined) return void begin()
        this.queued.add(id)
        this.suspects.add({ seq: row.seq, begunAt, begin })
      })
    })
  }

  wakeLater(id: string, at: number): void {
    this.sleepers.wakeLater(id, at)
  }

  // ── Poison ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The event that says that this process begins the execution; none if it has said so already. */
  begun(row: ExecutionRow, events: ReadonlyArray<EventRow>, isAlone = false): EventRow | undefined {
    const { epoch } = this.engine.store
    if (row.seq > this.lastOfOthers) return undefined
    const last = events.findLast(({ kind }) => kind === "activated")
    if (last?.data === beginning(epoch, false) || last?.data === beginning(epoch, true)) return undefined
    const n = (events.at(-1)?.n ?? 0) + 1
    return {
      execution: row.seq,
      n,
      kind: "activated",
      subject: null,
      call: null,
      at: this.engine.now(),
      data: beginning(epoch, isAlone)
    }
  }

  /** An execution whose own rows are refused: only its state is written. */
  blockStored(row: ExecutionRow): void {
    const { engine } = this
    engine.asking.lookUp(row.id, (stored) => {
      if (stored === undefined || ends.has(stored.status)) return
      engine.writer.touch(new RowAuthor({ ...stored, status: "blocked", why: row.why, wakeAt: null }))
    })
  }

  /** What an execution rested for has come, and it cannot go on here: with the next commit it is found as unfinished. */
  findNext(row: ExecutionRow): void {
    if (row.status !== "suspended" && row.status !== "stuck") return
    const status = row.outcome === null ? "running" : "undoing"
    this.engine.writer.touch(new RowAuthor({ ...row, status, why: null, wakeAt: null, changedAt: this.engine.now() }))
  }
}

/** Writes the row of an execution that is not in memory. */
class RowAuthor {
  private row: ExecutionRow | undefined
  readonly seq: number
  constructor(row: ExecutionRow) {
    this.row = row
    this.seq = row.seq
  }
  takeRow(): ExecutionRow | undefined {
    const { row } = this
    this.row = undefined
    return row
  }
  rejected(): void {}
}
