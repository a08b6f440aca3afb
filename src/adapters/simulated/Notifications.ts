/**
 * A mail server in this process.
 *
 * The special rule: nobody answers for `dead-mail.example` and what lies below it, so a letter to there never leaves.
 */
import { Effect, Layer } from "effect"
import { type Letter, NotificationFailed, Notifications, type StepKey } from "../../workflows/index.ts"
import { Hardship } from "./Hardship.ts"
import { Ledger } from "./Ledger.ts"
import { recently } from "./recently.ts"

export const layer: Layer.Layer<Notifications, never, Ledger | Hardship> = Layer.effect(
  Notifications,
  Effect.gen(function* () {
    const ledger = yield* Ledger
    const hardship = yield* Hardship
    const sent = recently<StepKey, true>()

    const send = (about: "received" | "refused") =>
      Effect.fnUntraced(function* (key: StepKey, { order, to }: Letter) {
        const fared = yield* hardship.meet(`notification.${about}`, key)
        const host = to.slice(to.lastIndexOf("@") + 1)
        if (fared.strikes("down") || /(^|\.)dead-mail\.example$/i.test(host)) {
          return yield* new NotificationFailed({
            orderId: order.id,
            reason: `the mail server of ${host} does not answer`
          })
        }
        if (sent.get(key) === undefined) {
          sent.set(key, true)
          ledger.enter({ what: `told: ${about}`, order: order.id, to })
        }
        yield* fared.back
      })

    return { orderReceived: send("received"), orderRefused: send("refused") }
  })
)
