/**
 * The orders of a crash run: which have been started, acknowledged and told, and what others still have to do to them.
 *
 * The special rule: whoever waited for an order waits for it again in the next life, until he has been told its end.
 *
 * Not here: lives (`crash.ts`), and what must hold in the end (`check.ts`).
 */
import { idOf, type Others } from "./others.ts"
import type { Outside } from "./Outside.ts"
import { type Planned, plannedOrder } from "./plan.ts"
import type { ToChild, Told } from "./wire.ts"

export interface Customer extends Planned {
  readonly number: number
  readonly id: string
  /** The life in which it was asked for first. */
  readonly life: number
  isAcknowledged: boolean
  isCancelAsked: boolean
  readonly words: Array<string>
  /** Every time its end was told. */
  readonly told: Array<Told>
}

export class Crowd {
  readonly customers = new Map<string, Customer>()
  /** What could not be asked for. */
  readonly troubles: Array<string> = []
  /** What is blocked for another reason than that processes ended, by execution. */
  readonly givenUp = new Map<string, string>()
  private readonly seed: number
  private readonly inFlight: number
  private readonly outside: () => Outside
  private readonly others: () => Others
  private readonly errands = new Set<Promise<unknown>>()
  private isRetrying = false
  private readonly retries = new Map<string, number>()
  private readonly lately: Array<Customer> = []
  private life = 0
  private say: (message: ToChild) => void = () => {}
  private waitingFor = 0

  constructor(options: { seed: number; inFlight: number; outside: () => Outside; others: () => Others }) {
    this.seed = options.seed
    this.inFlight = options.inFlight
    this.outside = options.outside
    this.others = options.others
  }

  /** A new process runs: who has not been told waits again. */
  enter(life: number, say: (message: ToChild) => void): void {
    this.life = life
    this.say = say
    for (const { errands, plan, told } of this.customers.values())
      if (errands.isAttended && told.length === 0) say({ say: "start", plan, waits: true })
  }

  /** Keeps so many orders in flight. */
  feed(): void {
    while (this.waitingFor < this.inFlight) this.order()
  }

  private order(): void {
    const number = this.customers.size + 1
    const planned = plannedOrder(this.seed, number)
    const { errands, plan } = planned
    const none = { isAcknowledged: false, isCancelAsked: false, words: [], told: [] }
    this.customers.set(plan.id, { ...planned, number, id: idOf(plan), life: this.life, ...none })
    if (errands.isAttended) this.waitingFor++
    for (const { after, word } of errands.words) if (after < 0) this.word(plan.id, word)
    this.say({ say: "start", plan, waits: errands.isAttended })
  }

  acknowledged(order: string): void {
    const customer = this.customers.get(order)!
    if (customer.isAcknowledged) return
    customer.isAcknowledged = true
    this.lately.push(customer)
    this.runErrands(order)
  }

  /** How many have been acknowledged. */
  get acknowledgedSoFar(): number {
    return [...this.customers.values()].filter(({ isAcknowledged }) => isAcknowledged).length
  }

  /** Who has been acknowledged since this was asked last. */
  latelyAcknowledged(): ReadonlyArray<Customer> {
    return this.lately.splice(0)
  }

  /** The process ended before it could acknowledge them, and nobody asked again: they may be there all the same. */
  runErrandsOfOthers(): void {
    for (const [order, { isAcknowledged }] of this.customers) if (!isAcknowledged) this.runErrands(order)
  }

  private runErrands(order: string): void {
    const { cancel, words } = this.customers.get(order)!.errands
    for (const { after, word } of words) if (after >= 0) this.later(after, () => this.word(order, word))
    if (cancel !== undefined) this.later(cancel, () => this.cancel(order))
  }

  told(order: string, told: Told): void {
    const customer = this.customers.get(order)!
    this.outside().note(order, `told: ${told.status}, ${JSON.stringify(told.result)}`)
    // Set aside: somebody tries it again by hand, and waits for it again.
    if (told.status === "blocked") {
      void this.retrySetAside()
      return this.later(300, () => this.say({ say: "start", plan: customer.plan, waits: true }))
    }
    if (customer.errands.isAttended && customer.told.length === 0) this.waitingFor--
    customer.told.push(told)
  }

  /** Tries again what was set aside because processes ended that had begun it. Anything else that is blocked is trouble. */
  async retrySetAside(): Promise<void> {
    if (this.isRetrying) return
    this.isRetrying = true
    for (const { id, name, why } of await this.others().listed("blocked")) {
      const times = (this.retries.get(id) ?? 0) + 1
      if (times > 100 || !why.includes("each time the process ended")) {
        this.givenUp.set(id, `${name} is blocked: ${why}`)
        continue
      }
      this.retries.set(id, times)
      this.outside().note(name, "was set aside, and is tried again")
      this.errand(this.others().retry(id))
    }
    // A request is found within 200 ms; until then there is no use in leaving another one.
    this.later(500, () => (this.isRetrying = false))
  }

  /** How often an execution that was set aside was tried again. */
  get retried(): number {
    return [...this.retries.values()].reduce((sum, times) => sum + times, 0)
  }

  get isWaiting(): boolean {
    return this.waitingFor > 0 || this.errands.size > 0
  }

  // ── What others do ─────────────────────────────────────────────────────────────────────────────────────────────────

  private word(order: string, word: string): void {
    const customer = this.customers.get(order)!
    customer.words.push(word)
    this.outside().note(order, `word: ${word}`)
    this.errand(this.others().word(customer.id, word))
  }

  private cancel(order: string): void {
    const customer = this.customers.get(order)!
    customer.isCancelAsked = true
    this.outside().note(order, "cancel is asked for")
    this.errand(this.others().cancel(customer.id))
  }

  private later(milliseconds: number, then: () => void): void {
    this.errand(
      new Promise<void>((resolve) =>
        setTimeout(() => {
          then()
          resolve()
        }, milliseconds)
      )
    )
  }

  private errand(errand: Promise<unknown>): void {
    const noted = errand.catch((problem: unknown) => void this.troubles.push(`nothing could be asked for: ${problem}`))
    this.errands.add(noted)
    void noted.then(() => this.errands.delete(noted))
  }
}
