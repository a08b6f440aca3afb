/**
 * A journal in memory: for tests, for trying things out, and as the plain text of what a store has to do.
 *
 * The special rule: opening the same data again takes it over. The earlier owner can then write no more, as if its
 * process had been frozen and replaced.
 *
 * Not here: reading (`memoryReader.ts`), and the data itself, which outlives its owners (`MemoryData.ts`).
 */
import { Effect } from "effect"
import type { Scope } from "effect"
import { ends, OwnershipLost, StoreUnavailable } from "../../Store.ts"
import type { Batch, EventRow, ExecutionRow, JournalUnusable, Rejected, Store } from "../../Store.ts"
import { byExecution } from "../rows/byExecution.ts"
import type { Part } from "../rows/byExecution.ts"
import { unstorableEvent, unstorableExecution } from "../rows/unstorable.ts"
import { makeMemoryData } from "./MemoryData.ts"
import type { MemoryData } from "./MemoryData.ts"
import { memoryInbox, memoryName, memoryReader } from "./memoryReader.ts"

/**
 * Opens `data` as its only owner.
 *
 * **Gotchas**: nothing is kept beyond the process, and finished executions stay in memory until they are removed.
 */
export const makeMemoryStore = (
  data: MemoryData = makeMemoryData()
): Effect.Effect<Store, JournalUnusable, Scope.Scope> =>
  Effect.gen(function* () {
    const epoch = ++data.epoch
    let isOpen = true
    data.batch = 0
    data.owner = `owner ${epoch} in process ${process.pid}`
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        isOpen = false
        if (data.epoch === epoch) data.owner = null
      })
    )

    /** Runs `write` if this owner is still the one. */
    const owning = <A>(write: () => A): Effect.Effect<A, StoreUnavailable | OwnershipLost> =>
      Effect.suspend((): Effect.Effect<A, StoreUnavailable | OwnershipLost> => {
        if (!isOpen) return Effect.fail(new StoreUnavailable({ reason: "it was closed" }))
        if (data.epoch !== epoch) return Effect.fail(new OwnershipLost({ by: data.owner ?? `owner ${data.epoch}` }))
        return Effect.succeed(write())
      })

    return {
      ...memoryReader(data),
      kind: "memory",
      name: memoryName,
      epoch,
      namespace: data.namespace,
      isCopy: data.isCopy,
      lastExecution: data.lastExecution,
      commit: (batch) => owning(() => commit(data, batch)),
      lastBatch: owning(() => data.batch),
      unfinished: (after, limit) =>
        Effect.sync(() =>
          liveRows(data)
            .filter((row) => row.seq > after && (row.status === "running" || row.status === "undoing"))
            .sort((a, b) => a.seq - b.seq)
            .slice(0, limit)
        ),
      due: (before, limit) =>
        Effect.sync(() =>
          liveRows(data)
            .filter((row) => row.wakeAt !== null && row.wakeAt < before)
            .sort((a, b) => (a.wakeAt ?? 0) - (b.wakeAt ?? 0) || a.seq - b.seq)
            .slice(0, limit)
        ),
      remove: (which) =>
        owning(() => {
          const old = [...data.executions.values()]
            .filter((row) => which.status.includes(row.status) && isOver(row, which.endedBefore))
            .sort((a, b) => a.seq - b.seq)
            .slice(0, which.limit)
          for (const row of old) {
            data.executions.set(row.seq, { ...row, payload: "", why: null, removedAt: which.at })
            data.events.delete(row.seq)
          }
          return old.length
        }),
      inbox: memoryInbox(data)
    }
  })

const liveRows = (data: MemoryData): Array<ExecutionRow> =>
  Array.from(data.live, (seq) => data.executions.get(seq)).filter((row) => row !== undefined)

const isOver = (row: ExecutionRow, endedBefore: number) =>
  row.removedAt === null && ends.has(row.status) && row.endedAt !== null && row.endedAt < endedBefore

const commit = (data: MemoryData, batch: Batch): Rejected => {
  const rejected = new Map<number, string>()
  for (const [seq, part] of byExecution(batch)) {
    // All of it is looked at before anything is written: whose last event cannot be stored has none of its rows.
    const refusal = refusalOf(data, seq, part)
    if (refusal !== undefined) {
      rejected.set(seq, refusal)
      continue
    }
    if (part.row !== undefined) writeExecution(data, part.row)
    if (part.events.length > 0) writeEvents(data, seq, part.events)
  }
  data.batch = batch.id
  return rejected
}

const refusalOf = (data: MemoryData, seq: number, { row, events }: Part): string | undefined => {
  const refusal = row && (unstorableExecution(row) ?? taken(data, row))
  if (refusal !== undefined) return refusal
  const before = data.events.get(seq) ?? []
  for (const [index, event] of events.entries()) {
    const unfit = unstorableEvent(event)
    if (unfit !== undefined) return unfit
    if (event.n <= (events[index - 1]?.n ?? 0) || holds(before, event.n)) return `event ${event.n} is written already`
  }
  return undefined
}

/** Whether `events`, in order of `n`, hold one of that number. */
const holds = (events: ReadonlyArray<EventRow>, n: number): boolean =>
  n <= (events.at(-1)?.n ?? 0) && events.some((event) => event.n === n)

const taken = (data: MemoryData, row: ExecutionRow): string | undefined => {
  const before = data.executions.get(row.seq)
  if (before !== undefined && before.id !== row.id) return `number ${row.seq} is execution "${before.id}"`
  if (before !== undefined && before.removedAt !== null) return `execution ${row.seq} was removed`
  const other = data.ids.get(row.id)
  return other === undefined || other === row.seq ? undefined : `id "${row.id}" is execution ${other}`
}

const writeEvents = (data: MemoryData, seq: number, events: ReadonlyArray<EventRow>): void => {
  const before = data.events.get(seq)
  if (before === undefined) data.events.set(seq, [...events])
  else {
    const isNext = (events[0]?.n ?? 0) > (before.at(-1)?.n ?? 0)
    before.push(...events)
    if (!isNext) before.sort((a, b) => a.n - b.n)
  }
}

const writeExecution = (data: MemoryData, row: ExecutionRow): void => {
  if (!data.executions.has(row.seq)) {
    data.ids.set(row.id, row.seq)
    const named = data.names.get(row.name)
    if (named === undefined) data.names.set(row.name, [row.seq])
    else named.push(row.seq)
    data.lastExecution = Math.max(data.lastExecution, row.seq)
  }
  data.executions.set(row.seq, row)
  if (ends.has(row.status)) data.live.delete(row.seq)
  else data.live.add(row.seq)
}
