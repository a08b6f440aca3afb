/**
 * Finding out what became of a step when nobody knows: looking, repeating, asking a person, or leaving it.
 *
 * The special rule: `Absent` is final. It did not happen and with this key it cannot any more, so the next attempt has
 * another key. And nothing is repeated once its key may have been forgotten.
 *
 * Not here: the attempts (`StepCall.ts`).
 */
import { Exit } from "effect"
import type { Fiber } from "effect"
import type { StepDefinition } from "../../workflows/StepDefinition.ts"
import { judge, looking, pauseAfter, runOutside, sentence, wordsOf } from "./attempts.ts"
import type { Verdict } from "./Journal.ts"
import type { StepCall } from "./StepCall.ts"

export class Settling {
  private readonly step: StepCall
  /** Repeating after a crash is the first thing that is done, without a pause. */
  private hasRepeated = false
  /** Which of the ways to find out is under way: what an earlier one answers comes too late. */
  private turn = 0
  private looking: Fiber.Fiber<unknown, unknown> | undefined = undefined

  constructor(step: StepCall) {
    this.step = step
  }

  /** Nobody knows, because of that. Whose process ended is not to blame for it: that does not count as an attempt. */
  begin(reason: string, isCrash = false): void {
    const { call, definition, run } = this.step
    if (definition.unknown === "leave" || (this.step.isCancelled && this.leavesNothing)) {
      return this.step.end("left", { reason })
    }
    run.note("unknown", call.n, { attempt: call.attempts, reason, ...(isCrash ? { crash: true } : {}) })
    this.goOnAfterCommit(reason)
  }

  /** Goes on when that is written, unless somebody has found out meanwhile. */
  private goOnAfterCommit(reason: string): void {
    const turn = ++this.turn
    this.step.afterCommit(() => {
      if (turn === this.turn) this.goOn(reason)
    })
  }

  /** Nobody waits for it any more. What leaves nothing to take back need not be known. */
  cancelled(): void {
    const { call, pause } = this.step
    if (call.state !== "settling") return
    if (this.leavesNothing) this.step.end("left", { reason: call.reason })
    else if (pause.until !== undefined) pause.to(0, () => this.goOn(call.reason ?? ""))
  }

  goOn(reason: string): void {
    const { unknown } = this.step.definition
    if (unknown === "leave") this.step.end("left", { reason })
    else if (unknown === "ask") this.ask(reason)
    else if (unknown === "repeat") this.repeat(reason)
    else this.look(unknown, reason)
  }

  private get leavesNothing(): boolean {
    const { undo, unknown } = this.step.definition
    return undo === "nothing" && (unknown === "repeat" || unknown === "leave")
  }

  private repeat(reason: string): void {
    const { call, definition, pause, run } = this.step
    const { keyLifetime, retry } = definition
    const { engine, history } = run
    if (!engine.remembers(call.keyUsedAt, keyLifetime, history.lastAt)) {
      return this.ask(`${reason}; its key may have been forgotten, so it is not repeated`)
    }
    // Nothing has failed but a process: how long nobody was there does not count.
    if (call.failures === 0 && !this.hasRepeated) {
      this.hasRepeated = true
      return this.step.again()
    }
    // However long nobody owned the journal: what a crash cut off is repeated at least once.
    const isTooLate = call.failures > 0 && engine.now() - call.triedSince > retry.within
    if (call.failures >= retry.attempts || isTooLate) {
      return this.ask(`${reason}; it was repeated until its attempts or its time were used up`)
    }
    pause.to(engine.now() + pauseAfter(retry, Math.max(1, call.failures), engine.chance()), () => this.step.again())
  }

  private look(unknown: Extract<StepDefinition["unknown"], Function>, reason: string): void {
    const { definition, key, run } = this.step
    const input = this.step.input()
    if (input === undefined) return
    const turn = ++this.turn
    const looking = runOutside(
      () => unknown(input.value, key),
      definition.timeout,
      run,
      (exit) => {
        if (this.step.isOver || turn !== this.turn) return
        this.looking = undefined
        if (Exit.isFailure(exit)) return this.lookLater(`${reason} (looking failed: ${wordsOf(exit.cause)})`)
        const found = exit.value
        if (found._tag === "Unknown") this.lookLater(reason)
        else if (found._tag === "Absent") this.absent(reason)
        else this.found(found._tag === "Done" ? Exit.succeed(found.value) : Exit.fail(found.error), reason)
      }
    )
    if (turn === this.turn) this.looking = looking
  }

  /** Somebody says what became of it: nobody need find out any more. */
  private foundOut(verdict: Verdict): void {
    const { call, pause, run } = this.step
    run.note("verdict", call.n, { ...verdict, attempt: call.attempts })
    pause.end()
    this.turn++
    this.looking?.interruptUnsafe()
    this.looking = undefined
  }

  private found(exit: Exit.Exit<unknown, unknown>, reason: string): void {
    const outcome = judge(exit, this.step.definition, this.step.run.engine.limit)
    if (outcome._tag === "Done") this.step.end("done", outcome.json)
    else if (outcome._tag === "Refused") this.step.end("refused", outcome.json)
    else this.lookLater(`${reason} (looking answered what cannot be written down: ${outcome.reason})`)
  }

  private absent(reason: string): void {
    this.step.unavailable(reason, this.step.call.generation + 1)
  }

  private lookLater(reason: string): void {
    const { call, pause, run } = this.step
    const until = run.engine.now() + pauseAfter(looking, call.looks + 1, run.engine.chance())
    run.note("unknown", call.n, { reason, until })
    pause.to(until, () => this.goOn(reason))
  }

  ask(reason: string): void {
    const { call, run } = this.step
    run.note("asking", call.n, { reason })
    run.engine.parked(run)
  }

  // ── A person ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Tries again by itself, if there is a way. */
  retry(): boolean {
    const { call, definition, run } = this.step
    if (call.state !== "asking" || definition.unknown === "ask" || definition.unknown === "leave") return false
    if (!run.engine.remembers(call.keyUsedAt, definition.keyLifetime, run.history.lastAt)) return false
    run.note("tried-again", call.n, undefined)
    this.goOnAfterCommit(call.reason ?? "")
    return true
  }

  /** A person says what became of it. Answers why not, if that does not fit. */
  verdict(verdict: Verdict): string | undefined {
    const { call, definition } = this.step
    if (call.state !== "asking" && call.state !== "settling") return "its outcome is not in question"
    if (verdict._tag === "Undone") return "it is not being taken back"
    if (verdict._tag === "Absent") {
      this.foundOut(verdict)
      this.absent("a person said that it did not happen")
      return undefined
    }
    const json = JSON.stringify(verdict.value ?? null)
    try {
      definition.success.decode(JSON.parse(json))
    } catch (problem) {
      return `the value does not fit the step: ${sentence(problem)}`
    }
    this.foundOut(verdict)
    this.step.end("done", json)
    return undefined
  }
}
