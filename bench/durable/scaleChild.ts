/**
 * The child process of the scale cases: many executions that sleep, many that a crash interrupted, and what they take.
 *
 * It is told what to do by its one argument, and answers in JSON lines.
 */
import { Effect, Layer, ManagedRuntime } from "effect"
import { Journal } from "firebreak/journal"
import type { Place } from "./Arm.ts"
import { endWithTheBench } from "./children.ts"
import { journalAt } from "./firebreak.ts"
import { Held, held, Sleeper, sleeping } from "./scaleOrders.ts"

export type ScaleTask =
  /** Starts sleepers, and says what the process holds each time so many of them sleep. */
  | { readonly kind: "sleep"; readonly place: Place; readonly counts: ReadonlyArray<number> }
  /** Starts executions that stand in the middle of a step when the process is killed: it kills itself. */
  | { readonly kind: "interrupt"; readonly place: Place; readonly count: number }
  /** Starts the engine on what was interrupted, and says when it went on. */
  | { readonly kind: "resume"; readonly place: Place; readonly count: number }

export interface Kept {
  readonly sleeping: number
  readonly heap: number
  readonly rss: number
  /** Executions that the engine says are in memory. */
  readonly inMemory: number
}

/** Milliseconds since the process began. */
export interface Resumed {
  readonly loaded: number
  /** The engine is there and takes new orders. */
  readonly open: number
  /** The first interrupted execution made its next step. */
  readonly first: number
  readonly all: number
  /** The most that the process held at any time, in bytes. */
  readonly rss: number
}

endWithTheBench()
const task = JSON.parse(process.argv[2]!) as ScaleTask
const tell = (answer: Kept | Resumed) => console.log(JSON.stringify(answer))

const inMemory = (journal: Journal["Service"], most: number) =>
  journal.load.pipe(
    Effect.delay("20 millis"),
    Effect.repeat({ until: (load) => load.inMemory <= most }),
    Effect.map((load) => load.inMemory)
  )

const sleep = (counts: ReadonlyArray<number>) =>
  Effect.gen(function* () {
    const journal = yield* Journal
    let started = 0
    for (const count of counts) {
      const ids = Array.from({ length: count - started }, () => `sleeper-${started++}`)
      yield* Effect.forEach(ids, (id) => Sleeper.execute({ id }, { discard: true }), {
        concurrency: 200,
        discard: true
      })
      const left = yield* inMemory(journal, 0)
      for (let times = 0; times < 3; times++) {
        yield* Effect.sleep("50 millis") // so that nothing of it is still on a stack
        globalThis.gc?.()
      }
      const { heapUsed, rss } = process.memoryUsage()
      tell({ sleeping: count, heap: heapUsed, rss, inMemory: left })
    }
  }).pipe(Effect.provide(Layer.provideMerge(sleeping, journalAt(task.place))))

const interrupt = (count: number) => {
  let standing = 0
  const gate = Effect.suspend(() => {
    if (++standing === count) process.kill(process.pid, "SIGKILL")
    return Effect.never
  })
  return Effect.gen(function* () {
    const journal = yield* Journal
    const ids = Array.from({ length: count }, (_, at) => `held-${at}`)
    yield* Effect.forEach(ids, (id) => journal.start(Held, { id }), { concurrency: 200, discard: true })
    return yield* Effect.never
  }).pipe(Effect.provide(Layer.provideMerge(held(gate), journalAt(task.place))))
}

const resume = async (count: number) => {
  const loaded = performance.now()
  let [passed, first, rss] = [0, 0, 0]
  const { promise: all, resolve } = Promise.withResolvers<void>()
  const gate = Effect.sync(() => {
    if (++passed === 1) first = performance.now()
    if (passed % 100 === 0) rss = Math.max(rss, process.memoryUsage.rss())
    if (passed === count) resolve()
  })
  const runtime = ManagedRuntime.make(Layer.provideMerge(held(gate), journalAt(task.place)))
  await runtime.runPromise(Effect.void)
  const open = performance.now()
  await all
  tell({ loaded, open, first, all: performance.now(), rss })
  await runtime.dispose()
}

if (task.kind === "sleep") await Effect.runPromise(sleep(task.counts))
else if (task.kind === "interrupt") await Effect.runPromise(interrupt(task.count))
else await resume(task.count)
process.exit(0)
