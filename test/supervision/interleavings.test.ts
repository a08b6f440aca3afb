/**
 * The laws under every order of events that a seed can think of.
 *
 * `SEED=123` replays one seed; `SEEDS=10000` tries more of them.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Metric } from "effect"
import { coroutineScope, supervisorScope, UncaughtHandler } from "firebreak/supervision"
import { bodyInFiber } from "../../src/supervision/internal/bodyInFiber.ts"
import { makeOpenScope } from "../../src/supervision/internal/openScope.ts"
import { AnyStory } from "../support/anyStory.ts"
import { chance, ShuffledScheduler } from "../support/shuffled.ts"
import { FiberCount } from "../support/virtual.ts"

const seeds = process.env.SEED === undefined ? Number(process.env.SEEDS ?? 1_500) : 1
const firstSeed = Number(process.env.SEED ?? 1)

const plain = makeOpenScope(bodyInFiber)
const runners = {
  "by hand": { coroutineScope, supervisorScope },
  "in a fiber": {
    coroutineScope: ((body, options) => plain("coroutineScope", body, options?.name)) as typeof coroutineScope,
    supervisorScope: ((body, options) => plain("supervisorScope", body, options?.name)) as typeof supervisorScope
  }
}

const violationsOf = (seed: number, scopes: (typeof runners)["by hand"]): ReadonlyArray<string> => {
  const random = chance(seed)
  const scheduler = new ShuffledScheduler(random)
  const story = new AnyStory(random, scopes)
  const fibers = new FiberCount()
  const program = story.scope(3).pipe(
    Effect.provideService(UncaughtHandler, () => Effect.void),
    Effect.provideService(Metric.FiberRuntimeMetrics, fibers.metrics)
  )
  const fiber = Effect.runFork(program, { scheduler })
  const interruptAt = random.in(30) ? random.below(60) : -1
  let tasks = 0
  scheduler.drain(() => {
    if (tasks++ === interruptAt) fiber.interruptUnsafe()
  })
  const violations = [...story.violations]
  if (fiber.pollUnsafe() === undefined) violations.push("the outermost scope never completed")
  else if (fibers.alive !== 0) violations.push(`${fibers.alive} fibers outlived the outermost scope`)
  return violations
}

describe("scopes under any interleaving", () => {
  for (const [runner, scopes] of Object.entries(runners)) {
    it(`obey the laws, bodies ${runner}, seeds ${firstSeed} to ${firstSeed + seeds - 1}`, () => {
      for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
        assert.deepStrictEqual(violationsOf(seed, scopes), [], `SEED=${seed} replays it`)
      }
    })
  }
})
