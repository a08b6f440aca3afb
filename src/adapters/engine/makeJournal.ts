/**
 * The journal of an owner, and that of a visitor: the same questions, asked of a store.
 *
 * The special rule: a visitor changes nothing by himself. What he wants done he leaves in the inbox, and waits a moment
 * for the answer of whoever owns the journal.
 */
import { Duration, Effect, Option, Schedule } from "effect"
import type { Exit, Scope } from "effect"
import type * as Workflow from "effect/workflow/Workflow"
import type { Engine } from "./Engine.ts"
import { runFromOutside, startFromOutside } from "./fromOutside.ts"
import { fold, findExecution, listOf, receiptOf, showOf, whyOf } from "./reading.ts"
import { ExecutionNotFound, type JournalVisit, Journal, RequestRefused, type Rest, type Verdict } from "./Journal.ts"
import { executionIdOf } from "./keys.ts"
import { type Answer, carryOut, type Settle } from "./requests.ts"
import { signalOf } from "./signalling.ts"
import type { Start } from "./starting.ts"
import {
  ends,
  type ExecutionRow,
  type Reader,
  type Request,
  type Status,
  type StoreError,
  type Visitor
} from "./Store.ts"
import type { CancelReceipt, Pending } from "./views.ts"
import { outcomeOf } from "./workflowEngine.ts"

type Asking = (request: Pick<Request, "execution" | "kind" | "data">) => Effect.Effect<Answer | Pending, StoreError>

type Leaving = (request: Pick<Request, "execution" | "kind" | "data">) => Effect.Effect<number, StoreError>

/** The part that does not depend on who asks. `leave` puts a request into the inbox, for when it can be carried out. */
const makeVisit = (reader: Reader, namespace: string, ask: Asking, leave: Leaving): JournalVisit => {
  const request = <A>(
    kind: Request["kind"],
    id: string,
    data: unknown,
    decode: (ok: unknown, row: ExecutionRow) => A
  ) =>
    Effect.gen(function* () {
      const row = yield* findExecution(reader, id)
      // Known here already: nobody need be asked.
      if (kind !== "cancel" && ends.has(row.status)) {
        return yield* new RequestRefused({ id, request: kind, reason: `it has ended: ${row.status}` })
      }
      const answer = yield* ask({ execution: row.id, kind, data: JSON.stringify(data) })
      if ("_tag" in answer) return answer
      if ("missing" in answer) return yield* new ExecutionNotFound({ id })
      if ("refused" in answer) return yield* new RequestRefused({ id, request: kind, reason: answer.refused })
      if ("unregistered" in answer) {
        const reason = `its workflow "${answer.unregistered}" is not registered: provide its layer beside the journal's`
        return yield* new RequestRefused({ id, request: kind, reason })
      }
      return decode(answer.ok, row)
    })
  return {
    list: (filter) => listOf(reader, filter),
    show: (id) => showOf(reader, namespace, id),
    why: (id) => Effect.map(findExecution(reader, id), whyOf),
    counts: reader.counts,
    cancel: (id) =>
      Effect.gen(function* () {
        const row = yield* findExecution(reader, id)
        if (ends.has(row.status)) return receiptOf(row, yield* reader.events([row.seq]))
        // sound: what a request to cancel is answered with (`requests.ts`)
        return yield* request("cancel", id, null, (ok) => ok as CancelReceipt)
      }),
    retry: (id) => request("retry", id, null, (ok) => ok as Status), // sound: as above
    settle: (id, step, verdict: Verdict) =>
      Effect.gen(function* () {
        const row = yield* findExecution(reader, id)
        const { calls } = fold(row, yield* reader.events([row.seq]))
        const call = [...calls.values()].findLast(({ subject }) => subject === step)
        // That an execution has ended says more than that it has no such step.
        if (call === undefined && !ends.has(row.status)) {
          return yield* new RequestRefused({ id, request: "settle", reason: `it has no step "${step}"` })
        }
        const seen = call && { seen: { call: call.n, attempts: call.attempts } }
        const data: Settle = { step, verdict, ...seen }
        return yield* request("settle", id, data, (ok) => ok as Status) // sound: as above
      }),
    signal: (id, deferred, exit) =>
      Effect.gen(function* () {
        const row = yield* Effect.catchTag(findExecution(reader, id), "ExecutionNotFound", () => Effect.void)
        const signal = yield* signalOf(row?.workflow, deferred, exit)
        const asked = { execution: row?.id ?? id, kind: "signal" as const, data: JSON.stringify(signal) }
        const answer = yield* ask(asked)
        if ("_tag" in answer) return answer
        if ("ok" in answer) return answer.ok as "told" | "not waiting" // sound: what a signal is answered with (`requests.ts`)
        if ("refused" in answer) return yield* new RequestRefused({ id, request: "signal", reason: answer.refused })
        return { _tag: "Pending" as const, request: yield* leave(asked) }
      })
  }
}

