/**
 * What else a story asks for: timers, plain activities, handlers of failures, and undoing a scope.
 *
 * The special rule: each of them ends by arriving in the inbox of its execution, or is forgotten by the story itself.
 *
 * Not here: steps (`StepCall.ts`) and children (`ChildCall.ts`).
 */
import { Effect, Exit } from "effect"
import type { Context, Fiber } from "effect"
import { encodeExit } from "./exits.ts"
import type { Call } from "./Call.ts"
import type { ScopeUndoData } from "./History.ts"
import type { LiveCall } from "./LiveCall.ts"
import type { Run } from "./Run.ts"
import { UndoList } from "./undoing.ts"

/** Fires at its time. */
export class TimerCall implements LiveCall {
  private readonly run: Run
  private readonly call: Call
  private off: (() => void) | undefined = undefined
  readonly needsPerson = false
  constructor(run: Run, call: Call) {
    this.run = run
    this.call = call
    this.resume()
  }
  get waitsUntil(): number {
    return this.call.until
  }
  begin(): void {}
  resume(): void {
    this.off ??= this.run.engine.timers.at(this.call.until, () =>
      this.run.arrive({ kind: "fired", call: this.call.n, subject: this.call.subject, data: null })
    )
  }
  cancel(): void {}
  leave(): void {
    this.off?.()
  }
}

/**
 * Runs something outside of the story that may run again after a crash: an activity as Effect knows it, or the handlers
 * of a failure.
 */
export class PlainCall implements LiveCall {
  private readonly run: Run
  private readonly call: Call
  private readonly kind: "result" | "handled"
  private readonly effect: Effect.Effect<unknown, unknown>
  private readonly context: Context.Context<never>
  private fiber: Fiber.Fiber<unknown, unknown> | undefined = undefined
  private isOver = false
  readonly waitsUntil = undefined
  readonly needsPerson = false

  constructor(
    run: Run,
    call: Call,
    kind: "result" | "handled",
    effect: Effect.Effect<unknown, unknown>,
    context: Context.Context<never>
  ) {
    this.run = run
    this.call = call
    this.kind = kind
    this.effect = effect
    this.context = context
  }
  begin(): void {
    if (this.isOver || this.run.isClosing) return
    const fiber = Effect.runForkWith(this.context)(this.effect)
    this.fiber = fiber
    const registered = this.run.registered
    registered.runningOutside++
    fiber.addObserver((exit) => {
      registered.runningOutside--
      this.ended(exit)
    })
  }
  resume(): void {
    this.run.note("attempt", this.call.n, { attempt: this.call.attempts + 1 })
    this.run.engine.writer.afterCommit(this.run, () => this.begin())
  }
  /** Who failed is told to his handlers, whatever becomes of who waits for them. */
  cancel(): void {
    if (this.kind === "handled") return
    if (this.fiber === undefined) this.ended(Exit.interrupt())
    else this.fiber.interruptUnsafe()
  }
  leave(): void {
    this.isOver = true
    this.fiber?.interruptUnsafe()
  }
  private ended(exit: Exit.Exit<unknown, unknown>): void {
    if (this.isOver) return
    this.isOver = true
    this.run.arrive({ kind: this.kind, call: this.call.n, subject: null, data: this.written(exit) })
  }
  /** What cannot be written down is a defect that says so. */
  private written(exit: Exit.Exit<unknown, unknown>): string {
    const { engine } = this.run
    try {
      return engine.fitting(JSON.stringify(encodeExit(exit)), `the result of the activity "${this.call.subject}"`)
    } catch (problem) {
      return JSON.stringify(encodeExit(Exit.die(problem)))
    }
  }
}

/** Takes back what was done in a scope or job that fails, before it completes. */
export class ScopeUndo implements LiveCall {
  private readonly run: Run
  private readonly list: UndoList

  constructor(run: Run, call: Call) {
    this.run = run
    const { calls } = JSON.parse(call.data!) as ScopeUndoData
    this.list = new UndoList(run, calls, () =>
      run.arrive({ kind: "scope-undone", call: call.n, subject: null, data: null })
    )
  }
  get waitsUntil(): number | undefined {
    return this.list.waitsUntil
  }
  get needsPerson(): boolean {
    return this.list.isStuck
  }
  begin(): void {
    this.list.goOn()
  }
  resume(): void {
    this.list.goOn()
  }
  /** What has been decided is done, whoever waits for it. */
  cancel(): void {}
  leave(): void {
    this.list.leave()
  }
  /** A person has said something: goes on with what is pending again. */
  goOn(): void {
    if (!this.run.isOver) this.list.goOn()
  }
}
