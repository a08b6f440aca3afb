/**
 * `OrderProcessingService.processOrder`: charge first, then reserve and notify at the same time.
 *
 * Kotlin:  coroutineScope { charge(); supervisorScope { val inventory = async { reserve() }
 *                                                       val notification = async { try { notify() } catch (e: Exception) { log } }
 *                                                       inventory.await(); notification.await(); … } }
 *
 * Here: the same story. The letter is a `launch` with an `onFailure` instead of an `async` with a catch-all, so its own
 * failure is logged and being cancelled is not ("WARN Notification failed" for a letter nobody tried to send any more).
 * The type names what is left: `IOException | IllegalStateException`.
 *
 * Not here: giving the money back. That takes a durable story (`firebreak/workflows`).
 */
import { Console, Effect } from "effect"
import { coroutineScope, supervisorScope } from "firebreak/supervision"
import { printIfMain, seedProgram } from "./harness/SeedProgram.ts"
import { cancelledAfter, described, IllegalStateException, IOException } from "./harness/words.ts"

export interface Services {
  readonly charge: Effect.Effect<string, IOException>
  readonly reserve: Effect.Effect<boolean, IllegalStateException>
  readonly sendOrderConfirmation: Effect.Effect<void, IOException>
}

export const processOrder = ({ charge, reserve, sendOrderConfirmation }: Services) =>
  coroutineScope(function* () {
    // Must succeed before anything else happens.
    const paymentId = yield* charge
    const inventoryReserved = yield* supervisorScope(function* (scope) {
      const inventory = yield* scope.async(reserve, { name: "reserve" })
      yield* scope.launch(sendOrderConfirmation, {
        name: "notify",
        onFailure: (error) => Console.log(`WARN Notification failed ${described(error)}`)
      })
      return yield* inventory.await
    })
    return `OrderResult(${paymentId}, reserved=${inventoryReserved})`
  })

const charged = Effect.sleep(25).pipe(Effect.andThen(Console.log("charged pay-1")), Effect.as("pay-1"))
const reservedAfter = (millis: number) =>
  Effect.sleep(millis).pipe(Effect.andThen(Console.log("reserved")), Effect.as(true))
const outOfStockAfter = (millis: number) =>
  Effect.andThen(Effect.sleep(millis), new IllegalStateException({ message: "out of stock" }))
const notifiedAfter = (millis: number) => Effect.andThen(Effect.sleep(millis), Console.log("notified"))

const told = (services: Services) =>
  processOrder(services).pipe(
    Effect.flatMap((result) => Console.log(`returned ${result}`)),
    Effect.catchTags({
      IOException: (error) => Console.log(`caller caught ${described(error)}`),
      IllegalStateException: (error) => Console.log(`caller caught ${described(error)}`)
    })
  )

export const S20a = seedProgram("S20a", "charge, then reserve and notify", {
  "all goes well": told({
    charge: charged,
    reserve: reservedAfter(50),
    sendOrderConfirmation: notifiedAfter(75)
  }),
  "a letter that cannot be sent does not touch the reservation": told({
    charge: charged,
    reserve: reservedAfter(75),
    sendOrderConfirmation: Effect.andThen(Effect.sleep(25), new IOException({ message: "smtp" }))
  })
})

export const S20b = seedProgram("S20b", "the shelf is empty", {
  "while the letter is in flight: it is cancelled, and no false warning is logged": told({
    charge: charged,
    reserve: outOfStockAfter(25),
    sendOrderConfirmation: notifiedAfter(75)
  }),
  "after the letter was sent": told({
    charge: charged,
    reserve: outOfStockAfter(100),
    sendOrderConfirmation: notifiedAfter(25)
  })
})

export const S20c = seedProgram("S20c", "nothing after a failed charge; cancellation goes down", {
  "the charge fails: nothing else is tried": told({
    charge: Effect.fail(new IOException({ message: "declined" })),
    reserve: reservedAfter(50),
    sendOrderConfirmation: notifiedAfter(75)
  }),
  "the caller is cancelled: no false warning is logged": cancelledAfter(
    50,
    told({ charge: charged, reserve: reservedAfter(50), sendOrderConfirmation: notifiedAfter(75) })
  )
})

printIfMain(import.meta.url, { S20a, S20b, S20c })
