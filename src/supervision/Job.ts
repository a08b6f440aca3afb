/**
 * Jobs, as those who launched them see them.
 *
 *   launched ──▶ running ──▶ succeeded
 *                  │ ╲────▶ failed       in a fail-fast scope: so does the scope
 *                  │  ╲───▶ suspended    in a durable workflow: the run goes on later
 *                  ╰─cancelling─▶ cancelled
 *
 * A job has ended when its own effect, its finalizers and every job launched by it have ended.
 *
 * Not here: how a job is run (`internal/JobCore.ts`), and launching (`CoroutineScope.ts`, `SupervisorScope.ts`).
 */
import type { Effect, Exit, Inspectable } from "effect"

/** Where a job is in its life. `suspended` occurs only inside durable workflows. */
export type JobStatus = "running" | "cancelling" | "succeeded" | "failed" | "cancelled" | "suspended"

/** What both kinds of job offer. */
export interface AnyJob<out A, out E> {
  /** The name it was launched with, or its kind and position: `async#1`. */
  readonly name: string
  /** Its place, for people: `ProcessOrder / supervisor / notify`. Never make a key of it: it changes when code moves. */
  readonly path: string
  /**
   * Waits for the end and gives its `Exit`; never fails.
   *
   * **Gotchas** — in a fail-fast scope, seeing a failure here does not contain it: the scope fails all the same.
   */
  readonly settled: Effect.Effect<Exit.Exit<A, E>>
  /** Waits for the end, whatever it is. */
  readonly join: Effect.Effect<void>
  /** Asks the job, and all jobs launched by it, to end; does not wait. Cancelling a job is not a failure of anything. */
  readonly cancel: Effect.Effect<void>
  /** Asks the job to end and waits until it has, finalizers included. */
  readonly cancelAndJoin: Effect.Effect<void>
  readonly status: Effect.Effect<JobStatus>
  /** The jobs launched by this job that have not ended yet, in order of launching. */
  readonly children: Effect.Effect<ReadonlyArray<AnyJob<unknown, unknown>>>
  /**
   * Calls `handler` once, at the end (now, if it has ended), before those who wait are told. What it gives
   * takes the handler away again, and may be called in the handler itself.
   *
   * **Gotchas** — a handler that throws stops nobody: what it threw goes to the {@link UncaughtHandler}.
   */
  readonly onCompletion: (handler: (exit: Exit.Exit<A, E>) => void) => Effect.Effect<() => void>
}

declare const awaiting: unique symbol

/** What the compiler says when a fail-fast `await` is used as an Effect. */
export type OnlyYielded =
  "⛔ a fail-fast job's failure is its scope's: write yield* job.await, or yield* awaitAll([…]), in the scope's own story, and catch around coroutineScope or inside the job"

/** The outside of an Effect with a sentence for its type: the sentence is what a mismatch prints. */
interface NotAnEffect extends Inspectable.Inspectable {
  readonly [Effect.TypeId]: [OnlyYielded]
}

/** What `yield* job.await` yields. Not an Effect, so `Effect.gen` refuses it: only a scope's own story may wait. */
export interface AwaitJob extends NotAnEffect {
  readonly [awaiting]: true
  readonly pipe: [OnlyYielded]
  readonly [Symbol.iterator]: [OnlyYielded]
}

/**
 * Can be awaited with `yield*` in a scope's own story and nowhere else.
 *
 * **Details** — as an `Effect<A, never>` it could be piped into `Effect.catch`, `orElseSucceed`, `exit` …: all of that
 * would compile and contain nothing, because the failure is already the scope's.
 */
export interface AwaitedOnlyByYield<out A> extends NotAnEffect {
  // TNext is any, or `yield*` does not infer the value.
  [Symbol.iterator](): Iterator<AwaitJob, A, any>
  pipe(combinator: OnlyYielded, ...more: ReadonlyArray<unknown>): AwaitedOnlyByYield<A>
}

/** A job of a fail-fast scope: its failure is the scope's, so awaiting it cannot fail. */
export interface Job<out A> extends AnyJob<A, unknown> {
  readonly await: AwaitedOnlyByYield<A>
}

/** A job of a supervisor: its failure is yours to handle, where you await it. */
export interface SupervisedJob<out A, out E = never> extends AnyJob<A, E> {
  readonly await: Effect.Effect<A, E>
}

/** How a job is launched. */
export interface JobOptions {
  /** What people read in paths, traces and logs. */
  readonly name?: string
}
