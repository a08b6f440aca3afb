/**
 * What has been committed to a journal in a test, as it happens, and what must hold of it at every moment.
 *
 * The special rule: it is held against what the outside was asked. Nothing may be asked before its start is committed,
 * and nothing more often than starts are.
 */
import {
  type Batch,
  type EventRow,
  type ExecutionRow,
  ends,
  type Rejected
} from "../../../../src/adapters/engine/Store.ts"
import { stepsNamed } from "../../../../src/workflows/stepsNamed.ts"
import type { Outside } from "./Outside.ts"

export class Committed {
  readonly rows = new Map<number, ExecutionRow>()
  readonly events: Array<EventRow> = []
  private readonly byExecution = new Map<number, Array<EventRow>>()
  /** How often a step, or the undo of one, was started as far as the journal knows: by what it asks of the outside. */
  private readonly starts = new Map<string, number>()

  add(batch: Batch, rejected: Rejected): void {
    for (const row of batch.executions) if (!rejected.has(row.seq)) this.rows.set(row.seq, row)
    for (const event of batch.events) {
      if (rejected.has(event.execution)) continue
      this.events.push(event)
      const others = this.byExecution.get(event.execution)
      if (others === undefined) this.byExecution.set(event.execution, [event])
      else others.push(event)
      const step = this.stepOf(event)
      if (step === undefined) continue
      const what = event.kind === "undo" ? `undo ${step}` : step
      this.starts.set(what, this.startsOf(what) + 1)
    }
  }

  startsOf(what: string): number {
    return this.starts.get(what) ?? 0
  }

  of(execution: number): ReadonlyArray<EventRow> {
    return this.byExecution.get(execution) ?? []
  }

  kinds(execution = 1): ReadonlyArray<string> {
    return this.of(execution).map(({ kind, subject }) => (subject === null ? kind : `${kind} ${subject}`))
  }

  private stepOf(event: EventRow): string | undefined {
    const { call, execution, kind } = event
    if (kind === "step") return nameOf(event.subject)
    if (kind !== "attempt" && kind !== "undo") return undefined
    const began = this.of(execution).find(({ n }) => n === call)
    return began?.kind === "step" ? nameOf(began.subject) : undefined
  }
}

const nameOf = (subject: string | null): string => (subject ?? "").split("/")[0]!

/** Called before `what` is asked for once more. */
export const askedTooSoon = (committed: Committed, outside: Outside, what: string): string | undefined => {
  const step = what.startsWith("undo ") ? what.slice(5) : what
  if (stepsNamed(step).length === 0) return undefined
  const asks = outside.asks(what)
  const starts = committed.startsOf(what)
  return asks < starts
    ? undefined
    : `"${what}" was started ${asks + 1} times, and the journal has ${starts} starts of it`
}

/** What does not add up when everything that was asked for has come to rest. */
export const brokenRules = (committed: Committed): ReadonlyArray<string> => {
  const broken: Array<string> = []
  for (const row of committed.rows.values()) {
    const events = committed.of(row.seq)
    events.forEach((event, index) => {
      if (event.n !== index + 1) broken.push(`${row.name}: event ${event.n} stands at place ${index + 1}`)
    })
    if (!ends.has(row.status)) continue
    const left = openCalls(events)
    if (left.length > 0) broken.push(`${row.name} has ended, and has not settled: ${left.join(", ")}`)
    if (row.status === "completed") continue
    for (const done of events.filter(({ kind }) => kind === "done")) {
      const start = events.find(({ n }) => n === done.call)!
      const keeps = (JSON.parse(start.data!) as { undo?: string }).undo !== undefined
      const undone = events.filter(({ call, kind }) => kind === "undone" && call === done.call).length
      if (undone !== (keeps ? 0 : 1))
        broken.push(`${row.name} is ${row.status}: "${start.subject}" was taken back ${undone} times`)
    }
  }
  return broken
}

const openCalls = (events: ReadonlyArray<EventRow>): ReadonlyArray<string> => {
  const ended = new Set(events.filter(({ kind }) => endings.has(kind)).map(({ call }) => call))
  return events.filter(({ kind, n }) => kind === "step" && !ended.has(n)).map(({ subject }) => subject!)
}
const endings = new Set(["done", "refused", "gave-up", "left", "not-done"])
