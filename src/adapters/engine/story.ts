/**
 * The story of an execution: the workflow's body as a fiber, in surroundings that come from the journal.
 *
 * The special rule: what is taken back for a scope, and the handlers of failures, are asked for like anything else: the
 * scope waits for them in place.
 *
 * Not here: what the body itself can ask for (`Waits.ts`), and how an execution ends (`ending.ts`).
 */
import { Cause, Clock, Context, Effect, Exit, Fiber, Random, Scheduler, Scope } from "effect"
import { WebCrypto } from "effect/crypto/WebCrypto"
import * as WorkflowEngine from "effect/workflow/WorkflowEngine"
import { HandlerRunner, outsideOfScopes, ScopeBoundary, type Settled } from "../../supervision/index.ts"
import { StepRunner } from "../../workflows/StepRunner.ts"
import type { Registered } from "./Registered.ts"
import { PlainCall, ScopeUndo } from "./otherCalls.ts"
import type { Run } from "./Run.ts"
import { realSurroundings, StoryClock, StoryCrypto, StoryRandom } from "./storySurroundings.ts"
import { Waits } from "./Waits.ts"

export class Story extends Waits {
  readonly instance: WorkflowEngine.WorkflowInstance["Service"]
  private readonly context: Context.Context<never>
  private readonly bodyScope = Scope.makeUnsafe()
  private body: Fiber.Fiber<unknown, unknown> | undefined = undefined
  /** It has ended its turn by `Workflow.suspend`: it is told again when it is resumed. */
  hasSuspended = false

  constructor(run: Run, registered: Registered, engine: WorkflowEngine.WorkflowEngine["Service"]) {
    super(run)
    this.instance = WorkflowEngine.WorkflowInstance.initial(registered.workflow, run.row.id)
    const random = new StoryRandom(run.row.id)
    const clock = new StoryClock({
      now: () => run.history.now,
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
    const cancel = () => {
      this.instance.interrupted = true
      if (this.hasSuspended) this.bodyEnded(Exit.interrupt())
      else this.body?.interruptUnsafe()
    }
    run.cancelStory = cancel
  }

  start(body: ReturnType<Registered["execute"]>): void {
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

  // ── What fails in it ─────────────────────────────────────────────────────────────────────────────────────────────

  /** Waits for the end of a failure's handlers, which run outside of the story. */
  handle(place: string, handlers: Effect.Effect<void>): Effect.Effect<void> {
    return this.waitFor(
      () =>
        this.run.ask(
          "handler",
          place,
          null,
          (call) => new PlainCall(this.run, call, "handled", handlers, this.run.registered.services)
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
