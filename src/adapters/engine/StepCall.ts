/**
 * One step of an execution while it is live: attempts, pauses, and finding out what nobody knows.
 *
 *   begin ─▶ running ─┬─ done · refused ─────────────▶ told
 *                     ├─ unavailable ─▶ retrying ─▶ running … or gave-up
 *                     ╰─ unknown ─▶ settling: look · repeat · ask a person · leave
 *
 * The special rule: an attempt begins only after its row has been committed, and from then on only an answer, a look or
 * a person says what became of it.
 *
 * Not here: taking it back (`UndoCall.ts`), and telling the attempts apart (`attempts.ts`).
 */
import { Exit } from "effect"
import type { Fiber } from "effect"
import type { StepDefinition } from "../../workflows/StepDefinition.ts"
import { judge, looking, pauseAfter, runOutside, sentence, wordsOf } from "./attempts.ts"
import type { Call } from "./Call.ts"
import type { Told } from "./History.ts"
import type { Verdict } from "./Journal.ts"
import { stepKeyOf } from "./keys.ts"
import type { LiveCall } from "./LiveCall.ts"
import { Pause } from "./Pause.ts"
import type { Run } from "./Run.ts"

export class StepCall implements LiveCall {
  private readonly run: Run
  readonly call: Call
  readonly definition: StepDefinition
  private fiber: Fiber.Fiber<unknown, unknown> | undefined = undefined
  private isCancelled = false
  private isOver = false
  private hasRepeated = false
  private readonly pause: Pause

  /** The input as the story gave it; without a story it is read from the journal. */
  private given: { readonly value: unknown } | undefined

  constructor(run: Run, call: Call, definition: StepDefinition, given?: { readonly value: unknown }) {
    this.run = run
    this.call = call
    this.definition = definition
    this.given = given
    this.pause = new Pause(run)
  }

  get waitsUntil(): number | undefined {
    return this.pause.until
  }

  get needsPerson(): boolean {
    return this.call.state === "asking"
  }

  // ── How it goes on ───────────────────────────────────────────────────────────────────────────────────────────────

  begin(): void {
    if (this.isCancelled) return this.end("not-done", null)
    if (!this.run.engine.looksFirst || this.definition.unknown === "leave") return this.attempt()
    // This journal is a copy: the original may have done it already.
    if (typeof this.definition.unknown === "function")
      this.unknown("the journal is a copy: the original may have done it")
    else if (this.definition.unknown === "ask") this.ask("the journal is a copy: the original may have done it")
    else this.attempt()
  }

  resume(): void {
    const { reason, state } = this.call
    if (state === "retrying") this.pause.to(this.call.until, () => this.again())
    else if (state === "settling") this.pause.to(this.call.until, () => this.settle(reason ?? ""))
    else if (state === "running") this.unknown("the process ended while it ran")
  }

  cancel(): void {
    if (this.isOver || this.isCancelled) return
    this.isCancelled = true
    if (this.fiber !== undefined) return this.fiber.interruptUnsafe()
    if (this.call.state === "retrying") return this.end("not-done", null)
    if (this.call.state === "settling" && this.leavesNothing) return this.end("left", { reason: this.call.reason })
    if (this.call.state === "settling" && this.pause.until !== undefined)
      this.pause.to(0, () => this.settle(this.call.reason ?? ""))
  }

  leave(): void {
    this.isOver = true
    this.pause.end()
    this.fiber?.interruptUnsafe()
  }

  /** A person says what became of it. Answers why not, if that does not fit. */
  verdict(verdict: Verdict): string | undefined {
    if (this.call.state !== "asking" && this.call.state !== "settling") return "its outcome is not in question"
    if (verdict._tag === "Undone") return "it is not being taken back"
    if (verdict._tag === "Absent") {
      this.run.note("verdict", this.call.n, verdict)
      this.pause.end()
      this.absent("a person said that it did not happen")
      return undefined
    }
    try {
      const json = JSON.stringify(verdict.value ?? null)
      this.definition.success.decode(JSON.parse(json))
      this.run.note("verdict", this.call.n, verdict)
      this.pause.end()
      this.end("done", json)
      return undefined
    } catch (problem) {
      return `the value does not fit the step: ${sentence(problem)}`
    }
  }

  // ── Attempts ─────────────────────────────────────────────────────────────────────────────────────────────────────

