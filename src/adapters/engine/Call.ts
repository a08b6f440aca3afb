/**
 * One thing that a story asked for, and how far it is.
 *
 * Not here: how events move it on (`History.ts`), and what is done about it outside (`LiveCall.ts`).
 */
import type { StepDefinition } from "../../workflows/StepDefinition.ts"
import type { Asked } from "./History.ts"
import type { StepState, UndoState } from "./views.ts"

/** One thing that the story asked for, and how far it is. */
export interface Call {
  readonly n: number
  readonly kind: Asked
  readonly subject: string
  readonly at: number
  /** JSON, as it was recorded. */
  readonly data: string | null
  state: StepState
  /** JSON of the value or error, once it has ended. */
  result: string | null
  /** The number and time of the event that ended it; 0 while it has not. */
  endedBy: number
  endedAt: number
  reason: string | null
  attempts: number
  /** What a person said of it, and of which attempt. */
  said: { readonly _tag: string; readonly attempt: number } | null
  /** Of an attempt under the present key nobody knows what came of it: that a later one did not happen says nothing. */
  mayHaveHappened: boolean
  /** Attempts that came to nothing, or to what nobody knows, since somebody last asked for it; without those cut off. */
  failures: number
  triedSince: number
  /** When the next attempt or look is due; the time at which a timer fires. */
  until: number
  /** How many looks have not found out yet: of the step while it is in question, then of its undo. */
  looks: number
  // Steps only:
  /** What it is, once its story has asked for it in this process. */
  definition: StepDefinition | undefined
  readonly step: string
  readonly key: string | null
  readonly place: string
  readonly path: string
  /** Which of several steps with this name it is. */
  readonly mark: string | null
  generation: number
  /** When the key that is in use now was used first. */
  keyUsedAt: number
  undo: UndoState
  undoAttempts: number
  /** Of an attempt to take it back nobody knows what came of it: that a later one did not happen says nothing. */
  undoMayHaveHappened: boolean
  undoReason: string | null
  undoUntil: number
  undoKeyUsedAt: number
}

export interface StepData {
  readonly place: string
  readonly path: string
  readonly gen: number
  readonly undo?: "irreversible" | "nothing"
  readonly mark?: string
  readonly in: unknown
}
/** Whether `place` lies in `outer`, or is it. The place of an execution as a whole is empty. */
export const isIn = (place: string, outer: string): boolean =>
  outer === "" || place === outer || place.startsWith(`${outer}.`)

export const newCall = (
  n: number,
  kind: Asked,
  subject: string,
  at: number,
  data: string | null,
  known?: object
): Call => {
  const isStep = kind === "step"
  const details: Partial<StepData> & { due?: number; detached?: boolean; calls?: ReadonlyArray<number> } =
    known ?? (data === null || kind === "said" ? {} : JSON.parse(data))
  const slash = isStep ? subject.indexOf("/") : -1
  return {
    n,
    kind,
    subject,
    at,
    data,
    state: "running",
    result: null,
    endedBy: 0,
    endedAt: 0,
    reason: null,
    attempts: 1,
    said: null,
    mayHaveHappened: false,
    failures: 0,
    triedSince: at,
    until: details.due ?? 0,
    looks: 0,
    definition: undefined,
    step: slash < 0 ? subject : subject.slice(0, slash),
    key: slash < 0 ? null : subject.slice(slash + 1),
    place: details.place ?? "",
    path: details.path ?? "",
    mark: details.mark ?? null,
    generation: details.gen ?? 0,
    keyUsedAt: at,
    undo: isStep ? (details.undo ?? "possible") : kind === "child" && !details.detached ? "possible" : "nothing",
    undoAttempts: 0,
    undoMayHaveHappened: false,
    undoReason: null,
    undoUntil: 0,
    undoKeyUsedAt: 0
  }
}
