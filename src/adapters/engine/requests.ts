/**
 * What is asked of an execution from outside: cancel, try again, settle, signal, start, resume.
 *
 * The special rule: the same thing happens whether the owner is asked directly or finds the request in its inbox, and
 * an answer is given only after what it says has been committed. A request may be carried out twice, so each says enough to
 * do no harm the second time.
 */
import { Effect } from "effect"
import { cancelExecution } from "./cancelling.ts"
import type { Engine } from "./Engine.ts"
import type { Verdict } from "./Journal.ts"
import { ScopeUndo } from "./otherCalls.ts"
import { receiptOf } from "./reading.ts"
import { callsForPerson } from "./resting.ts"
import { OrphanCall } from "./OrphanCall.ts"
import type { Run } from "./Run.ts"
import { StepCall } from "./StepCall.ts"
import { ends, type EventRow, type ExecutionRow, type Request, type Status } from "./Store.ts"
import type { CancelReceipt } from "./views.ts"

/** What an owner answers: JSON for the inbox, a value for a caller. */
export type Answer =
  | { readonly ok: unknown }
  | { readonly refused: string }
  | { readonly missing: true }
  /** The workflow of the execution has no layer here, or none yet. */
  | { readonly unregistered: string }

type Answering = (answer: Answer) => void

export const carryOut = (
  engine: Engine,
  request: Pick<Request, "execution" | "kind" | "data">,
  answer: Answering
): void => {
  const { data, execution, kind } = request
  switch (kind) {
    case "cancel":
      return cancelExecution(engine, execution, (row) => receipt(engine, row, answer))
    case "retry":
      return retry(engine, execution, answer)
    case "settle":
      return settle(engine, execution, JSON.parse(data) as Settle, answer)
    case "signal":
      return signal(engine, execution, JSON.parse(data) as { name: string; exit: string }, answer)
    case "resume":
      engine.recovery.resume(execution)
      return answer({ ok: null })
    case "start":
      return start(
        engine,
        execution,
        JSON.parse(data) as { workflow: string; name: string; payload: string; digest: string },
        answer
      )
  }
}

const receipt = (engine: Engine, row: ExecutionRow | undefined, answer: Answering): void => {
  if (row === undefined) return answer({ missing: true })
  if (isUnregistered(engine, row)) return answer({ unregistered: row.workflow })
  const read = Effect.all([engine.store.find([row.id]), engine.store.events([row.seq])])
  engine.asking.ask(read, ([rows, events]) => answer({ ok: receiptOf(rows[0] ?? row, events) satisfies CancelReceipt }))
}

const start = (
  engine: Engine,
  id: string,
  { digest, name, payload, workflow }: { workflow: string; name: string; payload: string; digest: string },
  answer: Answering
): void =>
  engine.asking.lookUp(id, (row) => {
    if (row !== undefined)
      return answer(
        row.digest === digest ? { ok: row.status } : { refused: "it was started before with another payload" }
      )
    const registered = engine.registry.open(workflow)
    if (registered === undefined) return answer({ unregistered: workflow })
    if (engine.runs.has(id)) return answer({ ok: "running" })
    const run = engine.create(registered, {
      id,
      workflow,
      name,
      payload,
      digest,
      outcome: null,
      why: null,
      parent: null,
      endedAt: null,
      wakeAt: null,
      removedAt: null
    })
    afterCommit(engine, run, answer, () => "running")
  })

/** A signal for an execution that does not exist yet is kept by whoever asks: `missing`. */
export const signal = (
  engine: Engine,
  id: string,
  { exit, name }: { name: string; exit: string },
  answer: Answering
): void =>
  engine.recovery.open(id, (run, row) => {
    if (run === undefined || run.isOver) return answer(unheard(engine, row))
    run.whenLive(() => {
      const told = (isTold: boolean) =>
        answer(isTold || run.history.signals.has(name) ? { ok: "told" } : unheard(engine, run.row))
      run.arrive({ kind: "signal", call: null, subject: name, data: exit, told })
    })
  })

/** Nobody heard a signal: whose end is decided needs none; else it is kept, for when the execution goes on again. */
const unheard = (engine: Engine, row: ExecutionRow | undefined): Answer =>
  absent(engine, row, row?.outcome === null ? { missing: true } : { ok: "not waiting" })

