/**
 * One step of an execution while it is live: attempts, pauses, and how it ends.
 *
 *   begin ─▶ running ─┬─ done · refused ─────────────▶ told
 *                     ├─ unavailable ─▶ retrying ─▶ running … or gave-up
 *                     ╰─ unknown ─▶ settling: look · repeat · ask a person · leave
 *
 * The special rule: an attempt begins only after its row has been committed, and from then on only an answer, a look or
 * a person says what became of it.
 *
 * Not here: finding out (`Settling.ts`), taking it back (`UndoCall.ts`), and telling the attempts apart (`attempts.ts`).
 */
import type { Exit, Fiber } from "effect"
import type { StepDefinition } from "../../workflows/StepDefinition.ts"
import type { StepKey } from "../../workflows/StepKey.ts"
import { judge, pauseAfter, runOutside, sentence } from "./attempts.ts"
import type { Call } from "./Call.ts"
import type { Told } from "./History.ts"
import { stepKeyOf } from "./keys.ts"
import type { LiveCall } from "./LiveCall.ts"
import { Pause } from "./Pause.ts"
import type { Run } from "./Run.ts"
import { Settling } from "./Settling.ts"

const copied = "the journal is a copy: the original may have done it"

export class StepCall implements LiveCall {
  readonly run: Run
  readonly call: Call
  readonly definition: StepDefinition
  private fiber: Fiber.Fiber<unknown, unknown> | undefined = undefined
  isCancelled = false
  isOver = false
  readonly pause: Pause
  readonly settling: Settling

  /** The input as the story gave it; without a story it is read from the journal. */
  private given: { readonly value: unknown } | undefined

  constructor(run: Run, call: Call, definition: StepDefinition, given?: { readonly value: unknown }) {
    this.run = run
    this.call = call
    this.definition = definition
    this.given = given
    this.pause = new Pause(run)
    this.settling = new Settling(this)
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
    if (!this.asksFirst()) this.attempt()
  }

  /** Where the journal is a copy, the original may have done it already: that is found out, where there is a way to. */
  private asksFirst(): boolean {
    const { unknown } = this.definition
    if (!this.run.engine.store.isCopy) return false
    if (typeof unknown === "function") this.settling.begin(copied, true)
    else if (unknown === "ask") this.settling.ask(copied)
    else return false
    return true
  }

  resume(): void {
    const { reason, state } = this.call
    if (state === "retrying") {
      if (!this.asksFirst()) this.pause.to(this.call.until, () => this.again())
    } else if (state === "settling") this.pause.to(this.call.until, () => this.settling.goOn(reason ?? ""))
    else if (state === "running") this.settling.begin("the process ended while it ran", true)
  }

  cancel(): void {
    if (this.isOver || this.isCancelled) return
    this.isCancelled = true
    if (this.fiber !== undefined) return this.fiber.interruptUnsafe()
    if (this.call.state === "retrying") return this.end("not-done", null)
    this.settling.cancelled()
  }

  leave(): void {
    this.isOver = true
    this.pause.end()
    this.fiber?.interruptUnsafe()
  }

  // ── Attempts ─────────────────────────────────────────────────────────────────────────────────────────────────────

  private attempt(): void {
    if (this.run.isClosing) return this.putOff()
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
        // This attempt did not happen; one before it may have.
        return this.call.mayHaveHappened ? this.settling.begin(outcome.reason) : this.unavailable(outcome.reason)
      case "Unknown":
        return this.settling.begin(this.isCancelled ? "it was cancelled while it ran" : outcome.reason)
    }
  }

  /** It was written down as begun, and is not: it begins in its next life, and nobody has to find out what became of it. */
  private putOff(): void {
    const { attempts: attempt, n } = this.call
    const reason = "the process was leaving before it began"
    if (this.call.mayHaveHappened) this.run.note("unknown", n, { attempt, reason, crash: true })
    else this.run.note("retrying", n, { attempt, reason, crash: true, until: this.run.engine.now() })
  }

  again(): void {
    if (this.run.isClosing) return
    this.run.note("attempt", this.call.n, { attempt: this.call.attempts + 1 })
    this.afterCommit(() => this.attempt())
  }

  /** It surely did not happen; with another generation, because the key cannot be used any more. */
  unavailable(reason: string, generation = this.call.generation): void {
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

  // ── The bottom ───────────────────────────────────────────────────────────────────────────────────────────────────

  get key(): StepKey {
    const { generation, key, step } = this.call
    const { id } = this.run.row
    return stepKeyOf({ namespace: this.run.engine.namespace, execution: id, step, key, generation, isUndo: false })
  }

  input(): { readonly value: unknown } | undefined {
    return (this.given ??= this.read())
  }

  private read(): { readonly value: unknown } | undefined {
    return this.run.engine.readable(this.run, this.call, () =>
      this.definition.input.decode(JSON.parse(this.call.data!).in)
    )
  }

  end(kind: Told, data: unknown): void {
    if (this.isOver) return
    this.isOver = true
    this.pause.end()
    const json = typeof data === "string" || data === null ? data : JSON.stringify(data)
    this.run.arrive({ kind, call: this.call.n, subject: null, data: json })
  }

  afterCommit(then: () => void): void {
    this.run.engine.writer.afterCommit(this.run, () => {
      if (!this.isOver) then()
    })
  }
}
