/**
 * Where a journal is kept: what the engine asks of a store, and the rows it keeps there.
 *
 * The special rule: `commit` is one transaction, under the epoch of its owner. All of it is there afterwards, or none of
 * it; a row that cannot be stored takes only its own execution with it.
 *
 * Not here: what the rows mean (`Event.ts`, `History.ts`), and who keeps them (`stores/`).
 */
import { Data } from "effect"
import type { Effect, Option, Scope } from "effect"

/** How far an execution is. The last four are ends; the ones before need time, or a person. */
export type Status =
  | "running"
  /** All of it waits for something outside: a timer, a signal, a child. It need not be in memory. */
  | "suspended"
  /** Its end is decided, and what is to be taken back is being taken back. */
  | "undoing"
  /** A person has to see to a step. */
  | "stuck"
  /** It cannot go on as it is: another program, an unreadable record, poison. */
  | "blocked"
  | "completed"
  | "refused"
  | "failed"
  | "cancelled"

export const ends: ReadonlySet<Status> = new Set<Status>(["completed", "refused", "failed", "cancelled"])

/**
 * One execution, as it is now. What it began with (id, workflow, name, payload, digest, parent, startedAt) never changes,
 * so a store need not write that again. Times are milliseconds since 1970; JSON is text.
 */
export interface ExecutionRow {
  /** Its number in this journal, from 1. The owner gives it out. */
  readonly seq: number
  readonly id: string
  readonly workflow: string
  /** What people call it: the idempotency key of the workflow, such as the id of an order. */
  readonly name: string
  readonly payload: string
  /** sha256 of the payload, in hex. */
  readonly digest: string
  readonly status: Status
  /** What it ends with, once that is decided: the encoded exit, JSON. */
  readonly outcome: string | null
  /** Why it failed, is stuck or blocked: one record, JSON. */
  readonly why: string | null
  /** The id of the execution that started it as its child. */
  readonly parent: string | null
  readonly startedAt: number
  readonly changedAt: number
  readonly endedAt: number | null
  /** When one that waits (suspended, stuck, between two attempts of an undo) is to be woken, if at a time. */
  readonly wakeAt: number | null
  /** When it was removed. What is left then is its tombstone: no payload, no events. */
  readonly removedAt: number | null
}

/** One thing that happened in an execution. Written once, never changed. */
export interface EventRow {
  /** The `seq` of the execution. */
  readonly execution: number
  /** Its place in the execution, from 1, without gaps. */
  readonly n: number
  readonly kind: string
  /** The step, timer, signal or child it is about, for people and for the replay. */
  readonly subject: string | null
  /** The `n` of the event that began what this one continues. */
  readonly call: number | null
  readonly at: number
  /** JSON. */
  readonly data: string | null
}

export interface Batch {
  /** Rises with each batch of an owner. */
  readonly id: number
  /** At most one row for each execution. */
  readonly executions: ReadonlyArray<ExecutionRow>
  /** In order of `n` within each execution. */
  readonly events: ReadonlyArray<EventRow>
}

/** What a commit came to: executions (by `seq`) whose rows could not be stored, each with the reason. None of their rows is. */
export type Rejected = ReadonlyMap<number, string>

/** The store cannot be reached or is busy or full. Nothing was committed; later it may work. */
export class StoreUnavailable extends Data.TaggedError("StoreUnavailable")<{ readonly reason: string }> {
  override get message() {
    return `the journal cannot be written just now: ${this.reason}`
  }
}

/** The answer of a commit was lost: it may have been committed. `lastBatch` tells. */
export class CommitUncertain extends Data.TaggedError("CommitUncertain")<{ readonly reason: string }> {
  override get message() {
    return `nobody knows whether the journal was written: ${this.reason}`
  }
}

/** Somebody else owns the journal now. This owner must not write any more, and does not. */
export class OwnershipLost extends Data.TaggedError("OwnershipLost")<{ readonly by: string }> {
  override get message() {
    return `the journal is owned by somebody else now: ${this.by}`
  }
}

/** The store is damaged or its device failed: no promise holds any more, and the process must end. */
export class StoreBroken extends Data.TaggedError("StoreBroken")<{ readonly reason: string }> {
  override get message() {
    return `the journal is damaged: ${this.reason}`
  }
}

/** A journal that cannot be opened, and what to do about it. */
export class JournalUnusable extends Data.TaggedError("JournalUnusable")<{
  readonly journal: string
  readonly because:
    | "Owned" // by another process
    | "Newer" // written by a newer program
    | "Damaged"
    | "ReadOnly"
    | "Unreachable"
    | "Missing"
    | "NotAJournal"
    | "Pooled" // behind a proxy that shares sessions between transactions
  /** A sentence: what is wrong. */
  readonly reason: string
  /** A sentence: what to do. */
  readonly remedy: string
}> {
  override get message() {
    return `${this.journal}: ${this.reason}. ${this.remedy}`
  }
}

