/**
 * A mail server.
 *
 * The special rule: nobody answers for `dead-mail.example` and what lies below it, so a letter to there never leaves.
 */
import { Effect, Layer } from "effect"
import { type Letter, Notifications, type StepKey, Unavailable } from "../../workflows/index.ts"
import { enter } from "./Ledger.ts"
import { Outside } from "./Outside.ts"

export const layer: Layer.Layer<Notifications, never, Outside> = Layer.effect(
  Notifications,
  Outside.useSync(({ ask }) => {
    const send =
      (about: "received" | "refused") =>
      (key: StepKey, { orderId, to, total }: Letter) => {
        const host = to.slice(to.lastIndexOf("@") + 1)
        if (/(^|\.)dead-mail\.example$/i.test(host)) {
          return Effect.fail(new Unavailable({ reason: `the mail server of ${host} does not answer` }))
        }
        const asked = { to, total: String(total) }
        return Effect.asVoid(
          ask({ place: `notification.${about}`, key, order: orderId, asked }, (desk) => {
            enter(desk, `told: ${about}`, orderId, key, { to })
            return { sent: true }
          })
        )
      }
    return { orderReceived: send("received"), orderRefused: send("refused") }
  })
)
