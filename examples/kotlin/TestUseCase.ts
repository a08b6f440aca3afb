/**
 * `TestUseCase`: eight ways to put a try/catch and a SupervisorJob around `async { doWork(i) }.await()`.
 *
 * Kotlin:  test   async{}.await(), nothing caught: crash          test4  async(SupervisorJob()): works, not cancellable
 *          test1  try/catch around await: still a crash           test5  SupervisorJob(parent): never completes
 *          test2  SupervisorJob in the scope: still               test6  supervisorScope: the idiomatic one
 *          test3  SupervisorJob passed to launch: still
 *
 * Here: no job is ever a parameter, so 3, 4 and 5 cannot be written; `await` in a fail-fast scope is not an Effect, so 1
 * and 2 cannot be; and a failing job is not taken by a scope whose `onFailure` does not cover it, so `test` cannot be.
 * Each is written as the nearest thing that compiles.
 */
import { Console, Data, Effect } from "effect"
import { type AnyJob, coroutineScope, type ScopeClosed, Supervisor, supervisorScope } from "firebreak/supervision"
import { printIfMain, seedProgram } from "./harness/SeedProgram.ts"
import { described, openness } from "./harness/words.ts"

export class WorkException extends Data.TaggedError("WorkException")<{ readonly message: string }> {}

const doWork = (iteration: number): Effect.Effect<number, WorkException> =>
  Effect.sleep(100).pipe(
    Effect.andThen(Console.log(`working on ${iteration}`)),
    Effect.andThen(iteration === 0 ? new WorkException({ message: "work failed" }) : Effect.succeed(0))
  )

const twice = <E, R>(work: (iteration: number) => Effect.Effect<void, E, R>) =>
  Effect.forEach([0, 1], work, { discard: true })

const result = (value: number) => Console.log(`work result: ${value}`)
const caught = (error: WorkException) => Console.log(`caught exception: ${described(error)}`)

/** Kotlin's `CoroutineScope(…)`, which is long-lived: here it says what it takes. */
const makeScope = Supervisor.make({
  name: "scope",
  onFailure: (error: WorkException | ScopeClosed) => Console.log(`onFailure ${described(error)}`)
})

const sayBoth = Effect.fnUntraced(function* (job: AnyJob<unknown, unknown>, scope: Supervisor<never>) {
  yield* Console.log(`launch: ${yield* job.status} | scope: ${yield* openness(scope)}`)
})

/** Launches `work` in a long-lived scope and tells how both stand at its end. */
const launched = (work: Effect.Effect<void, WorkException | ScopeClosed>) =>
  Effect.gen(function* () {
    const scope = yield* makeScope
    const job = yield* scope.launch(work, { name: "launch" })
    yield* job.join
    yield* sayBoth(job, scope)
  })

/** Launches `work` in a scope that is one for all, which hands its failure to its caller. */
const launchedForAll = (work: Effect.Effect<void, WorkException>) =>
  Effect.gen(function* () {
    let job!: AnyJob<unknown, unknown> // set by the body, which has ended where it is read
    const scope = coroutineScope(function* (scope) {
      job = yield* scope.launch(work, { name: "launch" })
    })
    const end = scope.pipe(
      Effect.as("succeeded"),
      Effect.catchTag("WorkException", (error) => Effect.as(Console.log(`caller caught ${described(error)}`), "failed"))
    )
    const scopeStatus = yield* end
    yield* Console.log(`launch: ${yield* job.status} | scope: ${scopeStatus}`)
  })

/** `launched`, and cancelled at 50. */
const launchedAndCancelled = (work: Effect.Effect<void, WorkException | ScopeClosed>) =>
  Effect.gen(function* () {
    const scope = yield* makeScope
    const job = yield* scope.launch(work, { name: "launch" })
    yield* Effect.sleep(50)
    yield* Console.log("job.cancel()")
    yield* job.cancelAndJoin
    yield* sayBoth(job, scope)
  })

// ── test, test1 … test6 ──────────────────────────────────────────────────────────────────────────────────────────────

