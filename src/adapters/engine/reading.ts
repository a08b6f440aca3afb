/**
 * Reading: rows and events turned into what people, the command and programs are told.
 *
 * The special rule: nothing is read but what is written, so that who visits a journal is told what its owner is told.
 */
import { Effect } from "effect"
import type { Call } from "./Call.ts"
import { History } from "./History.ts"
import { ExecutionNotFound, NameAmbiguous } from "./Journal.ts"
import { stepKeyOf } from "./keys.ts"
import type { EventRow, ExecutionRow, ListFilter, Reader, StoreError } from "./Store.ts"
import { ends } from "./Store.ts"
import type { CancelReceipt, ExecutionHistory, ExecutionSummary, StepView, Why } from "./views.ts"

export const summaryOf = (row: ExecutionRow): ExecutionSummary => {
  const { changedAt, endedAt, id, name, parent, seq, startedAt, status, wakeAt, workflow } = row
  return { seq, id, name, workflow, status, startedAt, changedAt, endedAt, wakeAt, parent }
}

/**
 * By id, or by the name people use: whose name it is in the first place goes before who is only somebody's child. Nobody
 * guesses between two workflows: it may be about cancelling one of them.
 */
export const findExecution = (
  reader: Reader,
  id: string
): Effect.Effect<ExecutionRow, ExecutionNotFound | NameAmbiguous | StoreError> =>
  Effect.gen(function* () {
    const [byId] = yield* reader.find([id])
    if (byId !== undefined && byId.removedAt === null) return byId
    const named = (yield* reader.findNamed(id)).filter(({ removedAt }) => removedAt === null)
    const parentless = named.filter(({ parent }) => parent === null)
    const [meant, ...others] = parentless.length > 0 ? parentless : named
    if (meant === undefined) return yield* new ExecutionNotFound({ id })
    if (others.length === 0) return meant
    const executions = [meant, ...others].map(({ id, workflow }) => ({ workflow, id }))
    return yield* new NameAmbiguous({ name: id, executions })
  })

export const listOf = (
  reader: Reader,
  filter: Partial<ListFilter> = {}
): Effect.Effect<ReadonlyArray<ExecutionSummary>, StoreError> =>
  Effect.map(reader.list({ limit: 50, ...filter }), (rows) => rows.map(summaryOf))

export const showOf = (
  reader: Reader,
  namespace: string,
  id: string
): Effect.Effect<ExecutionHistory, ExecutionNotFound | NameAmbiguous | StoreError> =>
  Effect.gen(function* () {
    const row = yield* findExecution(reader, id)
    const events = yield* reader.events([row.seq])
    return historyOf(row, events, namespace)
  })

export const whyOf = (row: ExecutionRow): Why | null => (row.why === null ? null : (JSON.parse(row.why) as Why))

/** The events folded; what cannot be folded is left where it was. */
export const fold = (row: ExecutionRow, events: ReadonlyArray<EventRow>): History => {
  const history = new History(row.startedAt)
  for (const event of events) {
    try {
      history.apply(event)
    } catch {
      // It is shown as it is written; the execution is blocked, and says which event it was.
    }
  }
  return history
}

export const historyOf = (row: ExecutionRow, events: ReadonlyArray<EventRow>, namespace: string): ExecutionHistory => {
  const history = fold(row, events)
  const calls = [...history.calls.values()]
  return {
    ...summaryOf(row),
    payload: json(row.payload),
    outcome: json(row.outcome),
    steps: calls
      .filter(({ kind }) => kind === "step" || kind === "activity")
      .map((call) => stepView(row, call, namespace)),
    signals: events
      .filter(({ kind }) => kind === "signal" || kind === "said")
      .map(({ at, subject }) => ({ name: subject ?? "", at })),
    timers: calls
      .filter(({ kind }) => kind === "timer")
      .map(({ endedAt, endedBy, subject, until }) => ({
        name: subject,
        due: until,
        firedAt: endedBy > 0 ? endedAt : null
      })),
    children: calls
      .filter(({ kind }) => kind === "child")
      .map(({ data, endedAt, endedBy, subject }) => ({
        id: subject,
        workflow: (json(data) as { workflow: string }).workflow,
        endedAt: endedBy > 0 ? endedAt : null
      })),
    cancelledAt: history.cancelledAt,
    why: whyOf(row),
    events: events.map(({ at, call, data, kind, n, subject }) => ({ n, at, kind, subject, call, data: json(data) }))
  }
}

