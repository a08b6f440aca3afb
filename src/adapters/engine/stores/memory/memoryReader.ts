/**
 * Reading a journal in memory, and leaving requests in it: what an owner and a visitor have in common.
 *
 * Not here: writing executions (`makeMemoryStore.ts`).
 */
import { Effect, Option } from "effect"
import type { ExecutionRow, Inbox, ListFilter, Reader, Status, Visitor } from "../../Store.ts"
import type { MemoryData } from "./MemoryData.ts"

export const memoryReader = (data: MemoryData): Reader => ({
  find: (ids) =>
    Effect.sync(() =>
      rowsOf(
        data,
        ids.map((id) => data.ids.get(id))
      )
    ),
  findNamed: (name) => Effect.sync(() => rowsOf(data, data.names.get(name) ?? [])),
  events: (seqs) => Effect.sync(() => [...new Set(seqs)].sort(ascending).flatMap((seq) => data.events.get(seq) ?? [])),
  list: (filter) => Effect.sync(() => page(data, filter)),
  counts: Effect.sync(() => {
    const counts = new Map<Status, number>()
    for (const row of data.executions.values()) {
      if (row.removedAt === null) counts.set(row.status, (counts.get(row.status) ?? 0) + 1)
    }
    return counts
  })
})

export const memoryInbox = (data: MemoryData): Inbox => ({
  ask: (request) =>
    Effect.sync(() => {
      const seq = data.requests.length + 1
      data.requests.push({ ...request, seq })
      for (const notice of data.onRequest) notice()
      return seq
    }),
  pending: (after, limit) =>
    Effect.sync(() => {
      const first = Math.max(after, data.answeredUpTo)
      return data.requests
        .slice(first)
        .filter(({ seq }) => !data.answers.has(seq))
        .slice(0, limit)
    }),
  answer: (seq, answer) =>
    Effect.sync(() => {
      // The first answer stands: who has read it holds on to it.
      if (seq >= 1 && seq <= data.requests.length && !data.answers.has(seq)) data.answers.set(seq, answer)
      while (data.answers.has(data.answeredUpTo + 1)) data.answeredUpTo++
    }),
  answerTo: (seq) => Effect.sync(() => Option.fromUndefinedOr(data.answers.get(seq))),
  onRequest: (notice) =>
    Effect.acquireRelease(
      Effect.sync(() => data.onRequest.add(notice)),
      () => Effect.sync(() => data.onRequest.delete(notice))
    )
})

/** The same journal as somebody else sees it: to read, and to ask. */
export const makeMemoryVisitor = (data: MemoryData): Visitor => ({
  ...memoryReader(data),
  name: memoryName,
  namespace: data.namespace,
  inbox: memoryInbox(data),
  owner: Effect.sync(() => Option.fromNullOr(data.owner))
})

export const memoryName = "journal in memory"

const ascending = (a: number, b: number) => a - b

const rowsOf = (data: MemoryData, seqs: ReadonlyArray<number | undefined>): ReadonlyArray<ExecutionRow> =>
  [...new Set(seqs)]
    .flatMap((seq) => (seq === undefined ? undefined : data.executions.get(seq)) ?? [])
    .sort((a, b) => a.seq - b.seq)

const page = (data: MemoryData, filter: ListFilter): ReadonlyArray<ExecutionRow> => {
  const rows: Array<ExecutionRow> = []
  const newest = Math.min(data.lastExecution, (filter.before ?? Infinity) - 1)
  for (let seq = newest; seq > 0 && rows.length < filter.limit; seq--) {
    const row = data.executions.get(seq)
    if (row !== undefined && isListed(row, filter)) rows.push(row)
  }
  return rows
}

const isListed = (row: ExecutionRow, filter: ListFilter): boolean =>
  row.removedAt === null &&
  (filter.workflow === undefined || row.workflow === filter.workflow) &&
  (filter.status === undefined || filter.status.includes(row.status)) &&
  (filter.from === undefined || row.startedAt >= filter.from) &&
  (filter.until === undefined || row.startedAt < filter.until)
