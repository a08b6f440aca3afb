/**
 * A payment gateway in this process.
 *
 * The special rule: it answers by the payment method, like the test cards of a real gateway: names that end in
 * `chargeDeclinedInsufficientFunds`, `chargeDeclinedExpiredCard` or `chargeDeclined…` are declined, all others pay.
 */
import { Effect, Layer, Result } from "effect"
import {
  type Charge,
  Payment,
  PaymentDeclined,
  PaymentGateway,
  PaymentId,
  type PaymentMethod,
  PaymentUnavailable,
  RefundRefused,
  RefundUnavailable,
  type StepKey
} from "../../workflows/index.ts"
import { Hardship } from "./Hardship.ts"
import { idFrom } from "./idFrom.ts"
import { Ledger } from "./Ledger.ts"
import { recently } from "./recently.ts"

const unanswered = "the payment gateway does not answer"

export const layer: Layer.Layer<PaymentGateway, never, Ledger | Hardship> = Layer.effect(
  PaymentGateway,
  Effect.gen(function* () {
    const ledger = yield* Ledger
    const hardship = yield* Hardship
    const answered = recently<StepKey, Result.Result<Payment, PaymentDeclined>>()
    const payments = recently<PaymentId, Charge & { refunded: boolean }>()

    const book = (key: StepKey, charge: Charge): Payment => {
      const payment = new Payment({ id: PaymentId.make(idFrom("pi", key)) })
      payments.set(payment.id, { ...charge, refunded: false })
      ledger.enter({ what: "charged", order: charge.orderId, payment: payment.id, amount: charge.amount })
      return payment
    }

    return {
      charge: Effect.fnUntraced(function* (key, charge) {
        const fared = yield* hardship.meet("payment.charge", key)
        if (fared.strikes("down")) {
          return yield* new PaymentUnavailable({ orderId: charge.orderId, reason: unanswered })
        }
        const because = fared.strikes("declined") ? "CardRefused" : whyDeclined(charge.method)
        const answer =
          answered.get(key) ??
          (because === undefined
            ? Result.succeed(book(key, charge))
            : Result.fail(new PaymentDeclined({ orderId: charge.orderId, because })))
        answered.set(key, answer)
        yield* fared.back
        return yield* Effect.fromResult(answer)
      }),
      refund: Effect.fnUntraced(function* (key, { orderId, payment: id }) {
        const fared = yield* hardship.meet("payment.refund", key)
        if (fared.strikes("down")) return yield* new RefundUnavailable({ orderId, reason: unanswered })
        const payment = payments.get(id)
        if (payment === undefined) return yield* new RefundRefused({ orderId, reason: `there is no payment ${id}` })
        if (!payment.refunded) {
          payment.refunded = true
          ledger.enter({ what: "refunded", order: orderId, payment: id, amount: payment.amount })
        }
        yield* fared.back
      })
    }
  })
)

const whyDeclined = (method: PaymentMethod): PaymentDeclined["because"] | undefined => {
  const match = /chargeDeclined(\w*)$/.exec(method)
  if (match === null) return undefined
  if (match[1] === "InsufficientFunds") return "InsufficientFunds"
  return match[1] === "ExpiredCard" ? "CardExpired" : "CardRefused"
}
