/**
 * A batch, sorted by execution: what is stored, or refused, together.
 *
 * Not here: why an execution is refused (`unstorable.ts`, and each store).
 */
import type { Batch, EventRow, ExecutionRow } from "../../Store.ts"

/** What one execution wrote in a batch. */
export interface Part {
  readonly row: ExecutionRow | undefined
  readonly events: ReadonlyArray<EventRow>
}

/** The parts of a batch by `seq`, those with a row first, in the order of the batch. */
export const byExecution = (batch: Batch): ReadonlyMap<number, Part> => {
  const parts = new Map<number, { readonly row: ExecutionRow | undefined; readonly events: Array<EventRow> }>()
  for (const row of batch.executions) parts.set(row.seq, { row, events: [] })
  for (const event of batch.events) {
    const part = parts.get(event.execution)
    if (part === undefined) parts.set(event.execution, { row: undefined, events: [event] })
    else part.events.push(event)
  }
  return parts
}
