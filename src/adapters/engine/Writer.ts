/**
 * Group commit: everything that all executions wrote in one turn is committed at once.
 *
 *   write ─▶ open batch ─▶ (one at a time) commit ─▶ what waited for it runs
 *
 * The special rule: commit before output. Whoever wants something to leave the process hands it to `afterCommit`, and it
 * runs when everything that was written before has been committed. Whose rows are refused by the store hears of it alone.
 *
 * Not here: what is written, and what leaves (`Run.ts`).
 */
import { Effect, Exit } from "effect"
import type { Context, Fiber } from "effect"
import { guarded } from "./guarded.ts"
import {
  StoreBroken,
  type EventRow,
  type ExecutionRow,
  type OwnershipLost,
  type Rejected,
  type Store
} from "./Store.ts"

/** Whoever writes: an execution in memory. */
export interface Author {
  readonly seq: number
  /** Its row as it is now, if that is to be written with this batch. */
  takeRow(): ExecutionRow | undefined
  /** Its rows cannot be stored; the reason. */
  rejected(reason: string): void
}

interface Entry {
  readonly events: Array<EventRow>
  readonly after: Array<() => void>
  /** What runs instead when the store does not take it. */
  refused: Array<(reason: string) => void> | undefined
}

class OpenBatch {
  readonly entries = new Map<Author, Entry>()
  readonly after: Array<() => void> = []
  entryOf(author: Author): Entry {
    let entry = this.entries.get(author)
    if (entry === undefined) this.entries.set(author, (entry = { events: [], after: [], refused: undefined }))
    return entry
  }
}

export class Writer {
  private readonly store: Store
  private readonly context: Context.Context<never>
  /** No promise can be kept any more: somebody else owns the journal, or it is damaged. */
  private readonly lost: (error: OwnershipLost | StoreBroken) => void
  private readonly trouble: (reason: string, attempt: number) => void
  private open = new OpenBatch()
  private inFlight: OpenBatch | undefined = undefined
  private isScheduled = false
  private isOver = false
  private nextBatch = 1
  private idle: Array<() => void> = []

  constructor(
    store: Store,
    context: Context.Context<never>,
    on: {
      readonly lost: (error: OwnershipLost | StoreBroken) => void
      readonly trouble: (reason: string, attempt: number) => void
    }
  ) {
    this.store = store
    this.context = context
    this.lost = on.lost
    this.trouble = on.trouble
  }

  write(author: Author, event: EventRow): void {
    if (this.isOver) return
    this.open.entryOf(author).events.push(event)
    this.schedule()
  }

  /** The author's row has changed. */
  touch(author: Author): void {
    if (this.isOver) return
    this.open.entryOf(author)
    this.schedule()
  }

  /**
   * Runs `then` when everything that `author` wrote so far has been committed: now, if it has. Where the store does not
   * take it, `refused` runs instead.
   */
  afterCommit(author: Author, then: () => void, refused?: (reason: string) => void): void {
    if (this.isOver) return
    const entry = this.open.entries.get(author) ?? this.inFlight?.entries.get(author)
    if (entry === undefined) return then()
    entry.after.push(then)
    if (refused === undefined) return
    if (entry.refused === undefined) entry.refused = [refused]
    else entry.refused.push(refused)
  }

  isPending(author: Author): boolean {
    return this.open.entries.has(author) || this.inFlight?.entries.has(author) === true
  }

  /** The store does not take what it wrote: what it wrote after that has no place in the journal either. */
  private refuse(author: Author, entry: Entry, reason: string): void {
    const later = this.open.entries.get(author)
    this.open.entries.delete(author)
    author.rejected(reason)
    for (const refused of [...(entry.refused ?? []), ...(later?.refused ?? [])]) guarded(() => refused(reason))
  }

  /** Calls back when nothing is left to write, or nothing can be written any more. */
  whenIdle(then: () => void): void {
    if (this.isOver || (this.open.entries.size === 0 && this.inFlight === undefined)) then()
    else this.idle.push(then)
  }

