/**
 * A step that was begun and that the program does not know any more: only a person can say what became of it.
 */
import type { Call } from "./Call.ts"
import type { Told } from "./History.ts"
import type { Verdict } from "./Journal.ts"
import type { LiveCall } from "./LiveCall.ts"
import type { Run } from "./Run.ts"

export class OrphanCall implements LiveCall {
  private readonly run: Run
  private readonly call: Call
  readonly waitsUntil = Number.POSITIVE_INFINITY
  readonly needsPerson = true

  constructor(run: Run, call: Call) {
    this.run = run
    this.call = call
  }
  begin(): void {}
  resume(): void {
    if (this.call.state === "asking") return
    this.run.note("asking", this.call.n, { reason: `the program has no step "${this.call.step}" any more` })
  }
  cancel(): void {}
  leave(): void {}

  verdict(verdict: Verdict): string | undefined {
    if (verdict._tag === "Undone") return "it is not being taken back"
    this.run.note("verdict", this.call.n, { ...verdict, attempt: this.call.attempts })
    const kind: Told = verdict._tag === "Done" ? "done" : "not-done"
    const data = verdict._tag === "Done" ? JSON.stringify(verdict.value ?? null) : null
    this.run.arrive({ kind, call: this.call.n, subject: null, data })
    return undefined
  }
}