export type StoreError = StoreUnavailable | OwnershipLost | StoreBroken

/** What anybody may read, whether or not somebody owns the journal. */
export interface Reader {
  /** Rows by execution id; tombstones as well. Ids that are not there are left out. */
  readonly find: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<ExecutionRow>, StoreError>
  /** Rows by the name people use. */
  readonly findNamed: (name: string) => Effect.Effect<ReadonlyArray<ExecutionRow>, StoreError>
  /** All events of these executions, in order of (execution, n). */
  readonly events: (seqs: ReadonlyArray<number>) => Effect.Effect<ReadonlyArray<EventRow>, StoreError>
  /** A page of executions by `seq`, newest first, without tombstones. */
  readonly list: (filter: ListFilter) => Effect.Effect<ReadonlyArray<ExecutionRow>, StoreError>
  /** How many executions there are in each status. */
  readonly counts: Effect.Effect<ReadonlyMap<Status, number>, StoreError>
}

export interface ListFilter {
  readonly workflow?: string | undefined
  readonly status?: ReadonlyArray<Status> | undefined
  /** Started at or after, in milliseconds. */
  readonly from?: number | undefined
  /** Started before, in milliseconds. */
  readonly until?: number | undefined
  /** Only those with a smaller `seq`: the last of the page before. */
  readonly before?: number | undefined
  readonly limit: number
}

/** A store whose owner is this process. */
export interface Store extends Reader {
  readonly kind: "memory" | "sqlite" | "postgres"
  /** What people call it: a path, or a URL without its password. */
  readonly name: string
  /** Rises with each owner. */
  readonly epoch: number
  /** Part of every key: a journal has one for life, and its copies have the same. */
  readonly namespace: string
  /** The journal was restored or copied: what it does not remember may have happened. */
  readonly isCopy: boolean
  /** The greatest `seq` ever given out; 0 for a new journal. */
  readonly lastExecution: number
  readonly commit: (batch: Batch) => Effect.Effect<Rejected, StoreError | CommitUncertain>
  /** The id of the last batch that was committed under this epoch; 0 for none. */
  readonly lastBatch: Effect.Effect<number, StoreError>
  /** Executions that are `running` or `undoing`, by `seq`, after `after`. */
  readonly unfinished: (after: number, limit: number) => Effect.Effect<ReadonlyArray<ExecutionRow>, StoreError>
  /** Executions, of whatever status, that are to be woken before `before`, the earliest first. */
  readonly due: (before: number, limit: number) => Effect.Effect<ReadonlyArray<ExecutionRow>, StoreError>
  /** Turns ended executions into tombstones: their events go, the row stays without payload. Answers how many. */
  readonly remove: (which: {
    readonly status: ReadonlyArray<Status>
    readonly endedBefore: number
    readonly at: number
    readonly limit: number
  }) => Effect.Effect<number, StoreError>
  readonly inbox: Inbox
}

// ── Requests of others ───────────────────────────────────────────────────────────────────────────────────────────────

export interface Request {
  readonly seq: number
  /** The id of the execution it is about. */
  readonly execution: string
  readonly kind: "start" | "cancel" | "retry" | "settle" | "signal" | "resume"
  /** JSON. */
  readonly data: string
  readonly askedAt: number
}

/** Where other processes leave what they want done. Kept apart, so that who asks never holds the owner up. */
export interface Inbox {
  /** Leaves a request, and wakes the owner if there is one. Answers its number. */
  readonly ask: (request: Omit<Request, "seq">) => Effect.Effect<number, StoreError>
  /** What has not been answered, in order of asking, after `after`. */
  readonly pending: (after: number, limit: number) => Effect.Effect<ReadonlyArray<Request>, StoreError>
  /** Answers one. JSON. */
  readonly answer: (seq: number, answer: string) => Effect.Effect<void, StoreError>
  /** The answer, as soon as there is one. */
  readonly answerTo: (seq: number) => Effect.Effect<Option.Option<string>, StoreError>
  /** Calls back within 200 ms of a request, and now and then without one. */
  readonly onRequest: (notice: () => void) => Effect.Effect<void, never, Scope.Scope>
}

/** A journal as anybody may open it, owned or not: to read, and to ask. */
export interface Visitor extends Reader {
  readonly name: string
  readonly namespace: string
  readonly inbox: Inbox
  /** Who owns it now, in words; none if nobody does. */
  readonly owner: Effect.Effect<Option.Option<string>, StoreError>
}
