/**
 * What a story can ask for and wait for: steps, sleeps, signals, activities, children.
 *
 * The special rule: each is one wait in place. Nothing is preempted and nothing is started twice, and who is interrupted
 * waits until what was asked for has ended.
 *
 * Not here: what is done about it outside (`StepCall.ts`, `otherCalls.ts`, `ChildCall.ts`).
 */
import { Effect, Exit, Fiber } from "effect"
import type { Context } from "effect"
import { currentPlace } from "../../supervision/index.ts"
import type { StepDefinition } from "../../workflows/StepDefinition.ts"
import type { RunsSteps } from "../../workflows/StepRunner.ts"
import type { Call, StepData } from "./Call.ts"
import { DuplicateStep } from "./defects.ts"
import { decodeExit } from "./exits.ts"
import type { LiveCall } from "./LiveCall.ts"
import { PlainCall, TimerCall } from "./otherCalls.ts"
import type { Run } from "./Run.ts"
import { storyStops } from "./storyStops.ts"
import { markOf } from "./sameName.ts"
import { StepCall } from "./StepCall.ts"
import { generationAfter, mayFollow, stepResult } from "./stepResults.ts"
import type { EventRow } from "./Store.ts"

export class Waits implements RunsSteps {
  readonly run: Run
  constructor(run: Run) {
    this.run = run
  }

  step(step: StepDefinition, input: unknown, key: string | undefined): Effect.Effect<unknown, unknown> {
    return this.waitFor(
      (context) => {
        const { run } = this
        const subject = key === undefined ? step.name : `${step.name}/${key}`
        const before = run.history.latest.get(subject)
        if (before !== undefined && !mayFollow(before)) throw new DuplicateStep({ step: subject, state: before.state })
        const { path, place } = currentPlace(context)
        const undo = typeof step.undo === "string" ? { undo: step.undo } : {}
        const details: StepData = {
          place,
          path,
          gen: generationAfter(before),
          ...undo,
          ...markOf(step, run.row.workflow),
          in: step.input.encode(input)
        }
        const data = run.engine.fitting(JSON.stringify(details), `the input of the step "${subject}"`)
        const call = run.ask("step", subject, data, (call) => new StepCall(run, call, step, { value: input }), details)
        call.definition = step
        return call
      },
      (row, call) => stepResult(this.run, step, call, row)
    )
  }

  /** A timer; at its end `subject` is what the journal calls it. */
  sleep(subject: string, milliseconds: number): Effect.Effect<void> {
    return this.waitFor(
      () => {
        const data = JSON.stringify({ due: this.run.history.now + Math.ceil(milliseconds) })
        return this.run.ask("timer", subject, data, (call) => new TimerCall(this.run, call))
      },
      () => Exit.void
    ) as Effect.Effect<void> // sound: a timer gives nothing and does not fail
  }

  activity(
    subject: string,
    effect: Effect.Effect<unknown, unknown>,
    context: Context.Context<never>
  ): Effect.Effect<unknown, unknown> {
    return this.waitFor(
      () => this.run.ask("activity", subject, null, (call) => new PlainCall(this.run, call, "result", effect, context)),
      (row) => decodeExit(JSON.parse(row.data!))
    )
  }

  /** Waits for the end of a child; gives its outcome as it is recorded. */
  child(id: string, data: string, live: (call: Call) => LiveCall): Effect.Effect<unknown> {
    return this.waitFor(
      () => this.run.ask("child", id, data, live),
      (row) => Exit.succeed(row.data)
    ) as Effect.Effect<unknown> // sound: a child that failed is an outcome too
  }

  /** Begins something that the story does not wait for. */
  begin(kind: "child", subject: string, data: string, live: (call: Call) => LiveCall): Effect.Effect<void> {
    return asking(() => void this.run.ask(kind, subject, data, live))
  }

  /** The story itself completes a deferred. */
  say(name: string, exit: string): Effect.Effect<void> {
    return asking(() => {
      if (this.run.history.signals.has(name)) return
      this.run.ask("said", name, exit, () => undefined)
      this.run.tellSignal(name)
    })
  }

  /** A clock that completes a deferred at its time, whoever waits for it. */
  startClock(deferred: string, milliseconds: number): Effect.Effect<void> {
    return asking(() => {
      const data = JSON.stringify({ due: this.run.history.now + Math.ceil(milliseconds) })
      const call = this.run.ask("timer", deferred, data, (call) => new TimerCall(this.run, call))
      this.run.waiting.set(call.n, () => {
        this.run.history.signals.set(deferred, '{"ok":null}')
        this.run.tellSignal(deferred)
      })
    })
  }

  signal(name: string): Effect.Effect<string> {
    return Effect.callback((resume) => {
      const { awaitedSignals, history } = this.run
      const known = history.signals.get(name)
      if (known !== undefined) return resume(Effect.succeed(known))
      const waiters = awaitedSignals.get(name) ?? new Set()
      awaitedSignals.set(name, waiters)
      const told = () => resume(Effect.succeed(history.signals.get(name)!))
      waiters.add(told)
      return Effect.sync(() => {
        waiters.delete(told)
        if (waiters.size === 0 && awaitedSignals.get(name) === waiters) awaitedSignals.delete(name)
      })
    })
  }

  /** Asks, and waits in place until the story is told; who is interrupted waits until what was asked for has ended. */
  protected waitFor(
    ask: (context: Context.Context<never>) => Call,
    result: (row: EventRow, call: Call) => Exit.Exit<unknown, unknown> | undefined
  ): Effect.Effect<unknown, unknown> {
    return Effect.callback((resume) => {
      let call: Call
      try {
        call = ask(Fiber.getCurrent()!.context)
      } catch (defect) {
        if (defect !== storyStops) resume(Effect.die(defect))
        return
      }
      this.run.waiting.set(call.n, (row) => {
        const exit = result(row, call)
        if (exit !== undefined) resume(exit)
      })
      return Effect.callback<void>((ended) => {
        if (call.kind === "timer") {
          this.run.forget(call)
          ended(Effect.void)
        } else this.run.stopsWaiting(call, () => ended(Effect.void))
      })
    })
  }
}

/** Asks for something that is not waited for. A story that stops here goes no further: it is told again in its next life. */
const asking = (ask: () => void): Effect.Effect<void> =>
  Effect.callback((resume) => {
    try {
      ask()
      resume(Effect.void)
    } catch (defect) {
      if (defect !== storyStops) resume(Effect.die(defect))
    }
  })