const test = coroutineScope(function* (scope) {
  for (const i of [0, 1]) {
    const job = yield* scope.async(doWork(i))
    yield* result(yield* job.await)
  }
})

/** The catch moves into the job, before the failure is the scope's. */
const test1 = coroutineScope(function* (scope) {
  for (const i of [0, 1]) {
    const job = yield* scope.async(Effect.catchTag(Effect.flatMap(doWork(i), result), "WorkException", caught))
    yield* job.await
  }
})

/** The scope around it is a supervisor, which covers its direct children: this one job. */
const test2 = test

/** A supervisor of its own for the launch, instead of a SupervisorJob passed to it: the `async` is its grandchild. */
const launchedTest3 = Effect.gen(function* () {
  const scope = yield* makeScope
  const grandparent = yield* makeScope
  const job = yield* grandparent.launch(test, { name: "launch" })
  yield* job.join
  yield* sayBoth(job, scope)
})

/** A private supervisor for each `async`: it is a scope with an end, not a Job without one. */
const test4 = twice((i) =>
  supervisorScope(function* (scope) {
    const job = yield* scope.async(doWork(i))
    yield* result(yield* job.await)
  }).pipe(Effect.catchTag("WorkException", caught))
)

/** A private fail-fast scope does it as well: the failure ends there, and the catch stands around it. */
const test4WithJob = twice((i) =>
  coroutineScope(function* (scope) {
    const job = yield* scope.async(doWork(i))
    yield* result(yield* job.await)
  }).pipe(Effect.catchTag("WorkException", caught))
)

/** A supervisor made by hand inside the job. It is a resource of the job, which closes it. */
const test5 = twice((i) =>
  Effect.gen(function* () {
    // Whoever awaits is told; a supervisor still wants to know what may go wrong in it.
    const supervisor = yield* Supervisor.make<WorkException>({ name: "by hand", onFailure: () => Effect.void })
    const job = yield* supervisor.launch(doWork(i))
    yield* Effect.flatMap(job.await, result).pipe(Effect.catchTag("WorkException", caught))
  }).pipe(Effect.scoped)
).pipe(Effect.andThen(Console.log("body done")))

const test6 = supervisorScope(function* (scope) {
  for (const i of [0, 1]) {
    const job = yield* scope.async(doWork(i))
    yield* Effect.flatMap(job.await, result).pipe(Effect.catchTag("WorkException", caught))
  }
})

export const S21 = seedProgram("S21", "test: a failing async in a launch", {
  "the failure is the scope's, whose type hands it to the caller": launchedForAll(test)
})

export const S22 = seedProgram("S22", "test1: a try/catch around await", {
  "caught in the job, the failure reaches nobody else": launched(test1)
})

export const S23 = seedProgram("S23", "test2: a SupervisorJob in the scope", {
  "a supervisor covers its direct children only": launched(test2)
})

export const S24 = seedProgram("S24", "test3: a SupervisorJob passed to launch", {
  "a supervisor as grandparent contains nothing below its child": launchedTest3
})

export const S25 = seedProgram("S25", "test4: a SupervisorJob passed to async", {
  "a private supervisor for each async": launched(test4)
})

export const S25b = seedProgram("S25b", "test4 with a plain Job passed to async", {
  "a private fail-fast scope for each async": launched(test4WithJob)
})

export const S26 = seedProgram("S26", "test4, cancelled", {
  "cancellation reaches the private scopes": launchedAndCancelled(test4)
})

export const S27 = seedProgram("S27", "test5: a SupervisorJob under the launch's own Job", {
  "the supervisors end with the job that made them": launched(test5),
  "cancellation reaches them": launchedAndCancelled(test5)
})

export const S28 = seedProgram("S28", "test6: a supervisorScope", {
  "awaiting is caught, and the launch completes": launched(test6),
  "cancelled, nothing is caught": launchedAndCancelled(test6)
})

printIfMain(import.meta.url, { S21, S22, S23, S24, S25, S25b, S26, S27, S28 })
