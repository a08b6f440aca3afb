/**
 * Taking back one step: a step of its own, with its own attempts, its own key and its own look.
 *
 *   pending ─▶ undoing ─┬─ undone
 *              ▲  │     ├─ unavailable: again later
 *              ╰──┴─────┼─ unknown: look, or again with the same key while it is remembered
 *                       ╰─ stuck: a person has to see to it
 *
 * The special rule: it needs nothing but the journal and the definition of the step. Input, value and key come from the
 * record, so it runs in a process that never ran the body.
 *
 * Not here: which steps are taken back, and in which order (`undoing.ts`).
 */
import { Cause, Exit } from "effect"
import type { Fiber } from "effect"
import { Indeterminate, Unavailable } from "../../workflows/outcomes.ts"
import type { StepDefinition, UndoDefinition } from "../../workflows/StepDefinition.ts"
import { looking, pauseAfter, runOutside, TookTooLong, wordsOf } from "./attempts.ts"
import type { Call } from "./Call.ts"
import { stepKeyOf } from "./keys.ts"
import { Pause } from "./Pause.ts"
import type { Run } from "./Run.ts"

const mayBeOriginals = "the journal is a copy: the original may have taken it back"

/** One undo under way, whatever is taken back by it. */
export interface Undoing {
  readonly waitsUntil: number | undefined
  leave(): void
}

export class UndoCall implements Undoing {
  private readonly run: Run
  private readonly call: Call
  private readonly definition: StepDefinition
  private readonly undo: UndoDefinition
  private readonly ended: () => void
  private fiber: Fiber.Fiber<unknown, unknown> | undefined = undefined
  private isOver = false
  private hasRepeated = false
  private readonly pause: Pause

  /** `ended` is called when it is undone or stuck. */
  constructor(run: Run, call: Call, definition: StepDefinition, undo: UndoDefinition, ended: () => void) {
    this.run = run
    this.call = call
    this.definition = definition
    this.undo = undo
    this.ended = ended
    this.pause = new Pause(run)
  }

  get waitsUntil(): number | undefined {
    return this.pause.until
  }

  start(): void {
    const { undo, undoReason, undoUntil } = this.call
    const { unknown } = this.undo
    if (undo === "undoing") {
      this.pause.to(undoUntil, () => this.settle(undoReason ?? "the process ended while it was taken back"))
    } else if (this.run.engine.store.isCopy && unknown !== "repeat") this.look(unknown, mayBeOriginals)
    else this.pause.to(undoUntil, () => this.again())
  }

  leave(): void {
    this.isOver = true
    this.pause.end()
    this.fiber?.interruptUnsafe()
  }

  private again(): void {
    if (this.run.isClosing) return
    this.run.note("undo", this.call.n, { attempt: this.call.undoAttempts + 1 })
    this.run.engine.writer.afterCommit(this.run, () => {
      if (!this.isOver) this.attempt()
    })
  }

  private attempt(): void {
    const recorded = this.recorded()
    if (recorded === undefined) return
    const { input, value } = recorded
    let isSync = true
    let hasEnded = false
    const fiber = runOutside(
      () => this.undo.do(value, this.key, input),
      this.undo.timeout,
      this.run,
      (exit) => {
        hasEnded = true
        if (!isSync) this.fiber = undefined
        this.attempted(exit)
      }
    )
    isSync = false
    if (!hasEnded) this.fiber = fiber
  }

  private attempted(exit: Exit.Exit<unknown, unknown>): void {
    if (this.isOver) return
    if (Exit.isSuccess(exit)) return this.end("undone", undefined)
    const { reasons } = exit.cause
    const only = reasons.length === 1 ? reasons[0]! : undefined
    const error = only !== undefined && Cause.isFailReason(only) ? only.error : undefined
    // This attempt did not happen; one before it may have.
    if (error instanceof Unavailable)
      return this.call.undoMayHaveHappened ? this.unknown(error.reason) : this.unavailable(error.reason)
    const isUnknown =
      error instanceof Indeterminate || error instanceof TookTooLong || Cause.hasInterruptsOnly(exit.cause)
    if (isUnknown) return this.unknown(error instanceof Indeterminate ? error.reason : wordsOf(exit.cause))
    this.end("undo-stuck", { reason: wordsOf(exit.cause) })
  }

  private unavailable(reason: string, isAbsent = false): void {
    const { undoAttempts } = this.call
    const { retry } = this.undo
    const now = this.run.engine.now()
    const pause = pauseAfter(retry, Math.max(1, undoAttempts), this.run.engine.chance())
    const usedAt = this.call.undoKeyUsedAt > 0 ? this.call.undoKeyUsedAt : now
    if (undoAttempts >= retry.attempts || now - usedAt + pause > retry.within) {
      return this.end("undo-stuck", { reason: `given up after ${undoAttempts} attempts: ${reason}` })
    }
    this.run.note("undo-retrying", this.call.n, { reason, until: now + pause, ...(isAbsent ? { absent: true } : {}) })
    this.pause.to(now + pause, () => this.again())
  }

  private unknown(reason: string): void {
    this.run.note("undo-unknown", this.call.n, { reason })
    this.settle(reason)
  }

  private settle(reason: string): void {
    const { unknown } = this.undo
    if (unknown !== "repeat") return this.look(unknown, reason)
    if (!this.run.engine.remembers(this.call.undoKeyUsedAt, this.definition.keyLifetime, this.run.history.lastAt)) {
      return this.end("undo-stuck", { reason: `${reason}; its key may have been forgotten, so it is not repeated` })
    }
    if (!this.hasRepeated) {
      this.hasRepeated = true
      return this.again()
    }
    const pause = pauseAfter(this.undo.retry, Math.max(1, this.call.undoAttempts), this.run.engine.chance())
    this.pause.to(this.run.engine.now() + pause, () => this.again())
  }

  private look(unknown: Extract<UndoDefinition["unknown"], Function>, reason: string): void {
    const recorded = this.recorded()
    if (recorded === undefined) return
    const { input, value } = recorded
    runOutside(
      () => unknown(value, this.key, input),
      this.undo.timeout,
      this.run,
      (exit) => {
        if (this.isOver) return
        if (Exit.isFailure(exit)) return this.lookLater(`${reason} (looking failed: ${wordsOf(exit.cause)})`)
        switch (exit.value._tag) {
          case "Done":
            return this.end("undone", undefined)
          case "Absent":
            return this.unavailable(reason, true)
          case "Refused":
            return this.end("undo-stuck", { reason: `${reason} (looking says it was refused)` })
          case "Unknown":
            return this.lookLater(reason)
        }
      }
    )
  }

  private lookLater(reason: string): void {
    const until = this.run.engine.now() + pauseAfter(looking, this.call.looks + 1, this.run.engine.chance())
    this.run.note("undo-unknown", this.call.n, { reason, until })
    this.pause.to(until, () => this.settle(reason))
  }

  private get key() {
    const { generation, key, step } = this.call
    const { id } = this.run.row
    return stepKeyOf({ namespace: this.run.engine.namespace, execution: id, step, key, generation, isUndo: true })
  }

  private recorded(): { readonly input: unknown; readonly value: unknown } | undefined {
    const { input, success } = this.definition
    const found = this.run.engine.readable(this.run, this.call, () => ({
      input: input.decode(JSON.parse(this.call.data!).in),
      value: success.decode(JSON.parse(this.call.result!))
    }))
    return found?.value
  }

  private end(kind: "undone" | "undo-stuck", data: unknown): void {
    if (this.isOver) return
    this.isOver = true
    this.pause.end()
    this.run.note(kind, this.call.n, data)
    this.ended()
  }
}
