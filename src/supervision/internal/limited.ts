/**
 * An effect in a fiber of its own, and what is done when a time has passed and it still runs.
 *
 * Who waits for it goes on only after it has ended, also when the waiting is cancelled. A timer exists only while the
 * effect is parked: what ends at once never had one, and no timer outlives what it watches.
 *
 * Not here: what the passing of the time means (`../timeLimits.ts`, `../nonCancellable.ts`).
 */
import { Duration, Effect, Exit, Fiber } from "effect"
import type { Context, Scheduler } from "effect"
import { cascade, startFiber } from "./cascade.ts"
import { onlyFailure } from "./exits.ts"

export interface Limit<A, E, B, E2> {
  readonly after: Duration.Duration
  /** Cancelling the one who waits does not cancel the effect. */
  readonly uninterruptible: boolean
  /** Runs once, uninterruptibly, when the time has passed and the effect still runs. */
  readonly onPassed: (effect: Fiber.Fiber<A, E>) => Effect.Effect<void>
  /** What the waiting comes to. */
  readonly result: (exit: Exit.Exit<A, E>, passed: boolean) => Exit.Exit<B, E2>
}

export const limited = <A, E, R, B, E2>(
  effect: Effect.Effect<A, E, R>,
  limit: Limit<A, E, B, E2>
): Effect.Effect<B, E2, R> =>
  Effect.contextWith((context: Context.Context<R>) =>
    Effect.callback<B, E2>(function (resume) {
      const limited = new Limited(limit, this, resume)
      if (limited.start(effect, context)) return
      // sound: what it fails with after all joins the cause of the cancellation, by Effect's own rule
      return Effect.callback<void, E>((resume) => limited.cancelled(resume)) as Effect.Effect<void>
    })
  )

class Limited<A, E, B, E2> {
  private readonly limit: Limit<A, E, B, E2>
  private readonly scheduler: Scheduler.Scheduler
  private readonly waiterId = Fiber.getCurrent()!.id
  private resume: (exit: Exit.Exit<any, any>) => void
  private fiber: Fiber.Fiber<A, E> | undefined = undefined
  private timer: Fiber.Fiber<void> | undefined = undefined
  private passed = false
  private isCancelled = false
  private told = false

  constructor(limit: Limit<A, E, B, E2>, scheduler: Scheduler.Scheduler, resume: (exit: Exit.Exit<B, E2>) => void) {
    this.limit = limit
    this.scheduler = scheduler
    this.resume = resume
  }

  /** Whether it ended at once. */
  start<R>(effect: Effect.Effect<A, E, R>, context: Context.Context<R>): boolean {
    const { after, uninterruptible } = this.limit
    const run = Effect.runForkWith(context)
    const fiber = startFiber(effect, context, { uninterruptible })
    const exit = fiber.pollUnsafe()
    if (exit !== undefined) {
      this.resume(this.limit.result(exit, false))
      return true
    }
    this.fiber = fiber
    if (Duration.isFinite(after)) this.timer = run(Effect.andThen(Effect.sleep(after), this.onPassed))
    fiber.addObserver((exit) => cascade(this.scheduler, ended, this, exit))
    return false
  }

  private readonly onPassed: Effect.Effect<void> = Effect.uninterruptible(
    Effect.suspend(() => {
      this.passed = true
      return this.limit.onPassed(this.fiber!)
    })
  )

  ended(exit: Exit.Exit<A, E>): void {
    const timer = this.timer
    if (timer === undefined) return this.tell(exit)
    timer.interruptUnsafe()
    timer.addObserver(() => this.tell(exit))
  }

  private tell(exit: Exit.Exit<A, E>): void {
    this.told = true
    this.resume(this.isCancelled ? onlyFailure(exit) : this.limit.result(exit, this.passed))
  }

  /** The one who waits is cancelled: so is the effect, where it may be, and its end is waited for. */
  cancelled(resume: (exit: Exit.Exit<void, E>) => void): void {
    // Effect also cleans up after a wait that ended in an interruption.
    if (this.told) return resume(Exit.void)
    this.isCancelled = true
    this.resume = resume
    if (!this.limit.uninterruptible) this.fiber!.interruptUnsafe(this.waiterId)
  }
}

const ended = <A, E, B, E2>(limited: Limited<A, E, B, E2>, exit: Exit.Exit<A, E>): void => limited.ended(exit)