export const makeJournal = (engine: Engine): Journal["Service"] => {
  const ask: Asking = (request) => engine.awaited.answerOf<Answer>((answer) => carryOut(engine, request, answer))
  const startOf = (workflow: Workflow.Any, given: unknown): Effect.Effect<Omit<Start, "parent">> =>
    Effect.sync(() => {
      const payload = workflow.payloadSchema.make(given)
      return { workflow, id: executionIdOf(workflow, payload), payload }
    })
  const restOf = <A, E>(workflow: Workflow.Any, row: ExecutionRow, found: Rest<A, E>["found"]) =>
    Effect.map(undoneOf(engine, row), (undone): Rest<A, E> => {
      const outcome = ends.has(row.status) && row.outcome !== null ? outcomeOf(workflow, row.outcome) : undefined
      const exit = outcome as Exit.Exit<A, E> | undefined // sound: decoded with the schemas of this workflow
      return { id: row.id, status: row.status, found, exit, why: whyOf(row), undone }
    })
  return Journal.of({
    ...makeVisit(engine.store, engine.namespace, ask, (request) =>
      engine.store.inbox.ask({ ...request, askedAt: engine.now() })
    ),
    run: (workflow, payload) =>
      startOf(workflow, payload).pipe(
        Effect.flatMap((start) => runFromOutside(engine, start)),
        Effect.flatMap(({ found, row }) => restOf(workflow, row, found))
      ),
    start: (workflow, payload) =>
      Effect.flatMap(startOf(workflow, payload), (start) => Effect.as(startFromOutside(engine, start), start.id)),
    remove: ({ olderThan, status }) =>
      Effect.gen(function* () {
        const at = engine.now()
        const endedBefore = at - Duration.toMillis(Duration.fromInputUnsafe(olderThan))
        const all: ReadonlyArray<Status> = status ?? [...ends]
        let removed = 0
        for (;;) {
          const some = yield* engine.store.remove({ status: all, endedBefore, at, limit: 500 })
          removed += some
          if (some < 500) return removed
          yield* Effect.yieldNow
        }
      }),
    load: Effect.sync(() => ({ inMemory: engine.runs.size, awaited: engine.awaited.count }))
  })
}

/** What was taken back, newest first. Of a completed one that is nothing, and is not looked for. */
const undoneOf = (engine: Engine, row: ExecutionRow): Effect.Effect<ReadonlyArray<string>> => {
  if (row.status === "completed" && row.why === null) return Effect.succeed([])
  return engine.awaited.answerOf((answer) => {
    engine.asking.ask(engine.store.events([row.seq]), (events) => {
      const { calls } = fold(row, events)
      answer(events.filter(({ kind }) => kind === "undone").map(({ call }) => calls.get(call!)!.subject))
    })
  })
}

/** The journal of a visitor. `patience` is how long he waits for an owner to answer. */
export const makeVisitor = (
  visitor: Visitor,
  namespace: string,
  patience: Duration.Input
): Effect.Effect<JournalVisit, never, Scope.Scope> =>
  Effect.sync(() => {
    const leave: Leaving = (request) => visitor.inbox.ask({ ...request, askedAt: Date.now() })
    const ask: Asking = (request) =>
      Effect.gen(function* () {
        const number = yield* leave(request)
        const owner = yield* visitor.owner
        if (Option.isNone(owner)) return { _tag: "Pending" as const, request: number }
        const answered = yield* visitor.inbox.answerTo(number).pipe(
          Effect.flatMap(Option.match({ onNone: () => Effect.fail("none yet" as const), onSome: Effect.succeed })),
          Effect.retry({ while: (error) => error === "none yet", schedule: Schedule.spaced("20 millis") }),
          Effect.timeoutOption(patience),
          Effect.catch((error) => (error === "none yet" ? Effect.succeed(Option.none<string>()) : Effect.fail(error)))
        )
        return Option.match(answered, {
          onNone: (): Pending => ({ _tag: "Pending", request: number }),
          onSome: (json) => JSON.parse(json) as Answer // sound: the owner wrote an answer
        })
      })
    return makeVisit(visitor, namespace, ask, leave)
  })
