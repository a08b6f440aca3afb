/**
 * Critical sections: work that, once begun, runs to its end.
 *
 * The bound is mandatory, because what cannot be cancelled holds up everybody who waits for it. It is a region around an
 * effect, not a property that a job could be launched with: nothing is orphaned by it.
 *
 * Not here: cancelling what takes too long (`timeLimits.ts`).
 */
import { Cause, Data, Duration, Effect, Function } from "effect"
import { limited } from "./internal/limited.ts"
import { CurrentOwner } from "./internal/Owner.ts"
import { report } from "./internal/uncaught.ts"

/** A critical section is taking longer than it said it would; it goes on. */
export class CriticalSectionOverran extends Data.TaggedError("CriticalSectionOverran")<{
  readonly section: string
  readonly within: Duration.Duration
}> {
  override get message(): string {
    const within = Duration.format(this.within)
    return `critical section "${this.section}" still runs after ${within}: until it ends, nothing around it can be cancelled`
  }
}

/** How a critical section is bounded. */
export interface NonCancellableOptions {
  /** How long it may take; it is told on, not cancelled, when it takes longer. */
  readonly within: Duration.Input
  /** What people read when it takes longer. */
  readonly name?: string
}

/**
 * Runs `effect` to its end, whatever is cancelled around it meanwhile.
 *
 * **When to use** — two things must not be torn apart, such as marking a message as processed and acknowledging it.
 *
 * **Details** — a cancellation is put off to the end of the section, and takes effect there; what the section failed with
 * is kept beside it. When `within` passes first, the `UncaughtHandler` is told once, with the section's name, as a
 * {@link CriticalSectionOverran}. Scopes and jobs inside work as they do anywhere, failures and time limits included.
 *
 * **Gotchas** — two sections in a row are not one: a cancellation takes effect between them. Jobs launched in the section
 * on a scope around it belong to that scope, and are cancelled with it: open a scope in the section.
 *
 * **Example**
 *
 * ```ts
 * yield* process(message)
 * yield* nonCancellable(Effect.andThen(markProcessed(message), acknowledge(message)), {
 *   name: "acknowledge",
 *   within: "5 seconds"
 * })
 * ```
 */
export const nonCancellable: {
  (options: NonCancellableOptions): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(effect: Effect.Effect<A, E, R>, options: NonCancellableOptions): Effect.Effect<A, E, R>
} = Function.dual(
  2,
  <A, E, R>(effect: Effect.Effect<A, E, R>, options: NonCancellableOptions): Effect.Effect<A, E, R> => {
    const after = Duration.fromInputUnsafe(options.within)
    return limited(effect, {
      after,
      uninterruptible: true,
      onPassed: () => overran(options.name ?? "nonCancellable", after),
      result: (exit) => exit
    })
  }
)

const overran = (name: string, within: Duration.Duration): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    const owner = fiber.getRef(CurrentOwner)
    const section = owner === undefined ? name : `${owner.path} / ${name}`
    return report(section, Cause.die(new CriticalSectionOverran({ section, within })))
  })
