/**
 * Waiting for several jobs at once.
 *
 * Not here: waiting for one. That is `await`, `settled` and `join` of the job itself.
 */
import { Effect, Exit } from "effect"
import type { AnyJob, AwaitedOnlyByYield, Job, SupervisedJob } from "./Job.ts"
import type { JobCore } from "./internal/JobCore.ts"
import { CurrentOwner } from "./internal/Owner.ts"
import { addWaiter, removeWaiter, resultOf, type Waiter } from "./internal/waiting.ts"

/** The values of a tuple or array of jobs, in its order. */
export type ValuesOf<Jobs extends ReadonlyArray<AnyJob<any, any>>> = {
  -readonly [K in keyof Jobs]: Jobs[K] extends AnyJob<infer A, any> ? A : never
}

/** What any of several supervised jobs can fail with. */
export type FailuresOf<Jobs extends ReadonlyArray<AnyJob<any, any>>> =
  Jobs[number] extends SupervisedJob<any, infer E> ? E : never

/**
 * Waits for all jobs and gives their values in the order of the jobs.
 *
 * **Details** — jobs of a fail-fast scope: can only be yielded, like their `await`. Jobs of a supervisor: fails as soon as
 * any of them fails, not in order; the others are not cancelled by it. The same job may stand in the list twice.
 *
 * **Gotchas** — an unhandled failure of `awaitAll` in a supervisor's body fails the body, and that cancels the jobs.
 *
 * **Example**
 *
 * ```ts
 * const [payment, stock] = yield* awaitAll([charging, reserving])
 * ```
 */
export const awaitAll: {
  <const Jobs extends ReadonlyArray<SupervisedJob<any, any>>>(
    jobs: Jobs
  ): Effect.Effect<ValuesOf<Jobs>, FailuresOf<Jobs>>
  <const Jobs extends ReadonlyArray<Job<any>>>(jobs: Jobs): AwaitedOnlyByYield<ValuesOf<Jobs>>
} = (jobs: ReadonlyArray<AnyJob<any, any>>): any => {
  const cores = jobs as unknown as ReadonlyArray<JobCore> // sound: only launches make jobs, and they make JobCores
  return cores[0]?.scope.kind === "coroutineScope" ? onlyYielded(cores) : allValues(cores)
}

/** For a story: it yields one Effect, which the story's own scope runs. */
const onlyYielded = (jobs: ReadonlyArray<JobCore>): AwaitedOnlyByYield<ReadonlyArray<unknown>> =>
  ({
    [Symbol.iterator]: () => allValues(jobs)[Symbol.iterator]()
    // sound: whatever else AwaitedOnlyByYield has is there to be refused by the compiler
  }) as unknown as AwaitedOnlyByYield<ReadonlyArray<unknown>>

/** All values, or the first end that is not a value. */
const allValues = (jobs: ReadonlyArray<JobCore>): Effect.Effect<ReadonlyArray<unknown>, unknown> =>
  Effect.withFiber((fiber) => {
    const owner = fiber.getRef(CurrentOwner)
    const running = new Set<JobCore>()
    for (const job of jobs) {
      job.observed = true
      if (job.exit === undefined) running.add(job)
      else {
        const result = resultOf(job, "await", owner)
        if (Exit.isFailure(result)) return Exit.failCause(result.cause)
      }
    }
    const values = () => Exit.succeed(jobs.map((job) => (job.exit as Exit.Success<unknown>).value)) // sound: asked when all have succeeded
    if (running.size === 0) return values()
    return Effect.callback<ReadonlyArray<unknown>, unknown>((resume) => {
      const leave = () => running.forEach((job) => removeWaiter(job, waiter))
      const waiter: Waiter = {
        jobEnded: (job) => {
          running.delete(job)
          const result = resultOf(job, "await", owner)
          if (Exit.isSuccess(result)) return running.size === 0 ? resume(values()) : undefined
          leave()
          resume(Exit.failCause(result.cause))
        }
      }
      for (const job of running) addWaiter(job, waiter)
      return Effect.sync(leave)
    })
  })

/**
 * Waits until all jobs have ended, whatever their ends are; never fails.
 *
 * **Example**
 *
 * ```ts
 * yield* joinAll(letters)
 * ```
 */
export const joinAll = (jobs: Iterable<AnyJob<unknown, unknown>>): Effect.Effect<void> =>
  Effect.forEach(jobs, (job) => job.join, { discard: true })
