/**
 * Kotlin's rules, section O: the first of several. We have no `select`: Effect's races over what a job gives to wait for.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { supervisorScope } from "firebreak/supervision"
import { after, fail1, forever, story } from "./story.ts"

it.effect("R98 racing the awaits of jobs gives the first, and leaves the jobs that lost running", () =>
  Effect.gen(function* () {
    const trail = yield* story((log) =>
      supervisorScope(function* (scope) {
        const jobs = yield* Effect.forEach(
          Array.from({ length: 12 }, (_, n) => n),
          (n) => scope.async(after(10 + n).pipe(Effect.as(`job ${n}`)))
        )
        const first = yield* Effect.raceAllFirst(jobs.map((job) => job.await))
        const running = (yield* scope.children).length
        yield* log(`${first}, ${running} still running`)
      })
    )
    assert.deepStrictEqual(trail, ["[10] job 0, 11 still running", "[21] succeeds"])
  })
)

it.effect("R99 when several are ready, the first of the list wins", () =>
  Effect.gen(function* () {
    const trail = yield* story(() =>
      supervisorScope(function* (scope) {
        const one = yield* scope.async(Effect.succeed("one"))
        const two = yield* scope.async(Effect.succeed("two"))
        return [yield* Effect.raceAllFirst([one.await, two.await]), yield* Effect.raceAllFirst([two.await, one.await])]
      })
    )
    assert.deepStrictEqual(trail, ['[0] succeeds ["one","two"]'])
  })
)

it.effect("differs R100: a failed job fails the race, a cancelled one is a defect in it, and join never fails", () =>
  Effect.gen(function* () {
    const failed = yield* story(() =>
      supervisorScope(function* (scope) {
        const failing = yield* scope.async(fail1)
        const ok = yield* scope.async(Effect.succeed(4))
        return yield* Effect.raceAllFirst([failing.await, ok.await])
      })
    )
    assert.deepStrictEqual(failed, ["[0] fails E1"])

    const cancelled = yield* story(() =>
      supervisorScope(function* (scope) {
        const job = yield* scope.async(forever)
        yield* job.cancel
        return yield* Effect.raceAllFirst([job.await, after(10)])
      })
    )
    assert.deepStrictEqual(cancelled, ["[0] dies JobCancelled"])

    const joined = yield* story((log) =>
      supervisorScope(function* (scope) {
        const failing = yield* scope.async(fail1)
        yield* Effect.raceAllFirst([failing.join.pipe(Effect.as("joined")), forever]).pipe(Effect.flatMap(log))
        const pending = yield* scope.async(after(10))
        yield* Effect.raceAllFirst([pending.await.pipe(Effect.as("job")), after(0).pipe(Effect.as("time"))]).pipe(
          Effect.flatMap(log)
        )
        yield* failing.settled
      })
    )
    assert.deepStrictEqual(joined, ["[0] joined", "[0] time", "[10] succeeds"])
  })
)
