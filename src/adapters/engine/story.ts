/**
 * The story of an execution: the workflow's body as a fiber, in surroundings that come from the journal.
 *
 * The special rule: everything the body can wait for goes through its run: steps, sleeps, signals, children, and the
 * taking back of a scope. Each is one wait in place; nothing is preempted, and nothing is started twice.
 *
 * Not here: what is done about it outside (`StepCall.ts`, `otherCalls.ts`, `ChildCall.ts`).
 */
import { Cause, Clock, Context, Effect, Exit, Fiber, Random, Scheduler, Scope } from "effect"
import { WebCrypto } from "effect/crypto/WebCrypto"
import * as WorkflowEngine from "effect/workflow/WorkflowEngine"
import { currentPlace, HandlerRunner, outsideOfScopes, ScopeBoundary, type Settled } from "../../supervision/index.ts"
import type { StepDefinition } from "../../workflows/StepDefinition.ts"
import { type RunsSteps, StepRunner } from "../../workflows/StepRunner.ts"
import { DuplicateStep } from "./defects.ts"
import type { Registered } from "./Engine.ts"
import { decodeExit } from "./exits.ts"
import type { Call, StepData } from "./Call.ts"
import { PlainCall, ScopeUndo, TimerCall } from "./otherCalls.ts"
import type { LiveCall } from "./LiveCall.ts"
import { type Run, storyStops } from "./Run.ts"
import { StepCall } from "./StepCall.ts"
import { markOf } from "./sameName.ts"
import { generationAfter, mayFollow, stepResult } from "./stepResults.ts"
import type { EventRow } from "./Store.ts"
import { realSurroundings, StoryClock, StoryCrypto, StoryRandom } from "./storySurroundings.ts"

export class Story implements RunsSteps {
  readonly run: Run
  readonly instance: WorkflowEngine.WorkflowInstance["Service"]
  private readonly context: Context.Context<never>
  private readonly bodyScope = Scope.makeUnsafe()
  private body: Fiber.Fiber<unknown, unknown> | undefined = undefined
  /** It has ended its turn by `Workflow.suspend`: it is told again when it is resumed. */
  hasSuspended = false

  constructor(run: Run, registered: Registered, engine: WorkflowEngine.WorkflowEngine["Service"]) {
    this.run = run
    this.instance = WorkflowEngine.WorkflowInstance.initial(registered.workflow, run.row.id)
    const random = new StoryRandom(run.row.id)
    const clock = new StoryClock({
      get now() {
        return run.history.now
      },
      sleep: (milliseconds) => this.sleep("sleep", milliseconds)
    })
    // One map for all of it: made anew for every execution, and looked up at every turn.
    const surroundings = new Map<string, unknown>([
      [WorkflowEngine.WorkflowEngine.key, engine],
      [WorkflowEngine.WorkflowInstance.key, this.instance],
      [Scope.Scope.key, this.bodyScope],
      [Scheduler.Scheduler.key, run.scheduler],
      [Clock.Clock.key, clock],
      [Random.Random.key, random],
      [WebCrypto.key, new StoryCrypto(random, () => run.scheduler.hold())],
      [StepRunner.key, this],
      [ScopeBoundary.key, (settled: Settled) => this.scopeSettled(settled)],
      [HandlerRunner.key, new StoryHandlers(this, registered)]
    ])
    this.context = outsideOfScopes(Context.makeUnsafe(surroundings))
    run.cancelStory = () => {
      this.instance.interrupted = true
      if (this.hasSuspended) this.bodyEnded(Exit.interrupt())
      else this.body?.interruptUnsafe()
    }
  }

  start(body: Effect.Effect<unknown, unknown, any>): void {
    // sound: what the body needs besides these surroundings was put around it when its workflow was registered
    const fiber = Effect.runForkWith(this.context)(body as Effect.Effect<unknown, unknown>)
    this.body = fiber
    if (this.instance.interrupted) fiber.interruptUnsafe()
    fiber.addObserver((exit) => this.bodyEnded(exit))
  }

