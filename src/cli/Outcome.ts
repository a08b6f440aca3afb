/**
 * What became of one order of a file, in the words of the command.
 *
 * The special rule: everything that stands in a file ends in exactly one outcome, and an outcome never says more than is
 * known: `refused` means that all was taken back, `stuck` that something could not be.
 *
 * Not here: how outcomes are shown (`Report.ts`).
 */
import { Cause, Exit } from "effect"
import {
  type Accepted,
  type Money,
  type Notification,
  type Order,
  type OrderEnd,
  OrderStuck,
  type Rejected,
  type Skipped
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
  "stuck"
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

/** How one order ended. Of these fields `--json` writes all but the amount. */
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
  const about = { file, amount: order.total, order: order.id, line }
  if (Exit.isSuccess(end.exit)) {
    const { notification, payment, reservation } = end.exit.value
    return { ...about, outcome: "completed", payment, reservation, notification }
  }
  const undone = end.undone.length > 0 ? { undone: end.undone } : {}
  return { ...about, ...whyNot(end.exit.cause), ...undone }
}

/**
 * One order as a line for programs: these fields and no others, in this order. The file is named where there are several
 * of `files`.
 */
export const toJson = (ended: Ended, files: ReadonlyArray<string>): string => {
  const { error, line, notification, order, outcome, payment, reservation, undone } = ended
  const file = files.length > 1 ? { file: ended.file } : {}
  return jsonLine({ ...file, order, line, outcome, error, payment, reservation, notification, undone })
}

/** An order that had not ended when the run had to: nobody knows what was done for it. */
export const leftBehind = (file: string, line: number, order: Order): Ended => ({
  file,
  amount: order.total,
  order: order.id,
  line,
  outcome: "stuck",
  error: { _tag: "LeftBehind", message: "the run was over before the order was: look up whether it was charged" }
})

const whyNot = (cause: Cause.Cause<Refusal>): Pick<Ended, "outcome" | "error"> => {
  const stuck = cause.reasons
    .filter(Cause.isDieReason)
    .map(({ defect }) => defect)
    .filter((defect) => defect instanceof OrderStuck)
  if (stuck.length > 0) {
    const message = stuck.map((each) => each.message).join("; ")
    return { outcome: "stuck", error: { _tag: "OrderStuck", message, steps: stuck.map(({ step }) => step) } }
  }
  if (Cause.hasDies(cause)) {
    const defect = Cause.squash(cause)
    return {
      outcome: "failed",
      error: { _tag: "Defect", message: defect instanceof Error ? defect.message : String(defect) }
    }
  }
  const refusal = cause.reasons.find(Cause.isFailReason)
  if (refusal === undefined) return { outcome: "cancelled" }
  const { orderId: _, ...facts } = refusal.error
  return { outcome: "refused", error: { ...facts, _tag: refusal.error._tag, message: refusal.error.message } }
}

type Refusal = OrderEnd["exit"] extends Exit.Exit<infer _, infer E> ? E : never