  close(): void {
    this.isOver = true
    for (const then of this.idle.splice(0)) then()
  }

  private schedule(): void {
    if (this.isScheduled || this.inFlight !== undefined) return
    this.isScheduled = true
    setImmediate(this.flush)
  }

  private readonly flush = (): void => {
    this.isScheduled = false
    if (this.isOver || this.inFlight !== undefined) return
    const batch = this.open
    if (batch.entries.size === 0) return this.tellIdle()
    this.open = new OpenBatch()
    this.inFlight = batch
    const executions: Array<ExecutionRow> = []
    const events: Array<EventRow> = []
    for (const [author, entry] of batch.entries) {
      const row = author.takeRow()
      if (row !== undefined) executions.push(row)
      for (const event of entry.events) events.push(event)
    }
    const id = this.nextBatch++
    const fiber = Effect.runForkWith(this.context)(
      commitSurely(this.store, { id, executions, events }, this.trouble, () => this.isOver)
    )
    const exit = fiber.pollUnsafe()
    if (exit !== undefined) this.committed(batch, exit)
    else fiber.addObserver((exit) => this.committed(batch, exit))
  }

  private committed(batch: OpenBatch, exit: Exit.Exit<Rejected, OwnershipLost | StoreBroken>): void {
    this.inFlight = undefined
    if (this.isOver) return
    if (Exit.isFailure(exit)) {
      const reason = exit.cause.reasons[0]
      const error = reason?._tag === "Fail" ? reason.error : new StoreBroken({ reason: String(exit.cause) })
      this.close()
      this.lost(error)
      return
    }
    const rejected = exit.value
    for (const [author, entry] of batch.entries) {
      const reason = rejected.get(author.seq)
      if (reason !== undefined) this.refuse(author, entry, reason)
      else for (const then of entry.after) guarded(then)
    }
    if (this.open.entries.size > 0) this.schedule()
    else this.tellIdle()
  }

  private tellIdle(): void {
    for (const then of this.idle.splice(0)) then()
  }
}

/** Commits, however often it takes while the journal is open; an answer that got lost is asked for. */
const commitSurely = (
  store: Store,
  batch: Parameters<Store["commit"]>[0],
  trouble: (reason: string, attempt: number) => void,
  isOver: () => boolean
): Effect.Effect<Rejected, OwnershipLost | StoreBroken> => {
  const again = (attempt: number, reason: string): Effect.Effect<Rejected, OwnershipLost | StoreBroken> =>
    Effect.suspend(() => {
      // Nobody waits for it any more: whoever opens the journal next goes on from what is written.
      if (isOver()) return Effect.fail(new StoreBroken({ reason: "the journal was left" }))
      trouble(reason, attempt)
      return Effect.andThen(Effect.sleep(Math.min(10 * 2 ** attempt, 1000)), commit(attempt + 1))
    })
  const commit = (attempt: number): Effect.Effect<Rejected, OwnershipLost | StoreBroken> =>
    Effect.catch(store.commit(batch), (error) =>
      error._tag === "StoreUnavailable"
        ? again(attempt, error.reason)
        : error._tag === "CommitUncertain"
          ? verify(attempt, error.reason)
          : Effect.fail(error)
    )
  const verify = (attempt: number, reason: string): Effect.Effect<Rejected, OwnershipLost | StoreBroken> =>
    store.lastBatch.pipe(
      Effect.matchEffect({
        onSuccess: (last) => (last >= batch.id ? Effect.succeed<Rejected>(new Map()) : again(attempt, reason)),
        onFailure: (error) =>
          error._tag === "StoreUnavailable"
            ? Effect.andThen(
                Effect.suspend(() => {
                  trouble(error.reason, attempt)
                  return Effect.sleep(Math.min(10 * 2 ** attempt, 1000))
                }),
                Effect.suspend(() => verify(attempt + 1, reason))
              )
            : Effect.fail(error)
      })
    )
  return commit(0)
}

export type WriterFiber = Fiber.Fiber<Rejected, OwnershipLost | StoreBroken>
