/**
 * What the events of an execution come to: each step with its outcome and its undo, the timers, signals and decisions.
 *
 *   asked by the story     step · activity · timer · child · said · undo-scope · handler
 *   told to the story      done · refused · gave-up · left · not-done · result · fired · child-ended · signal · cancel · scope-undone · handled
 *   on the way, untold     attempt · retrying · unknown · asking · undo · undone · undo-retrying · undo-unknown · undo-stuck ·
 *                          undo-pending · joined · verdict · tried-again · activated · released · outcome
 *
 * The special rule: the same events give the same history, whether they are happening or are read again. Who runs an
 * execution, who replays it and who only reads it fold them with this one function.
 *
 * Not here: making them happen (`Run.ts`, `StepCall.ts`, `undoing.ts`).
 */
import { type Call, isIn, newCall } from "./Call.ts"
import type { EventRow } from "./Store.ts"
import type { StepState, UndoState, Why } from "./views.ts"

export type Told =
  | "done"
  | "refused"
  | "gave-up"
  | "left"
  | "not-done"
  | "result"
  | "fired"
  | "child-ended"
  | "signal"
  | "cancel"
  | "scope-undone"
  | "handled"
export type Asked = "step" | "activity" | "timer" | "child" | "said" | "undo-scope" | "handler"

export const told: ReadonlySet<string> = new Set<Told>([
  "done",
  "refused",
  "gave-up",
  "left",
  "not-done",
  "result",
  "fired",
  "child-ended",
  "signal",
  "cancel",
  "scope-undone",
  "handled"
])
export const asked: ReadonlySet<string> = new Set<Asked>([
  "step",
  "activity",
  "timer",
  "child",
  "said",
  "undo-scope",
  "handler"
])

export interface ScopeUndoData {
  readonly place: string
  readonly path: string
  readonly calls: ReadonlyArray<number>
}
/** Of a cancel that no body has seen: what was done is taken back from the journal. */
export interface CancelData {
  readonly withoutBody: true
}
export interface OutcomeData {
  readonly status: string
  readonly calls: ReadonlyArray<number>
  /** Kept here, because the row says meanwhile why a person is needed. */
  readonly why: Why
}

export class History {
  last = 0
  /** The time of the last event that was told to the story, or of its start. */
  now: number
  /** The time of the last event at all. */
  lastAt: number
  readonly calls = new Map<number, Call>()
  /** By subject, the latest call of a step. */
  readonly latest = new Map<string, Call>()
  readonly signals = new Map<string, string>()
  cancelledAt: number | null = null
  /** The final decision, and what is to be taken back for it. */
  outcome: OutcomeData | undefined = undefined

  constructor(startedAt: number) {
    this.now = startedAt
    this.lastAt = startedAt
  }

  /** `details` are what `row.data` says, where that is known without reading it. */
  apply(row: EventRow, details?: object): void {
    this.last = row.n
    this.lastAt = Math.max(this.lastAt, row.at)
    if (told.has(row.kind)) this.now = Math.max(this.now, row.at)
    if (asked.has(row.kind)) this.asked(row, details)
    else if (row.call !== null) this.continued(row, this.calls.get(row.call))
    else this.happened(row)
  }

  private asked(row: EventRow, details: object | undefined): void {
    const kind = row.kind as Asked // sound: `asked` was asked
    const subject = row.subject ?? ""
    if (kind === "said") this.signals.set(subject, row.data ?? "null")
    const call = newCall(row.n, kind, subject, row.at, row.data, details)
    this.calls.set(row.n, call)
    if (kind === "step") this.latest.set(subject, call)
    if (kind !== "undo-scope") return
    for (const n of (JSON.parse(row.data!) as ScopeUndoData).calls) markPending(this.calls.get(n)!)
  }

  private happened(row: EventRow): void {
    switch (row.kind) {
      case "signal":
        if (row.subject !== null && !this.signals.has(row.subject)) this.signals.set(row.subject, row.data ?? "null")
        return
      case "cancel":
        this.cancelledAt ??= row.at
        return
      case "outcome":
        this.outcome = JSON.parse(row.data ?? "{}")
        for (const n of this.outcome!.calls) markPending(this.calls.get(n)!)
        return
    }
  }

