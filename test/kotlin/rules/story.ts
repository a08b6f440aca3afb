/**
 * A program told as one trail: what it logged, when, and how it ended.
 *
 * `[50] b` is the event b at 50 ms of virtual time; the last line is the end. A trail is compared whole, so a missing, an
 * extra and a reordered event all show.
 */
import { Cause, Clock, Data, Effect, Exit } from "effect"
import { TestClock } from "effect/testing"

export class E1 extends Data.TaggedError("E1")<{}> {}
export class E2 extends Data.TaggedError("E2")<{}> {}
export class E3 extends Data.TaggedError("E3")<{}> {}

/** Failing typed, without naming the class twice. */
export const fail1: Effect.Effect<never, E1> = Effect.fail(new E1())
export const fail2: Effect.Effect<never, E2> = Effect.fail(new E2())
export const fail3: Effect.Effect<never, E3> = Effect.fail(new E3())

export const after = (millis: number): Effect.Effect<void> => Effect.sleep(millis)
export const forever: Effect.Effect<never> = Effect.never

export type Log = (what: string) => Effect.Effect<void>

/** Runs the program for a virtual minute and gives its trail; the last line tells how it ended. */
export const story = <A, E, R>(
  program: (log: Log) => Effect.Effect<A, E, R>
): Effect.Effect<ReadonlyArray<string>, never, R> =>
  Effect.gen(function* () {
    const trail: Array<string> = []
    // Once the test clock has moved it no longer starts its own watch inside the first sleep: that start is interruptible,
    // and would tear a finalizer that sleeps.
    yield* TestClock.adjust(0)
    const start = yield* Clock.currentTimeMillis
    const log: Log = (what) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        trail.push(`[${now - start}] ${what}`)
      })
    const fiber = yield* program(log).pipe(
      Effect.onExit((exit) => log(ending(exit))),
      Effect.forkChild({ startImmediately: true })
    )
    yield* TestClock.adjust("1 minute")
    const ended = fiber.pollUnsafe() !== undefined
    fiber.interruptUnsafe()
    yield* TestClock.adjust("1 minute") // for finalizers that take their time
    return ended ? trail : [...trail.slice(0, -1), "never ends"]
  })

/** How something ended, in words. */
export const ending = (exit: Exit.Exit<unknown, unknown>): string => {
  if (Exit.isSuccess(exit)) return exit.value === undefined ? "succeeds" : `succeeds ${show(exit.value)}`
  const failures = exit.cause.reasons.filter((reason) => !Cause.isInterruptReason(reason))
  if (failures.length === 0) return "is cancelled"
  return failures
    .map((reason) => (Cause.isFailReason(reason) ? `fails ${tag(reason.error)}` : `dies ${tag(reason.defect)}`))
    .join(" + ")
}

const show = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value))

/** The tag of an error, or the message of what has none. */
export const tag = (error: unknown): string =>
  typeof error === "object" && error !== null && "_tag" in error
    ? String(error._tag)
    : error instanceof Error
      ? error.message
      : String(error)
