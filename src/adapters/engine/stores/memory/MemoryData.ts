/**
 * What a journal in memory is made of: the part that outlives its owners.
 *
 * The special rule: it is to a memory store what a file is to SQLite. A test that lets its "process" crash opens the same
 * data again, under a new epoch.
 *
 * Not here: who may write it (`makeMemoryStore.ts`), and how it is read (`memoryReader.ts`).
 */
import type { EventRow, ExecutionRow, Request } from "../../Store.ts"

export interface MemoryData {
  readonly namespace: string
  /** Set by a test that wants a journal which was copied or restored. */
  isCopy: boolean
  /** Of the last owner; 0 before the first. */
  epoch: number
  /** The last batch that was committed under that epoch. */
  batch: number
  /** The owner in words, while there is one. */
  owner: string | null
  /** By `seq`. */
  readonly executions: Map<number, ExecutionRow>
  /** From id to `seq`. */
  readonly ids: Map<string, number>
  readonly names: Map<string, Array<number>>
  /** By `seq` of the execution, in order of `n`. */
  readonly events: Map<number, Array<EventRow>>
  /** The `seq` of those that have not ended. */
  readonly live: Set<number>
  lastExecution: number
  readonly requests: Array<Request>
  readonly answers: Map<number, string>
  /** Requests up to this one are all answered. */
  answeredUpTo: number
  readonly onRequest: Set<() => void>
}

/** A journal in which nothing has happened yet. */
export const makeMemoryData = (namespace: string = crypto.randomUUID()): MemoryData => ({
  namespace,
  isCopy: false,
  epoch: 0,
  batch: 0,
  owner: null,
  executions: new Map(),
  ids: new Map(),
  names: new Map(),
  events: new Map(),
  live: new Set(),
  lastExecution: 0,
  requests: [],
  answers: new Map(),
  answeredUpTo: 0,
  onRequest: new Set()
})
