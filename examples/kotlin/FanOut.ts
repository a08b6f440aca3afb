/**
 * The fan-out over events: one malformed event, and what else it takes along.
 *
 * Kotlin:  WRONG  coroutineScope { events.map { async { enrichAndStore(it) } }.awaitAll() }
 *          RIGHT  supervisorScope { events.map { async { runCatching { enrichAndStore(it) }.onFailure { log } } }.awaitAll() }
 *
 * Here: the type says which of the two it is. `allOrNothing` fails with `BadEvent`; `eachOnItsOwn` cannot fail. Only
 * failures are told to `tapError`, so cancelling the caller logs no errors (S02c); `runCatching` takes a
 * CancellationException for a failed event.
 */
import { Console, Data, Effect, Result } from "effect"
import { awaitAll, coroutineScope, supervisorScope } from "firebreak/supervision"
import { printIfMain, seedProgram } from "./harness/SeedProgram.ts"
import { cancelledAfter, described } from "./harness/words.ts"

export interface Event {
  readonly id: string
  readonly millis: number
}

export class BadEvent extends Data.TaggedError("BadEvent")<{ readonly message: string }> {}

const enrichAndStore = ({ id, millis }: Event): Effect.Effect<void, BadEvent> =>
  Effect.sleep(millis).pipe(
    Effect.andThen(id.startsWith("bad") ? new BadEvent({ message: `malformed ${id}` }) : Console.log(`stored ${id}`)),
    Effect.onInterrupt(() => Console.log(`cancelled ${id}`))
  )

export const allOrNothing = (events: ReadonlyArray<Event>) =>
  coroutineScope(function* (scope) {
    const jobs = yield* Effect.forEach(events, (event) => scope.async(enrichAndStore(event), { name: event.id }))
    return yield* awaitAll(jobs)
  })

export const eachOnItsOwn = (events: ReadonlyArray<Event>) =>
  supervisorScope(function* (scope) {
    const jobs = yield* Effect.forEach(events, (event) =>
      scope.async(
        enrichAndStore(event).pipe(
          Effect.tapError((error) => Console.log(`ERROR Failed: ${event.id} ${described(error)}`)),
          Effect.result
        ),
        { name: event.id }
      )
    )
    return yield* awaitAll(jobs)
  })

/** A supervisor whose body awaits without handling: the failure is the body's, and the jobs are coupled again. */
export const supervisedButAwaited = (events: ReadonlyArray<Event>) =>
  supervisorScope(function* (scope) {
    const jobs = yield* Effect.forEach(events, (event) => scope.async(enrichAndStore(event), { name: event.id }))
    return yield* awaitAll(jobs)
  })

const events = [
  { id: "e1", millis: 50 },
  { id: "bad2", millis: 100 },
  { id: "e3", millis: 150 }
]

const caught = (storing: Effect.Effect<unknown, BadEvent>) =>
  Effect.catchTag(storing, "BadEvent", (error) => Console.log(`caller caught ${described(error)}`))

export const S01 = seedProgram("S01", "fan-out in a coroutineScope", {
  "one bad event cancels the others; what was stored stays stored": caught(allOrNothing(events))
})

export const S02 = seedProgram("S02", "fan-out in a supervisorScope, failures as results", {
  "a bad event fails alone": eachOnItsOwn(events).pipe(
    Effect.flatMap((results) => Console.log(`returned [${results.map(Result.isSuccess).join(", ")}]`))
  )
})

export const S02c = seedProgram("S02c", "the same, and the caller is cancelled", {
  "cancelling the caller logs no failed events": cancelledAfter(75, eachOnItsOwn(events))
})

export const S02x = seedProgram("S02x", "a supervisorScope that awaits without handling", {
  "the failing await is the body's failure and cancels the others": caught(supervisedButAwaited(events))
})

printIfMain(import.meta.url, { S01, S02, S02c, S02x })
