/**
 * The outside of the crash run: it charges, reserves and sends, and it outlives every process that asked it to.
 *
 * The special rule: what has been asked for happens, also when who asked is gone by then. Every answer to a look is true,
 * and a look at a step that finds nothing makes sure that nothing can happen under this key any more.
 *
 * Charging, taking a charge back and writing letters are done as often as they are asked for. For everything else the
 * outside remembers keys: the second time it gives the first answer.
 *
 * Not here: what must hold of all this (`check.ts`).
 */
import { setTimeout as pause } from "node:timers/promises"
import { chanceOf, type Plan } from "./plan.ts"
import type { Answer, Question } from "./wire.ts"

/** What is known of one key. */
export interface Book {
  readonly key: string
  readonly step: string
  readonly order: string
  readonly isUndo: boolean
  /** How often it was asked to do it. Looks are not counted. */
  asked: number
  /** When it happened, each time: the count of everything that ever happened. */
  readonly happened: Array<number>
  refused: boolean
  /** It cannot happen any more. */
  sealed: boolean
  /** How many calls are on their way just now. */
  underWay: number
}

const isRemembered = ({ step }: Book) => step !== "notify" && step !== "charge"
/** Steps that do not wait for ever. */
const isImpatient = ({ step }: Book) => ["charge", "reserve", "hold", "pack"].includes(step)

export class Outside {
  readonly books = new Map<string, Book>()
  /** In order: what was asked of it for an order, and what happened. */
  readonly diaries = new Map<string, Array<string>>()
  looks = 0
  private readonly seed: number
  private readonly planOf: (order: string) => Plan
  private readonly asks = new Map<string, number>()
  private readonly approvals = new Map<string, string>()
  private clock = 0

  constructor(seed: number, planOf: (order: string) => Plan) {
    this.seed = seed
    this.planOf = planOf
  }

  get happened(): number {
    return this.clock
  }

  /** Notes something in the diary of an order. */
  note(order: string, what: string): void {
    const diary = this.diaries.get(order)
    if (diary === undefined) this.diaries.set(order, [what])
    else diary.push(what)
  }

  /** Answers, after a while; not at all where there is no answer. */
  async answer(question: Question): Promise<Answer | undefined> {
    const { key, kind, order, step } = question
    const book = this.bookOf(question)
    this.note(order, `${kind} ${step} ${key.slice(0, 8)}`)
    const name = `${order} ${kind} ${step}`
    const times = (this.asks.get(name) ?? 0) + 1
    this.asks.set(name, times)
    const chance = (what: string) => chanceOf(this.seed, name, times, what)
    const before = Math.floor(chance("before") * 10)
    const after = Math.floor(chance("after") * 10)
    if (kind === "look" || kind === "look at undo") {
      this.looks++
      await pause(before)
      if (chance("blind") < 0.05) return { is: "unknown" }
      return kind === "look" ? this.look(book) : await this.lookAtUndo(book)
    }
    book.asked++
    book.underWay++
    await pause(before)
    const answer = this.act(book, times, chance("fate"))
    book.underWay--
    await pause(after)
    return answer
  }

  // ── Doing ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  private act(book: Book, times: number, fate: number): Answer | undefined {
    const isFlaky = chanceOf(this.seed, book.order, book.step, "flaky") < 0.1
    if ((isFlaky && times <= 2) || fate < 0.04) return { is: "unavailable" }
    if (fate < 0.07) return { is: "indeterminate" }
    const answer = this.happen(book)
    if (fate < 0.12) return { is: "indeterminate" }
    if (fate < 0.15 && !book.isUndo) return { is: "defect" }
    if (fate < 0.17 && isImpatient(book)) return undefined
    return answer
  }

  private happen(book: Book): Answer {
    if (book.sealed) return { is: "unavailable" }
    if (book.refused || this.refuses(book)) {
      book.refused = true
      this.note(book.order, `  refused ${book.step} ${book.key.slice(0, 8)}`)
      return { is: "refused" }
    }
    if (book.happened.length === 0 || !isRemembered(book)) {
      book.happened.push(++this.clock)
      const what = `${book.isUndo ? "undo " : ""}${book.step}`
      this.note(book.order, `  happened: ${what} ${book.key.slice(0, 8)} (${this.clock})`)
    }
    return { is: "done", value: valueOf(book) }
  }

  private refuses({ isUndo, key, order, step }: Book): boolean {
    if (isUndo) return false
    const plan = this.planOf(order)
    if (step === "reserve") return plan.refused
    if (step === "hand") return plan.parcel === "refused"
    // Refused at first: whichever key comes first.
    if (step === "approve" && !this.approvals.has(order)) this.approvals.set(order, key)
    return step === "approve" && this.approvals.get(order) === key
  }

  // ── Looking ────────────────────────────────────────────────────────────────────────────────────────────────────────

  private look(book: Book): Answer {
    if (book.happened.length > 0) return { is: "done", value: valueOf(book) }
    if (book.refused) return { is: "refused" }
    book.sealed = true
    this.note(book.order, `  sealed ${book.step} ${book.key.slice(0, 8)}`)
    return { is: "absent" }
  }

  /** The same key is used again afterwards, so what is under way is waited for. */
  private async lookAtUndo(book: Book): Promise<Answer> {
    while (book.underWay > 0) await pause(1)
    return book.happened.length > 0 ? { is: "done", value: valueOf(book) } : { is: "absent" }
  }

  private bookOf({ key, kind, order, step }: Question): Book {
    const known = this.books.get(key)
    if (known !== undefined) return known
    const isUndo = kind === "undo" || kind === "look at undo"
    const none = { asked: 0, happened: [], refused: false, sealed: false, underWay: 0 }
    const book: Book = { key, step, order, isUndo, ...none }
    this.books.set(key, book)
    return book
  }
}

/** What an effect gave: the same for who did it and who looked. */
export const valueOf = ({ happened, key, step }: Book): string => `${step} ${key.slice(0, 8)} at ${happened[0]}`