  private attempt(): void {
    const input = this.input()
    if (input === undefined) return
    const { definition } = this
    let isSync = true
    let hasEnded = false
    const fiber = runOutside(
      () => definition.do(input.value, this.key),
      definition.timeout,
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
    const outcome = judge(exit, this.definition, this.run.engine.limit)
    switch (outcome._tag) {
      case "Done":
        return this.end("done", outcome.json)
      case "Refused":
        return this.end("refused", outcome.json)
      case "Unavailable":
        return this.unavailable(outcome.reason)
      case "Unknown":
        return this.unknown(this.isCancelled ? "it was cancelled while it ran" : outcome.reason)
    }
  }

  private again(): void {
    if (this.run.engine.isClosed) return
    this.run.note("attempt", this.call.n, { attempt: this.call.attempts + 1 })
    this.afterCommit(() => this.attempt())
  }

  private unavailable(reason: string, generation = this.call.generation): void {
    const { attempts, at, n } = this.call
    const policy = this.definition.retry
    const pause = pauseAfter(policy, attempts, this.run.engine.chance())
    const now = this.run.engine.now()
    const isLast = this.isCancelled || attempts >= policy.attempts || now - at + pause > policy.within
    const until = isLast ? now : now + pause
    const isNewKey = generation !== this.call.generation
    // A key that was sealed is not used again, by whoever asks for the step after this.
    if (!isLast || isNewKey)
      this.run.note("retrying", n, { attempt: attempts, reason, until, ...(isNewKey ? { gen: generation } : {}) })
    if (this.isCancelled) return this.end("not-done", null)
    if (isLast) return this.gaveUp(reason)
    this.pause.to(until, () => this.again())
  }

  private gaveUp(reason: string): void {
    const { attempts, step } = this.call
    const { error, gaveUp } = this.definition
    const input = this.input()
    if (input === undefined) return
    try {
      const data =
        gaveUp === undefined ? { step, attempts, reason } : { error: error.encode(gaveUp(reason, input.value)) }
      this.end("gave-up", data)
    } catch (problem) {
      this.end("gave-up", { step, attempts, reason: `${reason} (and gaveUp failed: ${sentence(problem)})` })
    }
  }

  // ── Finding out ──────────────────────────────────────────────────────────────────────────────────────────────────

  private unknown(reason: string): void {
    if (this.definition.unknown === "leave" || (this.isCancelled && this.leavesNothing))
      return this.end("left", { reason })
    this.run.note("unknown", this.call.n, { attempt: this.call.attempts, reason })
    this.afterCommit(() => this.settle(reason))
  }

  private get leavesNothing(): boolean {
    const { undo, unknown } = this.definition
    return undo === "nothing" && (unknown === "repeat" || unknown === "leave")
  }

  private settle(reason: string): void {
    const { unknown } = this.definition
    if (unknown === "leave") return this.end("left", { reason })
    if (unknown === "ask") return this.ask(reason)
    if (unknown !== "repeat") return this.look(unknown, reason)
    if (!this.run.engine.remembers(this.call.keyUsedAt, this.definition.keyLifetime, this.run.history.lastAt)) {
      return this.ask(`${reason}; its key may have been forgotten, so it is not repeated`)
    }
    if (!this.hasRepeated) {
      this.hasRepeated = true
      return this.again()
    }
    const pause = pauseAfter(this.definition.retry, this.call.attempts, this.run.engine.chance())
    this.pause.to(this.run.engine.now() + pause, () => this.again())
  }

  private look(unknown: Extract<StepDefinition["unknown"], Function>, reason: string): void {
    const input = this.input()
    if (input === undefined) return
    runOutside(
      () => unknown(input.value, this.key),
      this.definition.timeout,
      this.run,
      (exit) => {
        if (this.isOver) return
        if (Exit.isFailure(exit)) return this.lookLater(`${reason} (looking failed: ${wordsOf(exit.cause)})`)
        const found = exit.value
        switch (found._tag) {
          case "Done":
          case "Refused":
            return this.found(
              Exit[found._tag === "Done" ? "succeed" : "fail"](found._tag === "Done" ? found.value : found.error),
              reason
            )
          case "Absent":
            return this.absent(reason)
          case "Unknown":
            return this.lookLater(reason)
        }
      }
    )
  }

  private found(exit: Exit.Exit<unknown, unknown>, reason: string): void {
    const outcome = judge(exit, this.definition, this.run.engine.limit)
    if (outcome._tag === "Done") this.end("done", outcome.json)
    else if (outcome._tag === "Refused") this.end("refused", outcome.json)
    else this.lookLater(`${reason} (looking answered what cannot be written down: ${outcome.reason})`)
  }

  /** It did not happen, and with this key it cannot any more: the next attempt has another one. */
  private absent(reason: string): void {
    this.unavailable(reason, this.call.generation + 1)
  }

  private lookLater(reason: string): void {
    const until = this.run.engine.now() + pauseAfter(looking, this.call.looks + 1, this.run.engine.chance())
    this.run.note("unknown", this.call.n, { reason, until })
    this.pause.to(until, () => this.settle(reason))
  }

  private ask(reason: string): void {
    this.run.note("asking", this.call.n, { reason })
    this.run.engine.parked(this.run)
  }

  // ── The bottom ───────────────────────────────────────────────────────────────────────────────────────────────────

  private get key() {
    const { generation, key, step } = this.call
    const { id } = this.run.row
    return stepKeyOf({ namespace: this.run.engine.namespace, execution: id, step, key, generation, isUndo: false })
  }

  private input(): { readonly value: unknown } | undefined {
    return (this.given ??= this.read())
  }

  private read(): { readonly value: unknown } | undefined {
    return this.run.engine.readable(this.run, this.call, () =>
      this.definition.input.decode(JSON.parse(this.call.data!).in)
    )
  }

  private end(kind: Told, data: unknown): void {
    if (this.isOver) return
    this.isOver = true
    this.pause.end()
    const json = typeof data === "string" || data === null ? data : JSON.stringify(data)
    this.run.arrive({ kind, call: this.call.n, subject: null, data: json })
  }

  private afterCommit(then: () => void): void {
    this.run.engine.writer.afterCommit(this.run, () => {
      if (!this.isOver) then()
    })
  }
}
