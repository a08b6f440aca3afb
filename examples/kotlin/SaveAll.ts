/**
 * `repository.saveAll(records)` with something around it that catches "everything".
 *
 * Kotlin:  DANGEROUS  try { saveAll(records) } catch (e: Exception) { log }
 *          CORRECT    … catch (e: CancellationException) { throw e } catch (e: Exception) { log }
 *
 * Here: the dangerous one cannot be written. A cancellation never enters the error channel, and even `catchCause`, the
 * widest net there is, is passed by when its own fiber is cancelled. So there is nothing to rethrow.
 */
import { Cause, Console, Effect } from "effect"
import { printIfMain, seedProgram } from "./harness/SeedProgram.ts"
import { cancelledAfter, described, IOException, toItsEnd } from "./harness/words.ts"

const saveAll = (disk: "works" | "is broken"): Effect.Effect<void, IOException> =>
  Effect.forEach(
    [1, 2, 3],
    (record) =>
      Effect.sleep(50).pipe(
        Effect.andThen(disk === "works" ? Console.log(`saved ${record}`) : new IOException({ message: "disk" }))
      ),
    { discard: true }
  )

const saveFailed = (error: unknown) => Console.log(`ERROR Save failed ${described(error)}`)

/** The widest catch there is, and code after it. */
export const catchingEverything = (disk: "works" | "is broken") =>
  saveAll(disk).pipe(
    Effect.catchCause((cause) => saveFailed(Cause.squash(cause))),
    Effect.andThen(Console.log("continues"))
  )

/** Catching what can happen. */
export const catchingWhatCanHappen = (disk: "works" | "is broken") =>
  saveAll(disk).pipe(Effect.catchTag("IOException", saveFailed), Effect.andThen(Console.log("continues")))

export const S03 = seedProgram("S03", "catch-all around saveAll", {
  "a cancellation passes the catch, and nothing after it runs": cancelledAfter(75, catchingEverything("works")),
  "a failure is caught, and the story goes on": toItsEnd(catchingEverything("is broken"))
})

export const S04 = seedProgram("S04", "catching by type around saveAll", {
  "a cancellation passes the catch": cancelledAfter(75, catchingWhatCanHappen("works")),
  "a failure is caught, and the story goes on": toItsEnd(catchingWhatCanHappen("is broken"))
})

printIfMain(import.meta.url, { S03, S04 })