const retry = (engine: Engine, id: string, answer: Answering): void =>
  engine.asking.lookUp(id, (row) => {
    if (row === undefined) return answer({ missing: true })
    if (isUnregistered(engine, row)) return answer({ unregistered: row.workflow })
    if (row.status === "blocked") return unblock(engine, row, answer)
    if (ends.has(row.status)) return answer({ refused: `it has ended: ${row.status}` })
    engine.recovery.open(id, (run) => {
      if (run === undefined || run.isOver) return answer({ refused: "it is not here" })
      run.whenLive(() => {
        const stuck = callsForPerson(run).filter(({ undo }) => undo === "stuck")
        const triedAgain = callsForPerson(run).filter(({ n }) => {
          const live = run.live.get(n)
          return live instanceof StepCall && live.settling.retry()
        })
        if (stuck.length === 0 && triedAgain.length === 0) {
          const asking = callsForPerson(run)[0]
          return answer({
            refused:
              asking === undefined
                ? "it is not stuck"
                : `nobody knows what became of "${asking.subject}": say so with settle`
          })
        }
        for (const call of stuck) run.note("undo-pending", call.n, undefined)
        goOn(run)
        afterCommit(engine, run, answer)
      })
    })
  })

const unblock = (engine: Engine, row: ExecutionRow, answer: Answering): void => {
  const found = (events: ReadonlyArray<EventRow>) => {
    if (engine.runs.has(row.id)) return answer({ refused: "it is being tried again" })
    const n = (events.at(-1)?.n ?? 0) + 1
    const retried = { execution: row.seq, n, kind: "retried", subject: null, call: null, at: engine.now(), data: null }
    const run = engine.activate({ ...row, status: "running", why: null }, events, retried)
    if (run === undefined) return answer({ unregistered: row.workflow })
    engine.onCreated(run)
    if (!run.isOver) run.setRow({ status: run.replay.wasDecided ? "undoing" : "running", why: null })
    afterCommit(engine, run, answer)
  }
  engine.asking.eventsOf(row, found, () => retry(engine, row.id, answer))
}

/** `seen` is how far the step was for who says what became of it: of a later attempt he knows nothing. */
export interface Settle {
  readonly step: string
  readonly verdict: Verdict
  readonly seen?: { readonly call: number; readonly attempts: number }
}

const settle = (engine: Engine, id: string, { seen, step, verdict }: Settle, answer: Answering): void =>
  engine.recovery.open(id, (run, row) => {
    if (run === undefined || run.isOver) return answer(absent(engine, row, { refused: `it is ${row?.status}` }))
    run.whenLive(() => {
      const call = [...run.history.calls.values()].findLast(({ subject }) => subject === step)
      if (call === undefined) return answer({ refused: `it has no step "${step}"` })
      if (call.undo === "stuck" || call.undo === "undoing") {
        if (verdict._tag !== "Undone")
          return answer({ refused: `the step "${step}" is being taken back: say --undone when it is` })
        if (call.undo !== "stuck") return answer({ refused: `the step "${step}" is not stuck: it is being taken back` })
        run.note("verdict", call.n, verdict)
        run.note("undone", call.n, undefined)
        goOn(run)
      } else {
        // The owner before may have carried it out, and ended before it could answer.
        if (call.said?._tag === verdict._tag && call.said.attempt === seen?.attempts)
          return afterCommit(engine, run, answer)
        if (seen !== undefined && (seen.call !== call.n || seen.attempts !== call.attempts))
          return answer({ refused: `the step "${step}" has been begun again meanwhile: look at it again` })
        const live = run.live.get(call.n)
        if (!(live instanceof StepCall || live instanceof OrphanCall))
          return answer({ refused: `the step "${step}" is ${call.state}` })
        const refused = (live instanceof StepCall ? live.settling : live).verdict(verdict)
        if (refused !== undefined) return answer({ refused: `the step "${step}": ${refused}` })
      }
      afterCommit(engine, run, answer)
    })
  })

/** Answers when what was done about a request has been committed. */
const afterCommit = (engine: Engine, run: Run, answer: Answering, ok = (): Status => run.row.status): void =>
  engine.writer.afterCommit(
    run,
    () => answer({ ok: ok() }),
    (reason) => answer({ refused: `the store does not take it: ${reason}` })
  )

/** Unfinished, and nobody here can run it. */
const isUnregistered = (engine: Engine, row: ExecutionRow): boolean =>
  !ends.has(row.status) && (engine.isClosed || engine.registry.open(row.workflow) === undefined)

/** What is answered where there is no execution in memory: none at all, none that can run, or what is said of it. */
const absent = (engine: Engine, row: ExecutionRow | undefined, otherwise: Answer): Answer => {
  if (row === undefined) return { missing: true }
  return isUnregistered(engine, row) ? { unregistered: row.workflow } : otherwise
}

/** What was stuck is pending again: whoever takes it back goes on. */
const goOn = (run: Run): void => {
  if (run.isDecided) run.setRow({ status: "undoing" })
  run.undoing?.goOn()
  for (const live of run.live.values()) if (live instanceof ScopeUndo) live.goOn()
}
