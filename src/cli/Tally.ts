/**
 * What a run keeps of the orders that have ended: how many, how much, and the first ones that went wrong.
 *
 * The special rule: it stays small however many orders there are.
 */
import { type Currency, digitsOf } from "../app.ts"
import { type Ended, fine, type Outcome, outcomes } from "./Outcome.ts"

/** How many orders that did not complete are listed one by one. */
export const listed = 40

export class Tally {
  readonly counts = new Map<Outcome, number>()
  readonly amounts = new Map<Outcome, Map<Currency, bigint>>()
  readonly currencies = new Set<Currency>()
  readonly troubles: Array<Ended> = []
  readonly lastLine = new Map<string, number>()
  /** How many orders the journal knew, and how. */
  readonly found = { new: 0, resumed: 0, finished: 0 }
  ended = 0
  notListed = 0
  notTold = 0
  perhapsTold = 0
  wentWell = true

  add(one: Ended): void {
    this.ended++
    this.counts.set(one.outcome, this.count(one.outcome) + 1)
    this.lastLine.set(one.file, Math.max(one.line, this.lastLine.get(one.file) ?? 0))
    if (!fine.has(one.outcome)) this.wentWell = false
    if (one.notification?._tag === "NotSent") this.notTold++
    if (one.notification?._tag === "PerhapsSent") this.perhapsTold++
    if (one.found !== undefined) this.found[one.found]++
    if (one.amount !== undefined) {
      const { currency, minor } = one.amount
      const amounts = this.amounts.get(one.outcome) ?? new Map<Currency, bigint>()
      this.amounts.set(one.outcome, amounts.set(currency, (amounts.get(currency) ?? 0n) + BigInt(minor)))
      this.currencies.add(currency)
    }
    if (one.outcome === "completed" || one.outcome === "valid") return
    if (this.troubles.length < listed) this.troubles.push(one)
    else this.notListed++
  }

  /** How many orders were not turned away before anything was tried. */
  get tried(): number {
    return this.found.new + this.found.resumed + this.found.finished
  }

  count(outcome: Outcome): number {
    return this.counts.get(outcome) ?? 0
  }

  /** Why the run counts as not gone well, such as `2 rejected, 1 stuck`. */
  get troubled(): string {
    const bad = outcomes.filter((outcome) => !fine.has(outcome) && this.count(outcome) > 0)
    return bad.map((outcome) => `${this.count(outcome)} ${outcome}`).join(", ")
  }

  /** The sum as a decimal string; it may be more than fits into an amount of money. */
  sum(outcome: Outcome, currency: Currency): string | undefined {
    const minor = this.amounts.get(outcome)?.get(currency)
    if (minor === undefined) return undefined
    const digits = digitsOf(currency)
    const text = String(minor).padStart(digits + 1, "0")
    return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`
  }
}
