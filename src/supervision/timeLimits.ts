/**
 * Time limits.
 *
 * A limit that passes is an ordinary typed failure, so the scope around it ends as with any other; Kotlin's is a
 * cancellation, which ends the job in silence. Time is virtual in tests.
 *
 * Not here: work that must not be cancelled (`nonCancellable.ts`), and retrying (`Effect.retry`).
 */
import { Duration, Effect, Exit, Function, Option, Schema } from "effect"
import { limited } from "./internal/limited.ts"
import { failureIn } from "./internal/exits.ts"
import { openScope } from "./internal/openScope.ts"
import { timeLimit } from "./internal/placing.ts"
import { ScopeBoundary } from "./ScopeBoundary.ts"

/** The time was up; everything under the limit has been cancelled and has ended. */
export class DeadlineExceeded extends Schema.TaggedError<DeadlineExceeded>()("DeadlineExceeded", {
  after: Schema.DurationFromMillis,
  /** What it was that took too long: the name the limit was given. */
  what: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    const notDone = this.what === undefined ? "not done" : `"${this.what}" was not done`
    return `${notDone} within ${Duration.format(this.after)}: it was cancelled`
  }
}

/** How a limit is set. */
export interface TimeLimitOptions {
  /** What people read in the failure: which of several limits it was. */
  readonly name?: string
}

/**
 * Fails with {@link DeadlineExceeded} when `effect` has not ended after `duration`.
 *
 * **Details** — on expiry `effect` is cancelled, with every scope and job opened in it; the failure comes when all of it,
 * finalizers included, has ended. Whatever else `effect` fails with passes through, also when it fails while it is being
 * cancelled. Zero or less expires at once, and `effect` does not run. What ends in the very instant of the deadline, or
 * never waits for anything, is in time.
 *
 * **Gotchas** — a value that comes after the deadline, out of a region that could not be cancelled, is dropped: acquire
 * resources with `Effect.acquireRelease`, which gives them back. In the story of a durable workflow the limit is a durable
 * timer, and what was done within it is taken back when it passes.
 *
 * **Example**
 *
 * ```ts
 * const charged = withTimeout(gateway.charge(order), "10 seconds", { name: "charge" })
 * ```
 */
export const withTimeout: {
  (
    duration: Duration.Input,
    options?: TimeLimitOptions
  ): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | DeadlineExceeded, R>
  <A, E, R>(
    effect: Effect.Effect<A, E, R>,
    duration: Duration.Input,
    options?: TimeLimitOptions
  ): Effect.Effect<A, E | DeadlineExceeded, R>
} = Function.dual(
  (args) => Effect.isEffect(args[0]),
  <A, E, R>(
    effect: Effect.Effect<A, E, R>,
    duration: Duration.Input,
    options?: TimeLimitOptions
  ): Effect.Effect<A, E | DeadlineExceeded, R> =>
    within<A, E, R, A, E | DeadlineExceeded>(
      effect,
      duration,
      (exit) => exit,
      (after) =>
        Exit.fail(new DeadlineExceeded(options?.name === undefined ? { after } : { after, what: options.name }))
    )
)

/**
 * Gives the value of `effect`, or `None` when it has not ended after `duration`.
 *
 * **Details** — as {@link withTimeout}, and it answers for its own limit only: a `DeadlineExceeded` from inside `effect`
 * passes through as the failure it is.
 *
 * **Example**
 *
 * ```ts
 * const cached = withTimeoutOption(cache.get(key), "50 millis")
 * ```
 */
export const withTimeoutOption: {
  (duration: Duration.Input): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<Option.Option<A>, E, R>
  <A, E, R>(effect: Effect.Effect<A, E, R>, duration: Duration.Input): Effect.Effect<Option.Option<A>, E, R>
} = Function.dual(
  2,
  <A, E, R>(effect: Effect.Effect<A, E, R>, duration: Duration.Input): Effect.Effect<Option.Option<A>, E, R> =>
    within(effect, duration, Exit.map(Option.some), () => Exit.succeed(Option.none()))
)

const within = <A, E, R, B, E2>(
  effect: Effect.Effect<A, E, R>,
  duration: Duration.Input,
  inTime: (exit: Exit.Exit<A, E>) => Exit.Exit<B, E2>,
  expired: (after: Duration.Duration) => Exit.Exit<B, E2>
): Effect.Effect<B, E | E2, R> => {
  const after = Duration.fromInputUnsafe(duration)
  if (!Duration.isPositive(after)) return Effect.suspend(() => expired(after))
  return limited(asScopeWhereDurable(effect), {
    after,
    uninterruptible: false,
    onPassed: (running) => Effect.sync(() => running.interruptUnsafe()),
    result: (exit, passed): Exit.Exit<B, E | E2> => {
      if (!passed) return inTime(exit) // also an interruption that was not ours: a cancellation, a suspended run
      const failure = Exit.isFailure(exit) ? failureIn(exit.cause) : undefined
      return failure === undefined ? expired(after) : Exit.failCause(failure)
    }
  })
}

/** Where a hook takes back what was done in what fails, what is given up by a time limit is to be taken back as well. */
const asScopeWhereDurable = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withFiber((fiber) => {
    if (fiber.getRef(ScopeBoundary) === undefined) return effect
    return openScope("coroutineScope", () => effect[Symbol.iterator](), timeLimit)
  })
