/**
 * Running a program on virtual time, with a trail of what happened when, and a count of the fibers it left behind.
 *
 * Time moves in steps of one millisecond, and between two steps everything that can run has run: what a program does at
 * one instant is therefore in the trail before anything later is.
 */
import { Clock, Effect, Exit, Fiber, Metric } from "effect"
import { TestClock } from "effect/testing"

/** The story of one test, compared whole. */
export class Trail {
  readonly events: Array<string> = []
  /** `"50 saved"`: what happened, and at which millisecond. */
  readonly log = (event: string): Effect.Effect<void> =>
    Effect.map(Clock.currentTimeMillis, (now) => void this.events.push(`${now} ${event}`))

  /** Takes `ms`, then succeeds with its name; says so, and says when it is interrupted. */
  readonly work = (name: string, ms: number): Effect.Effect<string> =>
    Effect.sleep(ms).pipe(
      Effect.andThen(this.log(name)),
      Effect.onInterrupt(() => this.log(`${name} cancelled`)),
      Effect.as(name)
    )

  /** Takes `ms`, then fails. */
  readonly failing = <E>(ms: number, error: E): Effect.Effect<never, E> =>
    Effect.sleep(ms).pipe(Effect.andThen(Effect.fail(error)))
}

/** How many fibers a program has running. */
export class FiberCount {
  alive = 0
  readonly metrics: Metric.FiberRuntimeMetricsService = {
    recordFiberStart: () => void this.alive++,
    recordFiberEnd: () => void this.alive--
  }
}

/** What became of a program, and when. */
export interface Ran<A, E> {
  readonly exit: Exit.Exit<A, E>
  readonly at: number
  /** Fibers that the program started and that had not ended when it had. */
  readonly left: number
}

/** Runs `program` to its end on virtual time; it must end within `upTo` virtual milliseconds. */
export const run = <A, E, R>(program: Effect.Effect<A, E, R>, upTo = 10_000): Effect.Effect<Ran<A, E>, never, R> =>
  Effect.gen(function* () {
    // The first sleep under a new test clock can be interrupted even in a finalizer: let the clock be known before.
    yield* TestClock.adjust(0)
    const fibers = new FiberCount()
    const counted = Effect.provideService(Effect.exit(program), Metric.FiberRuntimeMetrics, fibers.metrics)
    const ended = Effect.gen(function* () {
      const exit = yield* counted
      return { exit, at: yield* Clock.currentTimeMillis, left: fibers.alive }
    })
    const fiber = yield* Effect.forkChild(ended, { startImmediately: true })
    for (let ms = 0; ms < upTo && fiber.pollUnsafe() === undefined; ms++) yield* TestClock.adjust(1)
    if (fiber.pollUnsafe() === undefined) return yield* Effect.die(`not ended after ${upTo} virtual milliseconds`)
    return yield* Fiber.join(fiber)
  })
