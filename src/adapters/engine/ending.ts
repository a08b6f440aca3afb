/**
 * How an execution ends: outcome and the list of what is to be taken back are decided in one commit, once.
 *
 *   the body has ended ─▶ nothing runs any more ─▶ decided ─▶ (taking back) ─▶ ended, and told
 *
 * The special rule: after the decision the body never runs again. A crash goes on with the same list, from the journal.
 *
 * Not here: taking back (`undoing.ts`).
 */
import { Cause, Exit } from "effect"
import { failuresOf } from "../../supervision/index.ts"
import { sentence } from "./attempts.ts"
import { decodeExit, encodeExit, type ExitJson, withoutInterrupts } from "./exits.ts"
import type { Call } from "./Call.ts"
import type { OutcomeData } from "./History.ts"
import type { Run } from "./Run.ts"
import { callThatFailedWith } from "./stepResults.ts"
import type { Status } from "./Store.ts"
import { UndoList } from "./undoing.ts"
import type { Why } from "./views.ts"

/** The body has ended and nothing of it runs any more: decides what the execution ends with. */
export const decide = (run: Run, bodyExit: Exit.Exit<unknown, unknown>): void => {
  const { exit, json, status } = outcomeOf(run, bodyExit)
  const calls = status === "completed" ? [] : run.history.toUndo("").map((call) => call.n)
  const why = status === "completed" ? null : whyOf(run, status, exit)
  if (why !== null) run.note("outcome", null, { status, calls, why } satisfies OutcomeData)
  run.setRow({ outcome: json, why: why && JSON.stringify(why), wakeAt: null })
  run.isDecided = true
  finish(run, status, calls)
}

/** The end is decided already: goes on with what is still to be taken back. */
export const goOnEnding = (run: Run): void => {
  run.isDecided = true
  const { calls, status } = run.history.outcome!
  finish(run, status as Status, calls) // sound: it was a status when it was written
}

const finish = (run: Run, status: Status, calls: ReadonlyArray<number>): void => {
  const list = new UndoList(run, calls, () =>
    run.engine.parentFirst(run, () => {
      const now = run.engine.now()
      run.setRow({ status, endedAt: now, wakeAt: null })
      run.engine.ended(run)
    })
  )
  run.undoing = list
  if (calls.length > 0) run.setRow({ status: "undoing" })
  list.goOn()
}

const outcomeOf = (run: Run, bodyExit: Exit.Exit<unknown, unknown>) => {
  const isCancelled = run.history.cancelledAt !== null
  const exit = Exit.isFailure(bodyExit) ? Exit.failCause(withoutInterrupts(bodyExit.cause)) : bodyExit
  if (isCancelled) return { exit, status: "cancelled" as const, json: JSON.stringify(encodeExit(Exit.interrupt())) }
  try {
    const encoded = run.registered.encodeExit(exit)
    const json = run.engine.fitting(JSON.stringify(encodeExit(encoded)), "the result of the workflow")
    const isRefusal = Exit.isFailure(exit) && !Cause.hasDies(exit.cause) && !Cause.hasInterruptsOnly(exit.cause)
    return {
      exit,
      json,
      status: Exit.isSuccess(exit) ? ("completed" as const) : isRefusal ? ("refused" as const) : ("failed" as const)
    }
  } catch (problem) {
    const died = Exit.die(new Error(`the result of the workflow cannot be written down: ${sentence(problem)}`))
    return { exit: died, json: JSON.stringify(encodeExit(died)), status: "failed" as const }
  }
}

const whyOf = (run: Run, status: Status, exit: Exit.Exit<unknown, unknown>): Why => {
  const cause = Exit.isFailure(exit) ? exit.cause : Cause.interrupt()
  const all = failuresOf(cause)
  const causes = all.length > 0 ? all : [{ job: run.row.workflow, cause }]
  const failures = causes
    .filter(({ cause }) => !Cause.hasInterruptsOnly(cause))
    .map(({ cause, job }) => {
      const problem = Cause.squash(cause)
      const isError = problem instanceof Error
      const tag =
        typeof problem === "object" && problem !== null && "_tag" in problem
          ? String(problem._tag)
          : isError
            ? problem.name
            : null
      const path = callThatFailedWith(problem)?.path
      return {
        // The body of a scope that awaits a job and fails with what the job failed with is not who failed.
        job: path?.startsWith(`${job} / `) === true ? path : job,
        tag,
        message: sentence(problem),
        stack: isError && Cause.hasDies(cause) ? (problem.stack ?? null) : null
      }
    })
  const because = status === "cancelled" ? "cancel" : status === "refused" ? "failure" : "defect"
  const message = status === "cancelled" ? "it was cancelled" : (failures[0]?.message ?? "it was interrupted")
  return { because, message, failures, steps: [] }
}

/** Why a person is needed. */
export const whyStuck = (calls: ReadonlyArray<Call>): Why => {
  const steps = calls.map((call) => ({
    step: call.kind === "child" ? call.subject : call.step,
    key: call.key,
    call: call.n,
    reason: (call.undo === "stuck" ? call.undoReason : call.reason) ?? ""
  }))
  const first = steps[0]
  const message =
    first === undefined ? "a person is needed" : `the step "${first.step}" needs a person: ${first.reason}`
  return { because: "stuck", message, failures: [], steps }
}

export const readOutcome = (json: string): Exit.Exit<unknown, unknown> => decodeExit(JSON.parse(json) as ExitJson)
