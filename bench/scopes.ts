/**
 * What a scope costs against hand-written Effect of the same meaning. `npm run bench`, or with `--short` for a quick look.
 *
 * The last full run (Node 26.10, 2 cores; processor time, × the first line of each block; runs differ by about 0.05):
 *
 *   two jobs, each …               ends at once   yields once   waits for a promise
 *   Effect.all                        1.00           1.00             1.00
 *   coroutineScope, awaited           1.47           1.12             1.21     (goal 1.1)
 *   coroutineScope, not awaited       1.28           1.06             1.10     (goal 1.0)
 *   the body in a fiber, awaited      2.33           1.68             2.07
 *   forkChild and join                4.00           1.71             2.26
 *   supervisorScope, settled ¹        1.26           1.09             1.10     (goal 1.1)   ¹ × Effect.all of two Effect.exit
 *   one job of 10,000 ²               0.52           0.67             0.71     (goal 0.8)   ² × forkChild and join
 *   a failing scope of 1,000          1.26 × Effect.all                        (goal 1.3)
 *
 * Where the goal is missed, a profile shows no single place: it is what is allocated. A scope of two jobs allocates about
 * 1.4 kB more than Effect.all, for what Effect.all does not have: a handle, a job that can be named, cancelled and looked
 * at, its place in the context of its fiber, and the generator, which `yield*` enters and leaves twice for each job.
 */
import { Effect, Fiber } from "effect"
import { coroutineScope, supervisorScope } from "firebreak/supervision"
import { bodyInFiber } from "../src/supervision/internal/bodyInFiber.ts"
import { makeOpenScope } from "../src/supervision/internal/openScope.ts"
import { compare, type Comparison, printRows } from "./support/compare.ts"

const short = process.argv.includes("--short")
const only = process.argv.find((argument) => argument.startsWith("--only="))?.slice("--only=".length)
const plain = makeOpenScope(bodyInFiber)
const inFiber: typeof coroutineScope = (body, options) => plain("coroutineScope", body, options?.name)

const works: Record<string, Effect.Effect<number>> = {
  "ends at once": Effect.suspend(() => Effect.succeed(1)),
  "yields once": Effect.as(Effect.yieldNow, 1),
  "waits for a promise": Effect.promise(() => Promise.resolve(1))
}

const two = (name: string, work: Effect.Effect<number>): ReadonlyArray<Comparison> => [
  {
    title: `a scope of two jobs, each ${name}`,
    runs: 3_000,
    baseline: { name: "Effect.all of two", program: Effect.all([work, work], { concurrency: "unbounded" }) },
    others: [
      {
        name: "coroutineScope, both awaited",
        atMost: 1.1,
        program: coroutineScope(function* (scope) {
          const a = yield* scope.async(work)
          const b = yield* scope.async(work)
          return [yield* a.await, yield* b.await]
        })
      },
      {
        name: "coroutineScope, not awaited",
        atMost: 1,
        program: coroutineScope(function* (scope) {
          yield* scope.async(work)
          yield* scope.async(work)
        })
      },
      {
        name: "the same with its body in a fiber, awaited",
        program: inFiber(function* (scope) {
          const a = yield* scope.async(work)
          const b = yield* scope.async(work)
          return [yield* a.await, yield* b.await]
        })
      },
      {
        name: "forkChild and join",
        program: Effect.gen(function* () {
          const a = yield* Effect.forkChild(work)
          const b = yield* Effect.forkChild(work)
          return [yield* Fiber.join(a), yield* Fiber.join(b)]
        })
      }
    ]
  },
  {
    title: `a supervisor of two jobs, each ${name}`,
    runs: 3_000,
    baseline: {
      name: "Effect.all of two Effect.exit",
      program: Effect.all([Effect.exit(work), Effect.exit(work)], { concurrency: "unbounded" })
    },
    others: [
      {
        name: "supervisorScope, both settled",
        atMost: 1.1,
        program: supervisorScope(function* (scope) {
          const a = yield* scope.async(work)
          const b = yield* scope.async(work)
          return [yield* a.settled, yield* b.settled]
        })
      }
    ]
  }
]

const crowd = (name: string, work: Effect.Effect<number>, size: number): Comparison => ({
  title: `one job in a scope of ${size}, each ${name}`,
  runs: 1,
  per: size,
  baseline: {
    name: "forkChild and join",
    program: Effect.gen(function* () {
      const fibers = []
      for (let i = 0; i < size; i++) fibers.push(yield* Effect.forkChild(work))
      for (const fiber of fibers) yield* Fiber.join(fiber)
    })
  },
  others: [
    {
      name: "coroutineScope, all awaited",
      atMost: 0.8,
      program: coroutineScope(function* (scope) {
        const jobs = []
        for (let i = 0; i < size; i++) jobs.push(yield* scope.async(work))
        for (const job of jobs) yield* job.await
      })
    },
    {
      name: "Effect.all, unbounded",
      program: Effect.all(
        Array.from({ length: size }, () => work),
        { concurrency: "unbounded" }
      )
    }
  ]
})

const failing = (size: number): Comparison => {
  const fails = Effect.andThen(Effect.yieldNow, Effect.fail("broken"))
  return {
    title: `a failing scope of ${size} jobs`,
    runs: 20,
    baseline: {
      name: "Effect.all, unbounded",
      program: Effect.all([...Array.from({ length: size - 1 }, () => Effect.never), fails], {
        concurrency: "unbounded"
      })
    },
    others: [
      {
        name: "coroutineScope",
        atMost: 1.3,
        program: coroutineScope(function* (scope) {
          for (let i = 1; i < size; i++) yield* scope.launch(Effect.never)
          yield* scope.launch(fails)
        })
      }
    ]
  }
}

const comparisons: ReadonlyArray<Comparison> = [
  ...Object.entries(works).flatMap(([name, work]) => two(name, work)),
  ...Object.entries(works).map(([name, work]) => crowd(name, work, 10_000)),
  failing(1_000)
]

for (const comparison of comparisons.filter(({ title }) => only === undefined || title.includes(only)))
  printRows(await compare(comparison, short ? 3 : 25))