  private continued(row: EventRow, call: Call | undefined): void {
    if (call === undefined) return
    const state = endStates[row.kind]
    if (state !== undefined) {
      call.state = state
      call.result = row.data
      call.endedBy = row.n
      call.endedAt = row.at
      call.looks = 0
      // A child that did not complete has taken back what it did by itself.
      if (row.kind === "child-ended" && !row.data!.startsWith('{"ok"')) call.undo = "nothing"
      return
    }
    const data = row.data === null ? {} : JSON.parse(row.data)
    switch (row.kind) {
      case "attempt":
        call.state = "running"
        call.attempts++
        call.looks = 0
        return
      case "retrying":
      case "unknown":
      case "asking":
        call.state = row.kind === "retrying" ? "retrying" : row.kind === "unknown" ? "settling" : "asking"
        call.reason = data.reason ?? null
        call.until = data.until ?? 0
        if (row.kind === "unknown" && call.until > 0) call.looks++
        else if (row.kind !== "asking" && data.crash === undefined && data.gen === undefined) call.failures++
        if (row.kind === "unknown") call.mayHaveHappened = true
        if (data.gen === undefined) return
        call.mayHaveHappened = false
        call.generation = data.gen
        call.keyUsedAt = data.until
        return
      case "verdict":
        call.said = data
        return
      case "tried-again":
        call.state = "settling"
        call.failures = 0
        call.looks = 0
        call.triedSince = row.at
        return
      case "undo-pending":
        // Tried again by a person: what was begun before is looked at first.
        call.undo = call.undoKeyUsedAt > 0 ? "undoing" : "pending"
        call.undoAttempts = 0
        call.undoReason = null
        call.undoUntil = 0
        return
      case "undo":
        // Of the attempt before nobody knows what came of it.
        if (call.undo === "undoing") call.undoMayHaveHappened = true
        call.undo = "undoing"
        call.undoAttempts++
        call.looks = 0
        if (call.undoKeyUsedAt === 0) call.undoKeyUsedAt = row.at
        return
      case "undone":
        call.undo = "undone"
        return
      case "joined":
        // A child of another parent, which alone takes it back.
        call.undo = "nothing"
        return
      case "undo-retrying":
      case "undo-unknown":
        call.undo = row.kind === "undo-retrying" ? "pending" : "undoing"
        call.undoReason = data.reason ?? null
        call.undoUntil = data.until ?? 0
        if (row.kind === "undo-unknown") call.undoMayHaveHappened = true
        else if (data.absent === true) call.undoMayHaveHappened = false
        if (row.kind === "undo-unknown" && call.undoUntil > 0) call.looks++
        return
      case "undo-stuck":
        call.undo = "stuck"
        call.undoReason = data.reason ?? null
        return
    }
  }

  /** Linked children of a place that have not ended. */
  openChildren(place: string): ReadonlyArray<Call> {
    return [...this.calls.values()].filter(
      (call) => call.kind === "child" && call.endedBy === 0 && call.undo !== "nothing" && isIn(call.place, place)
    )
  }

  /** Done steps and children of a place that would be taken back if it failed, newest first. */
  toUndo(place: string): Array<Call> {
    const found: Array<Call> = []
    for (const call of this.calls.values()) {
      if (call.state === "done" && takesBack.has(call.undo) && isIn(call.place, place)) found.push(call)
    }
    return found.sort((a, b) => b.endedBy - a.endedBy)
  }
}

const takesBack: ReadonlySet<UndoState> = new Set<UndoState>(["possible", "pending", "undoing", "stuck"])
const markPending = (call: Call): void => {
  if (call.undo === "possible") call.undo = "pending"
}

const endStates: { readonly [kind: string]: StepState | undefined } = {
  done: "done",
  refused: "refused",
  "gave-up": "gaveUp",
  left: "left",
  "not-done": "cancelled",
  result: "done",
  fired: "done",
  "child-ended": "done",
  "scope-undone": "done",
  handled: "done"
}