const stepView = (row: ExecutionRow, call: Call, namespace: string): StepView => ({
  step: call.step,
  key: call.key,
  call: call.n,
  path: call.path,
  generation: call.generation,
  attempts: call.attempts,
  state: call.state,
  undo:
    call.state === "done" || call.undo === "irreversible"
      ? call.undo
      : call.undo === "possible"
        ? "nothing"
        : call.undo,
  startedAt: call.at,
  endedAt: call.endedBy > 0 ? call.endedAt : null,
  input: call.kind === "step" ? (json(call.data) as { in: unknown }).in : null,
  result: json(call.result),
  reason: call.undoReason ?? call.reason,
  idempotencyKey:
    call.kind === "step"
      ? stepKeyOf({
          namespace,
          execution: row.id,
          step: call.step,
          key: call.key,
          generation: call.generation,
          isUndo: false
        })
      : ""
})

/** What is no JSON is shown as it is. */
const json = (text: string | null): unknown => {
  if (text === null || text === "") return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** What became of each step of a cancelled execution, as far as it is known. */
export const receiptOf = (row: ExecutionRow, events: ReadonlyArray<EventRow>): CancelReceipt => {
  const history = fold(row, events)
  const { id, status } = row
  const isFinal = ends.has(status)
  const isCancelled = history.cancelledAt !== null && !isFinal
  const steps = [...history.calls.values()]
    .filter(({ kind }) => kind === "step" || kind === "activity")
    .map((call) => ({ step: call.step, key: call.key, state: receiptState(call, isCancelled) }))
  return { id, status, isFinal, steps, summary: summaryInWords(row) }
}

const receiptState = (call: Call, isCancelled: boolean): CancelReceipt["steps"][number]["state"] => {
  if (call.undo === "undone") return "done and undone"
  if (call.undo === "stuck") return "stuck"
  if (call.state === "asking") return "stuck"
  if (call.state === "done") {
    if (call.kind === "activity") return activityState(call)
    const isToUndo = call.undo === "pending" || call.undo === "undoing" || (isCancelled && call.undo === "possible")
    return isToUndo ? "being undone" : "done and kept"
  }
  if (call.state === "refused" || call.state === "gaveUp") return "refused"
  if (call.state === "cancelled") return "cancelled"
  return call.state === "left" ? "nobody knows" : "being settled"
}

/** An activity ends with an exit of any kind, and a defect says nothing of what had been done before it. */
const activityState = ({ result }: Call): "done and kept" | "refused" | "cancelled" | "nobody knows" => {
  const exit = json(result)
  const reasons = typeof exit === "object" && exit !== null && "cause" in exit ? exit.cause : null
  if (!Array.isArray(reasons) || reasons.length === 0) return "done and kept"
  if (reasons.some((reason) => reason?.die !== undefined)) return "nobody knows"
  return reasons.every((reason) => reason?.interrupt === true) ? "cancelled" : "refused"
}

const summaryInWords = ({ status }: ExecutionRow): string => {
  switch (status) {
    case "cancelled":
      return "it was cancelled, and what could be taken back was"
    case "completed":
      return "it had completed before it could be cancelled"
    case "refused":
    case "failed":
      return "it had failed by itself before it could be cancelled"
    case "stuck":
      return "it is cancelled, but a person has to see to a step"
    case "blocked":
      return "it is blocked"
    default:
      return "it is being cancelled"
  }
}
