/**
 * A stream as a state: a value that is always there, kept up to date while somebody looks.
 *
 *   initial ──▶ first subscriber: upstream starts ──▶ last one leaves ──whileSubscribed──▶ upstream stops, value stays
 *                    ▲                                      │
 *                    ╰──── somebody comes in time ──────────╯
 *
 * Subscribers see the latest value, not every value, and equal values once. Effect's `SubscriptionRef` is no base for
 * that: it queues every value for the slowest subscriber.
 *
 * Not here: retrying and falling back, which come before (`Stream.retry`, `Stream.catch`).
 */
import { Deferred, Effect, Equal, Exit, Fiber, RcRef, Stream } from "effect"
import type { Duration, Scope } from "effect"
import { failureIn } from "./internal/exits.ts"
import { CurrentOwner } from "./internal/Owner.ts"
import { report } from "./internal/uncaught.ts"
import type { Tags } from "./messages.ts"

type WhatFails<E> = [unknown] extends [E] ? "an unknown error" : Tags<E>

/** A state to read and to follow. */
export interface StateView<out A> {
  /** The latest value, or the initial one before the first; after the upstream has stopped, its last. */
  readonly value: Effect.Effect<A>
  /**
   * The value of now, then each new one.
   *
   * **Details** — a slow subscriber skips to the latest. It ends with the scope that the state lives in, and with nothing
   * else: not when the upstream completes or dies.
   */
  readonly changes: Stream.Stream<A>
}

/** How a state is kept. */
export interface StateOptions<out B> {
  /** The value before the first one. */
  readonly initial: B
  /** How long the upstream goes on when nobody is subscribed any more. */
  readonly whileSubscribed: Duration.Input
  /** What people read when the upstream dies. */
  readonly name?: string
}

/**
 * Keeps the latest value of `stream` as a state.
 *
 * **When to use** — a screen, or several, show the newest of something that is costly to watch.
 *
 * **Details** — only a stream that cannot fail is taken: a failure has to become a value of the state first, or its
 * subscribers would look at a stale one for ever. The upstream starts with the first subscriber and is cancelled
 * `whileSubscribed` after the last has left; the value stays. It runs in the `Scope` of the caller, with whose end
 * everything ends.
 *
 * **Gotchas** — a defect of the upstream goes to the `UncaughtHandler`, and the last value stays. It is started again when
 * somebody comes after `whileSubscribed` has passed, and so is one that has completed.
 *
 * **Example**
 *
 * ```ts
 * const orders = yield* stateIn(
 *   repository.orders.pipe(
 *     Stream.map((orders) => UiState.Success({ orders })),
 *     Stream.catch((error) => Stream.succeed(UiState.Failed({ error })))
 *   ),
 *   { initial: UiState.Loading(), whileSubscribed: "5 seconds" }
 * ) // StateView<UiState>
 * ```
 */
export const stateIn = <A, E, R, B>(
  stream: [E] extends [never]
    ? Stream.Stream<A, E, R>
    : `⛔ a state cannot fail, and this stream can with ${WhatFails<E>}: make that a value first, with Stream.catch before stateIn`,
  options: StateOptions<B>
): Effect.Effect<StateView<A | B>, never, R | Scope.Scope> =>
  Effect.gen(function* () {
    const latest = new Latest<A | B>(options.initial)
    const upstream = yield* RcRef.make({
      // sound: the parameter is a Stream whenever it is not a sentence, and a sentence is a compile error
      acquire: Effect.forkScoped(feed(latest, stream as Stream.Stream<A, never, R>, options.name ?? "stateIn")),
      idleTimeToLive: options.whileSubscribed
    })
    // After RcRef's own finalizer, so that it runs before: from then on nobody asks for the upstream.
    yield* Effect.addFinalizer(() => Effect.sync(() => latest.end()))
    return {
      value: Effect.sync(() => latest.value),
      changes: Stream.unwrap(
        Effect.suspend(() => Effect.as(latest.isEnded ? Effect.void : RcRef.get(upstream), latest.changes))
      )
    }
  })

/** Runs the upstream; whatever its end is, the state stays as it is. */
const feed = <A, R>(
  latest: Latest<A>,
  stream: Stream.Stream<A, never, R>,
  name: string
): Effect.Effect<void, never, R> =>
  Stream.runForEach(stream, (value) => Effect.sync(() => latest.set(value))).pipe(
    Effect.onExit((exit) => {
      const defect = Exit.isFailure(exit) ? failureIn(exit.cause) : undefined
      if (defect === undefined) return Effect.void
      const owner = Fiber.getCurrent()!.getRef(CurrentOwner)
      return report(owner === undefined ? name : `${owner.path} / ${name}`, defect)
    }),
    Effect.exit,
    Effect.asVoid
  )

/** A value, and a way to wait until it is another. */
class Latest<A> {
  value: A
  isEnded = false
  private changed = Deferred.makeUnsafe<void>()

  constructor(initial: A) {
    this.value = initial
  }

  set(value: A): void {
    this.value = value
    this.wake()
  }

  end(): void {
    this.isEnded = true
    this.wake()
  }

  private wake(): void {
    const changed = this.changed
    this.changed = Deferred.makeUnsafe()
    Deferred.doneUnsafe(changed, Exit.void)
  }

  /** The value of now, then each one that differs from the one seen before. */
  readonly changes: Stream.Stream<A> = Stream.unfold<Seen<A> | undefined, A, never, never>(undefined, (seen) =>
    this.after(seen)
  )

  private after(seen: Seen<A> | undefined): Effect.Effect<readonly [A, Seen<A>] | undefined> {
    const { value } = this
    if (seen === undefined || !Equal.equals(value, seen.value)) return Effect.succeed([value, { value }])
    if (this.isEnded) return Effect.undefined
    return Effect.andThen(
      Deferred.await(this.changed),
      Effect.suspend(() => this.after(seen))
    )
  }
}

interface Seen<A> {
  readonly value: A
}
