/**
 * `processAndAcknowledge(message)`: what has been processed must be marked and acknowledged, both or neither.
 *
 * Kotlin:  val result = process(message)
 *          withContext(NonCancellable) { database.markProcessed(message.id); messageQueue.acknowledge(message.deliveryTag) }
 *
 * Here: `nonCancellable(…, { within })`, with a bound that is told of when it is overrun. A cancellation that came in the
 * meantime takes effect at the end of the section; in Kotlin the code after it goes on until it happens to suspend. Both
 * leave a message that was processed and not yet marked to be delivered again, so `process` must be harmless twice.
 */
import { Console, Effect } from "effect"
import { coroutineScope, nonCancellable } from "firebreak/supervision"
import { printIfMain, seedProgram } from "./harness/SeedProgram.ts"
import { sayStatus } from "./harness/words.ts"

const process = Console.log("process start").pipe(
  Effect.andThen(Effect.sleep(100)),
  Effect.andThen(Console.log("process end"))
)
const markProcessed = Effect.andThen(Effect.sleep(50), Console.log("markProcessed"))
const acknowledge = Effect.andThen(Effect.sleep(50), Console.log("acknowledge"))

export const processAndAcknowledge = Effect.andThen(
  process,
  nonCancellable(Effect.andThen(markProcessed, acknowledge), { name: "acknowledge", within: "1 second" })
)

const consumer = processAndAcknowledge.pipe(
  Effect.andThen(Console.log("returned from processAndAcknowledge")),
  Effect.andThen(Effect.sleep(25)),
  Effect.andThen(Console.log("after"))
)

const cancelledAt = (millis: number) =>
  coroutineScope(function* (scope) {
    // Its clock is asked before that of `process`: at 100 it is the first to wake.
    const cancelling = yield* scope.async(Effect.andThen(Effect.sleep(millis), Console.log("cancel()")))
    const job = yield* scope.launch(consumer)
    yield* cancelling.await
    yield* job.cancelAndJoin
    yield* sayStatus("job", job)
  })

export const S09 = seedProgram("S09", "a region that must complete once it has begun", {
  "nobody cancels": coroutineScope(function* (scope) {
    const job = yield* scope.launch(consumer)
    yield* job.join
    yield* sayStatus("job", job)
  }),
  "cancelled while processing: neither marked nor acknowledged": cancelledAt(50),
  "cancelled while marking: marked and acknowledged, and nothing after that": cancelledAt(125),
  "cancelled at the very end of processing: neither marked nor acknowledged": cancelledAt(100)
})

printIfMain(import.meta.url, { S09 })
