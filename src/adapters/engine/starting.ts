/**
 * Starting an execution, or finding the one that was started before.
 *
 * The special rule: the same key names the same execution for ever. With another payload it is refused, not answered
 * with what belongs to somebody else's.
 */
import type * as Workflow from "effect/workflow/Workflow"
import { sentence } from "./attempts.ts"
import { codecsOf } from "./codecs.ts"
import { LayerClosing, WorkflowNotRegistered } from "./defects.ts"
import type { Engine } from "./Engine.ts"
import { PayloadConflict } from "./Journal.ts"
import { digestOf } from "./keys.ts"
import type { Run } from "./Run.ts"
import { ends, type ExecutionRow } from "./Store.ts"
import { unstorableText } from "./stores/rows/unstorable.ts"

export type Started =
  /** It is under way: whoever waits is told when it rests. */
  | { readonly _tag: "Running"; readonly found: "new" | "resumed"; readonly parent: string | null }
  /** It has ended, or cannot go on by itself. */
  | { readonly _tag: "Ended"; readonly row: ExecutionRow }
  | { readonly _tag: "Refused"; readonly defect: unknown }

export interface Start {
  readonly workflow: Workflow.Any
  readonly id: string
  readonly payload: unknown
  readonly parent: string | null
}

/** Calls back when it is known what there is; with `whenWritten`, when what is new has been committed. */
export const startExecution = (
  engine: Engine,
  start: Start,
  started: (started: Started) => void,
  whenWritten = false
): void => {
  const { id, parent, workflow } = start
  const off = engine.awaited.onLost((defect) => started({ _tag: "Refused", defect }))
  const answer = (answered: Started) => {
    off()
    started(answered)
  }
  const refuse = (defect: unknown) => answer({ _tag: "Refused", defect })
  const untaken = (reason: string) =>
    refuse(new Error(`the store does not take what ${workflow._tag} wrote: ${reason}`))
  if (engine.lostBecause !== undefined) return
  const registered = engine.registry.get(workflow._tag)
  if (registered === undefined) return refuse(new WorkflowNotRegistered({ workflow: workflow._tag }))
  let payload: string
  try {
    payload = engine.fitting(
      JSON.stringify(codecsOf(workflow, registered.services).encodePayload(start.payload)),
      "the payload"
    )
  } catch (problem) {
    return refuse(
      new Error(`the payload of ${workflow._tag} cannot be written down: ${sentence(problem)}`, { cause: problem })
    )
  }
  const digest = digestOf(payload)
  const name = workflow.idempotencyKey(start.payload)
  const unstorable = unstorableText("the idempotency key", name)
  if (unstorable !== undefined) return refuse(new Error(`${workflow._tag} cannot be started: ${unstorable}`))
  const join = (row: ExecutionRow, isOfBefore: boolean): void => {
    if (row.digest !== digest) return refuse(conflict(row, payload, digest))
    if (ends.has(row.status) || row.status === "blocked" || row.status === "stuck") {
      if (row.status === "stuck" && engine.registry.open(row.workflow) !== undefined)
        engine.recovery.wakeLater(row.id, row.wakeAt ?? Number.MAX_SAFE_INTEGER)
      return answer({ _tag: "Ended", row })
    }
    if (!engine.runs.has(id) && row.status !== "suspended") engine.recovery.wake(id)
    answer({ _tag: "Running", found: isOfBefore ? "resumed" : "new", parent: row.parent })
  }
  /** What is in memory may not be written down yet, its end neither: who waits for it is told when it is. */
  const joinRun = (run: Run): void => {
    const { row } = run
    if (row.digest !== digest) return refuse(conflict(row, payload, digest))
    const running: Started = { _tag: "Running", found: engine.isOfBefore(row) ? "resumed" : "new", parent: row.parent }
    if (row.status === "stuck") engine.writer.afterCommit(run, () => answer({ _tag: "Ended", row }), untaken)
    else if (whenWritten) engine.writer.afterCommit(run, () => answer(running), untaken)
    else answer(running)
  }
  const look = (found: (row: ExecutionRow | undefined, run: Run | undefined) => void): void => {
    const run = engine.runs.get(id)
    if (run !== undefined) found(run.row, run)
    else engine.asking.lookUp(id, (row) => found(row, engine.runs.get(id)))
  }
  const found = (row: ExecutionRow | undefined, known: Run | undefined): void => {
    if (known !== undefined) return joinRun(known)
    if (row !== undefined) return join(row, engine.isOfBefore(row))
    if (engine.isClosed || registered.isClosed) return refuse(new LayerClosing({ workflow: workflow._tag }))
    const none = { outcome: null, why: null, endedAt: null, wakeAt: null, removedAt: null }
    const run = engine.create(registered, { id, workflow: workflow._tag, name, payload, digest, parent, ...none })
    const tell = () => answer({ _tag: "Running", found: "new", parent })
    if (whenWritten) engine.writer.afterCommit(run, tell, untaken)
    else tell()
  }
  look((row, run) => {
    // What a person has asked of it meanwhile goes first.
    if (row?.status === "stuck" || row?.status === "blocked") engine.whenCarriedOut(id, () => look(found))
    else found(row, run)
  })
}

const conflict = (row: ExecutionRow, payload: string, asked: string): PayloadConflict => {
  const { digest: recorded, name, workflow } = row
  return new PayloadConflict({ workflow, name, recorded, asked, differs: differences(row.payload, payload) })
}

/** The fields in which two payloads differ; of a removed execution nothing is left to compare. */
const differences = (recorded: string, asked: string): ReadonlyArray<string> => {
  if (recorded === "") return ["(the recorded payload was removed)"]
  const [a, b] = [JSON.parse(recorded), JSON.parse(asked)] as [Record<string, unknown>, Record<string, unknown>] // sound: payloads are structs
  const fields = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...fields].filter((field) => JSON.stringify(a[field]) !== JSON.stringify(b[field]))
}
