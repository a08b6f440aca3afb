/**
 * What an execution in memory writes: its row as it is now, and its events, one after the other.
 *
 * The special rule: an event is part of the history at once and of the journal with the next commit; nothing leaves the
 * process in between.
 *
 * Not here: what happens to it (`Run.ts`), and the commits (`Writer.ts`).
 */
import type { Engine } from "./Engine.ts"
import { History } from "./History.ts"
import type { EventRow, ExecutionRow } from "./Store.ts"
import type { Author } from "./Writer.ts"

export abstract class RunRecord implements Author {
  readonly engine: Engine
  readonly history: History
  row: ExecutionRow
  private rowChanged: boolean

  constructor(engine: Engine, row: ExecutionRow, isNew: boolean) {
    this.engine = engine
    this.row = row
    this.rowChanged = isNew
    this.history = new History(row.startedAt)
  }

  get seq(): number {
    return this.row.seq
  }

  /** Hears of each event before it is written, and after. */
  protected abstract writes(kind: string): void
  protected abstract wrote(row: EventRow): void

  /** Writes down something on the way, which the story is not told. */
  note(kind: string, call: number | null, data: unknown): EventRow {
    return this.append(kind, null, call, data === undefined ? null : JSON.stringify(data))
  }

  protected append(
    kind: string,
    subject: string | null,
    call: number | null,
    data: string | null,
    details?: object
  ): EventRow {
    this.writes(kind)
    const at = Math.max(this.engine.now(), this.history.lastAt)
    const row: EventRow = { execution: this.row.seq, n: this.history.last + 1, kind, subject, call, at, data }
    this.history.apply(row, details)
    this.engine.writer.write(this, row)
    this.wrote(row)
    return row
  }

  setRow(change: Partial<ExecutionRow>): void {
    this.row = { ...this.row, ...change, changedAt: Math.max(this.engine.now(), this.row.changedAt) }
    this.rowChanged = true
    this.engine.writer.touch(this)
  }

  takeRow(): ExecutionRow | undefined {
    if (!this.rowChanged) return undefined
    this.rowChanged = false
    return this.row
  }

  abstract rejected(reason: string): void
}
