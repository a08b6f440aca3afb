/**
 * Who runs steps in these tests: on paper only. Each call goes through JSON and back and is done once, with a key of its
 * own; what was asked is written down.
 */
import { Effect } from "effect"
import { type RunsSteps, StepKey, StepRunner } from "firebreak/workflows"

export const key = StepKey.make("0123456789abcdef".repeat(4))

export interface Asked {
  readonly step: string
  readonly input: string
  readonly key: string | undefined
}

/** Provides a runner, and gives what it was asked beside what the effect came to. */
export const onPaper = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const asked: Array<Asked> = []
    const runner: RunsSteps = {
      step: (step, input, key_) =>
        Effect.suspend(() => {
          const json = JSON.stringify(step.input.encode(input))
          asked.push({ step: step.name, input: json, key: key_ })
          return step.do(step.input.decode(JSON.parse(json)), key)
        })
    }
    return Effect.map(Effect.provideService(effect, StepRunner, runner), (value) => ({ value, asked }))
  })