  /** What the body opened closes with it, and the compensations of plain activities run, as part of the story. */
  private bodyEnded(exit: Exit.Exit<unknown, unknown>): void {
    this.body = undefined
    const { interrupted, suspended } = this.instance
    this.hasSuspended = suspended && !interrupted && Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)
    // Told in a turn of the story that there is nothing more to tell it.
    if (this.hasSuspended) return this.run.scheduler.scheduleTask(() => {})
    if (isUntouched(this.bodyScope) && isUntouched(this.instance.scope)) return this.ended(exit)
    const isCancelled = this.run.history.cancelledAt !== null
    const final = isCancelled && Exit.isSuccess(exit) ? Exit.interrupt() : exit
    const close = Effect.andThen(Scope.close(this.bodyScope, final), Scope.close(this.instance.scope, final))
    Effect.runForkWith(this.context)(Effect.uninterruptible(close)).addObserver((closed) => {
      if (Exit.isSuccess(closed)) return this.ended(exit)
      const causes = Exit.isFailure(exit) ? Cause.combine(exit.cause, closed.cause) : closed.cause
      this.ended(Exit.failCause(causes))
    })
  }

  private ended(exit: Exit.Exit<unknown, unknown>): void {
    this.run.bodyExit = exit
    // Told in a turn of the story: its last turn may still be on the stack.
    this.run.scheduler.scheduleTask(() => {})
  }

  // ── What it can wait for ─────────────────────────────────────────────────────────────────────────────────────────

  step(step: StepDefinition, input: unknown, key: string | undefined): Effect.Effect<unknown, unknown> {
    return this.waitFor(
      (context) => {
        const { run } = this
        run.registered!.steps.set(step.name, step)
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
          ...markOf(step),
          in: step.input.encode(input)
        }
        const data = run.engine.fitting(JSON.stringify(details), `the input of the step "${subject}"`)
        return run.ask("step", subject, data, (call) => new StepCall(run, call, step, { value: input }), details)
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

  /** Waits for the end of a failure's handlers, which run outside of the story. */
  handle(place: string, handlers: Effect.Effect<void>): Effect.Effect<void> {
    return this.waitFor(
      () =>
        this.run.ask(
          "handler",
          place,
          null,
          (call) => new PlainCall(this.run, call, "handled", handlers, this.run.registered!.services)
        ),
      () => Exit.void
    ) as Effect.Effect<void> // sound: handlers give nothing and do not fail
  }

  /** The hook of every scope and job: takes back what was done in one that does not succeed, before it completes. */
  private scopeSettled(settled: Settled): Effect.Effect<void> | undefined {
    if (Exit.isSuccess(settled.exit)) return undefined
    return Effect.suspend(() => {
      // Something around it ends too, or the whole execution does: what is outermost decides, so that there is one order.
      if (settled.isEnclosed || this.instance.interrupted) return Effect.void
      const children = this.run.history.openChildren(settled.place)
      if (children.length === 0) return this.undoScope(settled)
      // What runs on without being waited for is cancelled, and its end awaited: nothing is taken back while it runs.
      const ended = children.map((call) =>
        Effect.callback<void>((resume) => this.run.stopsWaiting(call, () => resume(Effect.void)))
      )
      return Effect.andThen(
        Effect.all(ended, { concurrency: "unbounded", discard: true }),
        Effect.suspend(() => this.undoScope(settled))
      )
    })
  }

  private undoScope({ path, place }: Settled): Effect.Effect<void> {
    const calls = this.run.history.toUndo(place).map((call) => call.n)
    if (calls.length === 0) return Effect.void
    const data = JSON.stringify({ place, path, calls })
    return this.waitFor(
      () => this.run.ask("undo-scope", place, data, (call) => new ScopeUndo(this.run, call)),
      () => Exit.void
    ) as Effect.Effect<void> // sound: it gives nothing, and waits where it cannot go on
  }

  // ── Waiting ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Asks, and waits in place until the story is told; who is interrupted waits until what was asked for has ended. */
  private waitFor(
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

/** Handlers of failures run outside of the story, once. */
class StoryHandlers {
  private readonly story: Story
  private readonly registered: Registered
  constructor(story: Story, registered: Registered) {
    this.story = story
    this.registered = registered
  }
  run(place: string, handlers: Effect.Effect<void>): Effect.Effect<void> {
    return this.story.handle(place, handlers)
  }
  surroundings(context: Context.Context<never>): Context.Context<never> {
    return realSurroundings(context, this.registered.services)
  }
}

const isUntouched = (scope: Scope.Closeable): boolean => scope.state._tag === "Empty"

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
