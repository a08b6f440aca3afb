/**
 * A payment gateway.
 *
 * The special rule: it answers by the payment method, like the test cards of a real gateway: names that end in
 * `chargeDeclinedInsufficientFunds`, `chargeDeclinedExpiredCard` or `chargeDeclined…` are declined, all others pay.
 *
 *   open ──▶ taken ──▶ (given back)
 *    │ ╰───▶ declined
 *    ╰─────▶ voided       by whoever looks for a payment that is still open
 */
import { Effect, Layer } from "effect"
import {
  Currency,
  Found,
  Money,
  type NotTaken,
  Payment,
  PaymentDeclined,
  PaymentGateway,
  PaymentId,
  PaymentVoided,
  RefundRefused
} from "../../workflows/index.ts"
import { idFrom } from "./idFrom.ts"
import { enter } from "./Ledger.ts"
import { type Desk, Outside } from "./Outside.ts"

type Because = PaymentDeclined["because"]

/** What a payment is at, as the gateway's answers say it. */
type Standing =
  | { readonly status: "open" | "taken" | "voided" }
  | { readonly status: "declined"; readonly because: Because }

export const layer: Layer.Layer<PaymentGateway, never, Outside> = Layer.effect(
  PaymentGateway,
  Outside.useSync(({ ask }) => ({
    open: (key, { amount, method, orderId }) => {
      const asked = { amount: String(amount), method }
      return ask({ place: "payment.open", key, order: orderId, asked }, (desk) => {
        const id = idFrom("pi", key)
        desk.run(insert, id, orderId, amount.minor, amount.currency, method, desk.now)
        return { id }
      }).pipe(Effect.map(({ id }) => new Payment({ id: PaymentId.make(id), orderId })))
    },
    confirm: (key, payment) =>
      ask({ place: "payment.confirm", key, order: payment.orderId, asked: payment.id }, (desk) =>
        confirmed(desk, payment)
      ).pipe(
        Effect.flatMap((standing) => {
          const refusal = whyNotTaken(standing, payment)
          return refusal === undefined ? Effect.void : Effect.fail(refusal)
        })
      ),
    find: (payment) =>
      ask(
        { place: "payment.find", key: payment.id, order: payment.orderId, asked: payment.id, isLook: true },
        (desk): Standing => {
          const { standing } = look(desk, payment)
          if (standing.status !== "open") return standing
          desk.run("UPDATE payments SET status = 'voided' WHERE id = ?", payment.id)
          return { status: "voided" }
        }
      ).pipe(
        Effect.map((standing) => {
          if (standing.status === "taken") return Found.done(undefined)
          const refusal = whyNotTaken(standing, payment)
          return refusal instanceof PaymentDeclined ? Found.refused(refusal) : Found.absent
        })
      ),
    refund: (key, payment) =>
      ask({ place: "payment.refund", key, order: payment.orderId, asked: payment.id }, (desk) =>
        refunded(desk, payment)
      ).pipe(Effect.flatMap(({ refused }) => (refused === null ? Effect.void : refusedRefund(payment, refused)))),
    findRefund: (payment) =>
      ask(
        { place: "payment.findRefund", key: payment.id, order: payment.orderId, asked: payment.id, isLook: true },
        (desk) => ({ isThere: desk.get(refund, payment.id) !== undefined })
      ).pipe(Effect.map(({ isThere }) => (isThere ? Found.done(undefined) : Found.absent)))
  }))
)

const insert =
  "INSERT INTO payments (id, order_id, minor, currency, method, status, opened_at) VALUES (?, ?, ?, ?, ?, 'open', ?)"
const refund = "SELECT 1 FROM ledger WHERE what = 'refunded' AND ref = ?"

const confirmed = (desk: Desk, payment: Payment): Standing => {
  const { amount, method, standing } = look(desk, payment)
  if (standing.status !== "open") return standing
  const because = desk.strikes("declined") ? "CardRefused" : whyDeclined(method)
  if (because !== undefined) {
    desk.run("UPDATE payments SET status = 'declined', because = ? WHERE id = ?", because, payment.id)
    return { status: "declined", because }
  }
  desk.run("UPDATE payments SET status = 'taken' WHERE id = ?", payment.id)
  enter(desk, "charged", payment.orderId, payment.id, { amount })
  return { status: "taken" }
}

const refunded = (desk: Desk, payment: Payment): { readonly refused: string | null } => {
  if (desk.get("SELECT 1 FROM payments WHERE id = ?", payment.id) === undefined) {
    return { refused: `there is no payment ${payment.id}` }
  }
  const { amount, standing } = look(desk, payment)
  if (standing.status !== "taken") return { refused: `payment ${payment.id} took no money` }
  if (desk.strikes("refused")) return { refused: "the gateway refuses to give it back" }
  if (desk.get(refund, payment.id) === undefined) enter(desk, "refunded", payment.orderId, payment.id, { amount })
  return { refused: null }
}

/** Who asks for a payment that was never opened has a mistake in their program. */
const look = (desk: Desk, { id }: Payment) => {
  const row = desk.get("SELECT * FROM payments WHERE id = ?", id)
  if (row === undefined) throw new Error(`there is no payment ${id}`)
  return {
    method: String(row["method"]),
    amount: new Money({ currency: Currency.make(String(row["currency"])), minor: Number(row["minor"]) }),
    standing: { status: row["status"], because: row["because"] } as Standing // sound: only `confirmed` and `find` write it
  }
}

const whyNotTaken = (standing: Standing, { orderId }: Payment): NotTaken | undefined => {
  if (standing.status === "declined") return new PaymentDeclined({ orderId, because: standing.because })
  return standing.status === "voided" ? new PaymentVoided({ orderId }) : undefined
}

const refusedRefund = ({ orderId }: Payment, reason: string) => Effect.fail(new RefundRefused({ orderId, reason }))

const whyDeclined = (method: string): Because | undefined => {
  const match = /chargeDeclined(\w*)$/.exec(method)
  if (match === null) return undefined
  if (match[1] === "InsufficientFunds") return "InsufficientFunds"
  return match[1] === "ExpiredCard" ? "CardExpired" : "CardRefused"
}
