/**
 * Recording what happens among jobs.
 *
 * Whoever provides a recorder pays for it; without one, scopes do not even ask the time.
 *
 * Not here: what a trace holds (`FailureTrace.ts`), and how it is shown (`failureTraceText.ts`, `failureTraceSvg.ts`).
 */
import { Context, Effect, Layer } from "effect"
import type { Exit } from "effect"
import { ScopeTrace } from "../internal/ScopeTrace.ts"
import type { FailureTrace } from "./FailureTrace.ts"
import { makeRecorder } from "./Recorder.ts"
import { takeTrace } from "./takeTrace.ts"

/** How much is kept of a recording. */
export interface FailureRecordingOptions {
  /**
   * About so many scopes and jobs, 10,000 unless said otherwise. Beyond that, what went well is dropped as it ends, and
   * so are whole outermost scopes; they are counted.
   */
  readonly keep?: number
}

/** What a program did, and what happened among its jobs. */
export interface FailureRecording<A, E> {
  readonly exit: Exit.Exit<A, E>
  readonly trace: FailureTrace
}

/**
 * Runs `effect` and records its scopes and jobs.
 *
 * **When to use** — in a test or a script, to see or to assert what one failure did to the others.
 *
 * **Details** — never fails: how `effect` ended is the `exit`. What runs on after it, on a supervisor from outside, is in
 * the trace as far as it had come.
 *
 * **Example**
 *
 * ```ts
 * const { exit, trace } = yield* recordFailures(program)
 * console.log(failureTraceText(trace))
 * ```
 */
export const recordFailures = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  options?: FailureRecordingOptions
): Effect.Effect<FailureRecording<A, E>, never, R> =>
  Effect.gen(function* () {
    const recorder = yield* recorderWith(options)
    const exit = yield* Effect.exit(Effect.provideService(effect, ScopeTrace, recorder))
    return { exit, trace: takeTrace(recorder) }
  })

/**
 * A recorder for a whole application, to be looked at while it runs.
 *
 * **When to use** — for what lives long: a service, or a command that draws a picture at its end.
 *
 * **Example**
 *
 * ```ts
 * const program = Effect.gen(function*() {
 *   yield* runOrders
 *   const { trace } = yield* FailureRecorder
 *   yield* writeFile("orders.svg", failureTraceSvg(yield* trace))
 * }).pipe(Effect.provide(FailureRecorder.layer()))
 * ```
 */
export class FailureRecorder extends Context.Service<
  FailureRecorder,
  {
    /** What was recorded so far. */
    readonly trace: Effect.Effect<FailureTrace>
  }
>()("firebreak/supervision/FailureRecorder") {
  /** Records all scopes that are opened below it. */
  static readonly layer = (options?: FailureRecordingOptions): Layer.Layer<FailureRecorder> =>
    Layer.effectContext(
      Effect.map(recorderWith(options), (recorder) =>
        Context.make(FailureRecorder, { trace: Effect.sync(() => takeTrace(recorder)) }).pipe(
          Context.add(ScopeTrace, recorder)
        )
      )
    )
}

const recorderWith = (options: FailureRecordingOptions | undefined) => makeRecorder(options?.keep ?? 10_000)
