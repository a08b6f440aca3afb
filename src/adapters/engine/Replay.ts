/**
 * What an execution has been told before, told again: the recorded rows, and how far the story has come in them.
 *
 * The special rule: what the story asks for must be the next row that was asked for, and what it is told is the next row
 * that was told. Another step, another order or another input means that the program has changed: nothing is executed.
 *
 * Not here: what happens once the rows are used up (`Run.ts`).
 */
import { asked, type Asked, told } from "./History.ts"
import type { LiveCall } from "./LiveCall.ts"
import type { Run } from "./Run.ts"
import { storyStops } from "./storyStops.ts"
import type { EventRow } from "./Store.ts"

/** How long a replayed story may take to ask for what it asked for before, when something foreign holds it up. */
const patience = 5000

export class Replay {
  private readonly run: Run
  private recorded: ReadonlyArray<EventRow>
  private cursor = 0
  /** What has no end so far, in order of asking; a later row may still end it. */
  readonly open = new Map<number, LiveCall>()
  /** Calls that nobody in the story waits for any more. */
  readonly cancelled = new Set<number>()
  private overdue: (() => void) | undefined = undefined

  constructor(run: Run, recorded: ReadonlyArray<EventRow>) {
    this.run = run
    this.recorded = recorded
  }

  /** The next row that the story has to do with. What is on the way to it is only remembered. */
  get next(): EventRow | undefined {
    for (;;) {
      const row = this.recorded[this.cursor]
      if (row === undefined || asked.has(row.kind) || told.has(row.kind)) return row
      this.take(row)
    }
  }

  /** The next row was asked for, and not yet again. */
  get isAhead(): boolean {
    const { next } = this
    return next !== undefined && asked.has(next.kind)
  }

  take(row: EventRow): EventRow {
    this.cursor++
    this.run.history.apply(row)
    return row
  }

  /** The story asks: the row that it asked for before, if the rows are not used up. Another one blocks the execution. */
  askedAgain(kind: Asked, subject: string, data: string | null): EventRow | undefined {
    const { next } = this
    if (next === undefined) return undefined
    if (!isSame(next, kind, subject, data)) this.changed(next, wordsFor(next, kind, subject, data))
    this.overdue?.()
    return this.take(next)
  }

  /** The story has parked without asking for what it asked for then: it may have been held up, or be another program. */
  awaitAsking(): void {
    const { next, run } = this
    if (this.overdue !== undefined) return
    const off = run.engine.timers.at(run.engine.now() + patience, () => {
      this.overdue = undefined
      if (run.isOver || next === undefined || this.next !== next) return
      try {
        this.changed(next, "nothing any more")
      } catch (stop) {
        if (stop !== storyStops) throw stop
      }
    })
    const overdue = () => {
      off()
      this.overdue = undefined
    }
    this.overdue = overdue
  }

  /** Remembers all that is left. */
  remember(): void {
    for (let row = this.recorded[this.cursor]; row !== undefined; row = this.recorded[this.cursor]) this.take(row)
  }

  /** The end was decided in an earlier life. */
  get wasDecided(): boolean {
    return this.recorded.some(({ kind }) => kind === "outcome")
  }

  /** It was cancelled in an earlier life, without its body. */
  get hasNoBody(): boolean {
    return this.recorded.some(({ data, kind }) => kind === "cancel" && data !== null)
  }

  leave(): void {
    this.overdue?.()
    this.recorded = []
    this.cursor = 0
  }

  private changed(recorded: EventRow, askedFor: string): never {
    return this.run.block({
      because: "blocked",
      message: `the workflow has changed, or depends on something outside of the journal: event ${recorded.n} of the journal is ${recorded.kind} "${recorded.subject ?? ""}", and the program asked for ${askedFor}`,
      failures: [],
      steps: []
    })
  }
}

/** Whether the story asks for what it asked for before. Of a step the input counts too, of everything else the name. */
const isSame = (row: EventRow, kind: Asked, subject: string, data: string | null): boolean => {
  if (row.kind !== kind || (row.subject ?? "") !== subject) return false
  if (kind !== "step" || row.data === data) return true
  return JSON.stringify(inputOf(row.data)) === JSON.stringify(inputOf(data))
}
/** What the story asks for, in words; of the same step with another input both inputs. */
const wordsFor = (row: EventRow, kind: Asked, subject: string, data: string | null): string => {
  const words = `${kind} "${subject}"`
  if (row.kind !== kind || row.subject !== subject) return words
  const [recorded, asked] = [row.data, data].map((data) => JSON.stringify(inputOf(data)) ?? "none")
  return `${words} with another input: ${clipped(asked!)} instead of ${clipped(recorded!)}`
}
const clipped = (text: string): string => (text.length <= 200 ? text : `${text.slice(0, 200)}…`)

const inputOf = (data: string | null): unknown =>
  data === null ? undefined : (JSON.parse(data) as { in?: unknown }).in
