/**
 * Programs made by chance: steps, sleeps, signals, scopes, races, limits and failures in one another; and an outside that
 * answers by chance, and remembers what it did with each key, as gateways do.
 *
 * The special rule: a program is drawn from its seed before it runs. Whatever happens in it, it is the same program.
 */
import { Effect, Exit, Fiber, Schema } from "effect"
import { DurableDeferred } from "effect/workflow"
import { coroutineScope, nonCancellable, supervisorScope, withTimeoutOption } from "firebreak/supervision"
import { Found, Indeterminate, Step, type StepKey, Unavailable } from "firebreak/workflows"
import { type Chance, chance } from "../../../support/shuffled.ts"
import type { TestJournal } from "./harness.ts"
import { type Answer, refuses, see, Sorry, well, World } from "./Outside.ts"

type Program = Effect.Effect<unknown, any, any>

export const Signal = DurableDeferred.make("signal", { success: Schema.String })

const quick = { attempts: 12, backoff: { first: 20, factor: 2 } }
const stepNamed = <const U extends "repeat" | "leave">(name: string, unknown: U) =>
  Step.make(name, {
    success: Schema.String,
    error: Sorry,
    do: (input: string, key) => World.use((world) => world.call(name, key, input)),
    undo: { do: (_, key) => World.use((world) => world.call(`undo ${name}`, key)), timeout: "2 seconds" },
    unknown,
    retry: quick,
    timeout: "2 seconds"
  })
const repeated = stepNamed("repeated", "repeat")
const left = stepNamed("left", "leave")
const looked = Step.make("looked", {
  success: Schema.String,
  error: Sorry,
  do: (input: string, key) => World.use((world) => world.call("looked", key, input)),
  undo: {
    do: (_, key) => World.use((world) => world.call("undo looked", key)),
    unknown: (_, key) => World.use((world) => world.ask("look for undo looked", key)),
    timeout: "2 seconds"
  },
  unknown: (_, key) => World.use((world) => world.ask("look for looked", key)),
  retry: quick,
  timeout: "2 seconds"
})
const steps = [repeated, looked, left, repeated, looked] as const
export const stepNames = ["repeated", "looked", "left"]

/** Draws the program of a seed. */
export const anyProgram = (seed: number): Program => {
  const random = chance(seed)
  let nodes = 0
  const draw = (depth: number): Program => {
    const id = `${++nodes}`
    const told = (what: Program): Program =>
      Effect.onExit(what, (exit) => see(`${id} ${Exit.isSuccess(exit) ? String(exit.value) : "failed"}`))
    const step = (): Program => told(random.pick(steps)(id, { key: id }))
    if (depth === 0 || random.in(25)) return random.in(75) ? step() : told(leaf(random))
    return told(branch(random, () => draw(depth - 1)))
  }
  return Effect.exit(draw(3)).pipe(Effect.andThen(random.in(50) ? draw(2) : Effect.void))
}

const leaf = (random: Chance): Program => {
  switch (random.below(6)) {
    case 0:
      return Effect.fail(new Sorry({ why: "by chance", left: 0 }))
    case 1:
      return Effect.die(new Error("by chance"))
    case 2:
      return Effect.as(withTimeoutOption(DurableDeferred.await(Signal), 1 + random.below(3000)), "signal or timer")
    default:
      return Effect.as(Effect.sleep(random.below(4) * 37), "slept")
  }
}

const branch = (random: Chance, draw: () => Program): Program => {
  const several = () => Array.from({ length: 1 + random.below(3) }, draw)
  switch (random.below(13)) {
    case 0:
      return Effect.all(several())
    case 1:
      return Effect.all(several(), { concurrency: "unbounded" })
    case 2:
      return Effect.race(draw(), draw())
    case 3:
      return Effect.exit(draw())
    case 4:
      return withTimeoutOption(draw(), random.below(5) * 29)
    case 5:
      return Effect.retry(failFast(random, several()), { times: 1 })
    case 6:
      return Effect.ensuring(draw(), Effect.andThen(Effect.sleep(random.below(3) * 11), see("closed")))
    case 7:
      return nonCancellable(draw(), { within: "1 hour" })
    case 8:
      return Effect.flatMap(Effect.forkChild(draw()), Fiber.join)
    case 9:
      return interrupted(draw(), draw())
    case 10:
    case 11:
      return failFast(random, several())
    default:
      return supervised(random, several())
  }
}

const interrupted = (program: Program, then: Program): Program => Effect.onInterrupt(program, () => Effect.exit(then))

const failFast = (random: Chance, jobs: ReadonlyArray<Program>): Program => {
  const [pause, cancels] = [random.below(3) * 17, random.in(30)]
  return coroutineScope(function* (scope) {
    const launched = []
    for (const job of jobs) launched.push(yield* scope.async(job as Effect.Effect<unknown>))
    yield* Effect.sleep(pause)
    if (cancels) yield* launched[0]!.cancelAndJoin
    return "scope"
  })
}

const supervised = (random: Chance, jobs: ReadonlyArray<Program>): Program => {
  const waits = random.in(60)
  return supervisorScope(function* (scope) {
    const launched = []
    for (const job of jobs) launched.push(yield* scope.async(job as Effect.Effect<unknown, Sorry>))
    if (!waits) return "supervisor"
    for (const job of launched) yield* Effect.flatMap(Effect.exit(job.await), (exit) => see(exit._tag))
    return "supervisor"
  })
}

// ── The outside ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** Answers each call by chance; what happened or was refused with a key stays so. */
export const anyOutside = (seed: number, { outside }: TestJournal): void => {
  const random = chance(seed ^ 0x5eed)
  const refused = new Set<StepKey>()
  const happened = (what: string, key: StepKey) => outside.times.has(`${what} ${key}`)
  const answer =
    (mayRefuse: boolean): Answer =>
    (call) => {
      const { happens, key, what } = call
      if (refused.has(key)) return refuses(call)
      if (happened(what, key)) return well(call)
      const after = random.below(4) * 13
      const now = ((): Answer => {
        const roll = random.below(100)
        if (roll < 10 && mayRefuse) {
          return (call) =>
            Effect.andThen(
              Effect.sync(() => void refused.add(key)),
              refuses(call)
            )
        }
        if (roll < 20) return () => Effect.fail(new Unavailable({ reason: "by chance" }))
        if (roll < 26) return () => Effect.andThen(happens, Effect.fail(new Indeterminate({ reason: "by chance" })))
        if (roll < 30) return () => Effect.fail(new Indeterminate({ reason: "by chance" }))
        if (roll < 34) return () => Effect.andThen(happens, Effect.never)
        return well
      })()
      return after === 0 ? now(call) : Effect.andThen(Effect.sleep(after), now(call))
    }
  for (const name of stepNames) {
    outside.answer(name, answer(true))
    outside.answer(`undo ${name}`, answer(false))
  }
  // Whoever looks makes sure: what did not happen with this key cannot happen any more.
  outside.answer("look for looked", ({ key }) => {
    if (happened("looked", key)) return Effect.succeed(Found.done("found"))
    refused.add(key)
    return Effect.succeed(Found.absent)
  })
  outside.answer("look for undo looked", ({ key }) =>
    Effect.succeed(happened("undo looked", key) ? Found.done(undefined) : Found.absent)
  )
}
