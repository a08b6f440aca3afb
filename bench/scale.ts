/**
 * How scopes grow: nested ones, many jobs at once, and the memory of a job that waits. Run with `--expose-gc`.
 *
 * The last full run (Node 26.10, 2 cores):
 *
 *   nested, each in a job       5,000: 91 ms    20,000: 343 ms    40,000: 362 ms
 *   nested, each in a body      5,000: 66 ms    20,000: 225 ms    40,000: 552 ms
 *   at the same time           50,000: 89 ms   100,000: 81 ms    200,000: 144 ms
 *   memory of one that waits: forkChild 388 B, under Effect.all 595 B, a job 841 B (2.16 ×; the goal is 2)
 *
 * A job's bytes beside its fiber: the place in its context 144, the job itself 190, its observer 120.
 */
import { Deferred, Effect, Exit, Fiber } from "effect"
import { coroutineScope } from "firebreak/supervision"

const short = process.argv.includes("--short")

const milliseconds = async (program: Effect.Effect<unknown>): Promise<number> => {
  const start = performance.now()
  await Effect.runPromise(program)
  return performance.now() - start
}

const print = (what: string, figure: string) => console.log(`  ${what.padEnd(52)} ${figure}`)

// ── Depth ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const nested = (depth: number): Effect.Effect<number> =>
  coroutineScope(function* (scope) {
    if (depth === 0) return 0
    const inner = yield* scope.async(nested(depth - 1))
    return 1 + (yield* inner.await)
  })

const inBody = (depth: number): Effect.Effect<number> =>
  coroutineScope(function* () {
    return depth === 0 ? 0 : 1 + (yield* inBody(depth - 1))
  })

console.log("\nscopes nested in each other")
for (const depth of short ? [1_000] : [5_000, 20_000, 40_000]) {
  print(`${depth} deep, each in a job of the one around it`, `${(await milliseconds(nested(depth))).toFixed(0)} ms`)
  print(`${depth} deep, each in the body of the one around it`, `${(await milliseconds(inBody(depth))).toFixed(0)} ms`)
}

// ── Breadth ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const together = (size: number) =>
  Effect.gen(function* () {
    const gate = yield* Deferred.make<void>()
    const fiber = yield* Effect.forkChild(
      coroutineScope(function* (scope) {
        for (let i = 0; i < size; i++) yield* scope.launch(Deferred.await(gate))
      }),
      { startImmediately: true }
    )
    yield* Deferred.succeed(gate, void 0)
    yield* Fiber.join(fiber)
  })

console.log("\njobs that run at the same time")
await milliseconds(together(20_000))
for (const size of short ? [10_000] : [50_000, 100_000, 200_000]) {
  const elapsed = await milliseconds(together(size))
  print(`${size} jobs`, `${elapsed.toFixed(0)} ms, ${((elapsed * 1000) / size).toFixed(2)} µs each`)
}

// ── Memory ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const turn = () => new Promise((resolve) => setTimeout(resolve, 100))

const heap = async (): Promise<number> => {
  for (let i = 0; i < 4; i++) {
    await turn()
    globalThis.gc?.()
  }
  return process.memoryUsage().heapUsed
}

/** Bytes that each of `size` waiting parts of a program hold, once all of them wait. */
const bytesEach = async (size: number, program: Effect.Effect<unknown>): Promise<number> => {
  const before = await heap()
  const fiber = Effect.runFork(program)
  const held = (await heap()) - before
  fiber.interruptUnsafe()
  await Effect.runPromiseExit(Fiber.join(fiber))
  return held / size
}

if (globalThis.gc === undefined) console.log("\n(memory needs --expose-gc)")
else {
  const size = short ? 5_000 : 50_000
  const never = Effect.never
  const bare = await bytesEach(
    size,
    Effect.gen(function* () {
      for (let i = 0; i < size; i++) yield* Effect.forkChild(never)
      return yield* never
    })
  )
  const all = await bytesEach(
    size,
    Effect.all(
      Array.from({ length: size }, () => never),
      { concurrency: "unbounded", discard: true }
    )
  )
  const job = await bytesEach(
    size,
    coroutineScope(function* (scope) {
      for (let i = 0; i < size; i++) yield* scope.launch(never)
    })
  )
  console.log("\nmemory of one that waits")
  print("forkChild", `${bare.toFixed(0)} B`)
  print("under Effect.all", `${all.toFixed(0)} B  ${(all / bare).toFixed(2)} ×`)
  print("a job (at most 2 ×)", `${job.toFixed(0)} B  ${(job / bare).toFixed(2)} ×`)
}

if (Exit.isFailure(await Effect.runPromiseExit(nested(10)))) process.exitCode = 1
