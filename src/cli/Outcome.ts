/**
 * What became of one order of a file, in the words of the command.
 *
 * The special rule: everything that stands in a file ends in exactly one outcome, and an outcome never says more than is
 * known: `refused` means that all was taken back, `stuck` that something could not be, `waiting` that it is not over.
 *
 * Not here: how outcomes are shown (`Report.ts`).
 */
import { Cause, Exit } from "effect"
import type {
  Accepted,
  Money,
  Notification,
  Order,
  OrderChanged,
  OrderEnd,
  OrderUnrecordable,
  Rejected,
  Skipped,
  Why
} from "../app.ts"
import { jsonLine } from "./printable.ts"

/** In the order in which reports list them. `valid` is the end of an order that `--check` found nothing wrong with. */
export const outcomes = [
  "valid",
  "completed",
  "refused",
  "rejected",
  "skipped",
  "cancelled",
  "failed",
  "stuck",
  "blocked",
  "waiting"
] as const
export type Outcome = (typeof outcomes)[number]

/** Those with which a run counts as gone well. */
export const fine: ReadonlySet<Outcome> = new Set(["valid", "completed", "refused", "skipped", "cancelled"])

/** What went wrong: a tag, a sentence, and the facts. */
export interface Problem {
  readonly _tag: string
  readonly message: string
  readonly [fact: string]: unknown
}

/** How one order ended. Of these fields `--json` writes all but the amount and what was found. */
export interface Ended {
  readonly file: string
  readonly amount?: Money
  readonly order: string | null
  readonly line: number
  readonly outcome: Outcome
  readonly error?: Problem
  readonly payment?: string
  readonly reservation?: string
  readonly notification?: Notification
  readonly undone?: ReadonlyArray<string>
  /** Whether it was begun by this run, or by an earlier one that did or did not see its end. */
  readonly found?: OrderEnd["found"]
}

export const fromInput = (file: string, row: Rejected | Skipped): Ended => ({
  file,
  order: row.order,
  line: row.line,
  ...(row._tag === "Skipped"
    ? { outcome: "skipped", error: { _tag: "Skipped", message: row.reason } }
    : { outcome: "rejected", error: { _tag: "Rejected", message: `${row.field} ${row.reason}`, field: row.field } })
})

export const fromCheck = (file: string, { line, order }: Accepted): Ended => ({
  file,
  amount: order.total,
  order: order.id,
  line,
  outcome: "valid"
})

export const fromRun = (file: string, line: number, order: Order, end: OrderEnd): Ended => {
  const about = { file, amount: order.total, order: order.id, line, found: end.found }
  const undone = end.undone.length > 0 ? { undone: end.undone } : {}
  switch (end.status) {
    case "waiting":
    case "running":
    case "suspended":
    case "undoing":
      return { ...about, outcome: "waiting", error: stillWaiting, ...undone }
    case "stuck":
    case "blocked":
      return { ...about, outcome: end.status, error: needsPerson(end.status, end.why), ...undone }
    case "cancelled":
      return { ...about, outcome: "cancelled", ...undone }
    case "completed":
    case "refused":
    case "failed":
      return { ...about, ...byExit(end), ...undone }
  }
}

/** An order that is not taken as it is: it was another one before, or cannot be written down. Nothing is tried with it. */
export const fromUntaken = (file: string, line: number, order: Order, why: OrderChanged | OrderUnrecordable): Ended => {
  const { _tag, message } = why
  const error =
    _tag === "OrderChanged"
      ? { _tag, message: `${message}; if it was refused, --again runs this one`, differs: why.differs }
      : { _tag, message }
  return { file, order: order.id, line, outcome: "rejected", error }
}

/**
 * One order as a line for programs: these fields and no others, in this order. The file is named where there are several
 * of `files`.
 */
export const toJson = (ended: Ended, files: ReadonlyArray<string>): string => {
  const { error, found, line, notification, order, outcome, payment, reservation, undone } = ended
  const file = files.length > 1 ? { file: ended.file } : {}
  const resumed = found === "resumed" ? { resumed: true } : {}
  return jsonLine({ ...file, order, line, outcome, error, payment, reservation, notification, undone, ...resumed })
}

/** An order with which the program itself could not cope. The others go on. */
export const fromDefect = (file: string, line: number, order: Order, defect: unknown): Ended => ({
  file,
  amount: order.total,
  order: order.id,
  line,
  outcome: "failed",
  error: { _tag: "Defect", message: defect instanceof Error ? defect.message : String(defect) }
})

/** An order that was under way when the run had to end. The journal has it. */
export const leftBehind = (file: string, line: number, order: Order): Ended => ({
  file,
  amount: order.total,
  order: order.id,
  line,
  outcome: "waiting",
  error: { _tag: "LeftBehind", message: "the run was over before the order was; the next run goes on with it" }
})

const stillWaiting: Problem = {
  _tag: "StillWaiting",
  message: "it is not over: the outside has not answered yet, and the next run goes on with it"
}

const needsPerson = (status: "stuck" | "blocked", why: Why | null): Problem => {
  const message = why?.message ?? "a person has to see to it"
  if (status === "blocked") return { _tag: "OrderBlocked", message }
  return { _tag: "OrderStuck", message, steps: (why?.steps ?? []).map(({ step }) => step) }
}

const byExit = ({
  exit,
  status,
  why
}: OrderEnd): Pick<Ended, "outcome" | "error" | "payment" | "reservation" | "notification"> => {
  if (exit !== undefined && Exit.isSuccess(exit)) {
    const { notification, payment, reservation } = exit.value
    return { outcome: "completed", payment, reservation, notification }
  }
  const refusal = exit?.cause.reasons.find(Cause.isFailReason)
  if (status !== "refused" || refusal === undefined) {
    return { outcome: "failed", error: { _tag: "Defect", message: why?.message ?? "it failed, and nobody knows why" } }
  }
  const { orderId: _, ...facts } = refusal.error
  return { outcome: "refused", error: { ...facts, _tag: refusal.error._tag, message: refusal.error.message } }
}
