/**
 * When a story has parked: whether its execution has ended, needs a person, or may leave memory.
 *
 * The special rule: an execution of which everything waits for the outside need not be in memory. It is dropped, not
 * interrupted: nothing of it runs because it leaves, and it comes back by being told again what it was told.
 */
import { Exit } from "effect"
import { ChildCall } from "./ChildCall.ts"
import { decide, whyStuck } from "./ending.ts"
import type { Engine } from "./Engine.ts"
import { goesOn } from "./goingOn.ts"
import type { Call } from "./Call.ts"
import { LeftChild } from "./LeftChild.ts"
import { TimerCall } from "./otherCalls.ts"
import type { Run } from "./Run.ts"
import type { Status } from "./Store.ts"

export interface Rest {
  readonly status: Status
  readonly wakeAt: number | null
}

/** What is waited for for less than this keeps an execution in memory, in milliseconds. */
const shortWait = 1000

export const parked = (engine: Engine, run: Run): void => {
  if (run.isOver || !run.isQuiet) return
  if (!run.isDecided && run.bodyExit !== undefined) {
    const succeeds = Exit.isSuccess(run.bodyExit) && run.history.cancelledAt === null
    if (blockingCalls(run, succeeds) === 0) return decide(run, run.bodyExit)
  }
  if (isWaitingForChildren(run)) engine.recovery.makesRoom(run)
  const rest = restOf(engine, run)
  if (rest === undefined) return
  if (rest.status === "stuck") tellStuck(engine, run, rest)
  if (run.isLeaving) return
  run.isLeaving = true
  engine.timers.at(engine.now() + engine.options.lingering, () => {
    run.isLeaving = false
    evict(engine, run)
  })
}

/** How it rests, if all of it only waits. */
const restOf = (engine: Engine, run: Run): Rest | undefined => {
  const { undoing } = run
  if (run.isDecided) {
    if (undoing === undefined) return undefined
    if (undoing.isStuck) return { status: "stuck", wakeAt: null }
  }
  if (!run.isDecided && run.bodyExit === undefined && isBusyWithItself(run)) return undefined
  let needsPerson = false
  let wakeAt = Number.POSITIVE_INFINITY
  for (const live of undoing === undefined ? run.live.values() : [undoing]) {
    if (live.needsPerson) needsPerson = true
    else if (live.waitsUntil === undefined) return undefined
    else wakeAt = Math.min(wakeAt, live.waitsUntil)
  }
  engine.recovery.suspects.waits(run)
  if (wakeAt - engine.now() < shortWait) return undefined
  const waiting = run.isDecided ? "undoing" : "suspended"
  return { status: needsPerson ? "stuck" : waiting, wakeAt: Number.isFinite(wakeAt) ? wakeAt : null }
}

/** All that it waits for are other executions: they go on, and must not wait for its room. */
const isWaitingForChildren = ({ live }: Run): boolean => {
  if (live.size === 0) return false
  for (const call of live.values()) if (!(call instanceof ChildCall || call instanceof LeftChild)) return false
  return true
}

/** Nothing that the journal knows of is waited for, and the body has not ended: a promise, say, is still to come. */
const isBusyWithItself = ({ awaitedSignals, live, story }: Run): boolean =>
  live.size === 0 && awaitedSignals.size === 0 && story !== undefined && !story.hasSuspended

/** A person is needed: that is written at once, and told to those who wait. */
const tellStuck = (engine: Engine, run: Run, rest: Rest): void => {
  writeRest(run, rest)
  engine.writer.afterCommit(run, () => {
    if (!run.isOver && run.row.status === "stuck") engine.awaited.tell(run.row)
  })
}

const evict = (engine: Engine, run: Run): void => {
  if (run.isOver || !run.isQuiet || engine.isClosed) return
  const rest = restOf(engine, run)
  if (rest === undefined) return
  writeRest(run, rest)
  engine.writer.afterCommit(run, () => {
    if (run.isOver || !run.isQuiet || engine.writer.isPending(run)) return
    // Meanwhile it may have gone on again: its child is ending, or has ended.
    if (run.row.status !== rest.status || restOf(engine, run) === undefined) return
    engine.drop(run)
    if (run.row.wakeAt !== null) engine.recovery.wakeLater(run.row.id, run.row.wakeAt)
  })
}

const writeRest = (run: Run, rest: Rest): void => {
  const why =
    rest.status === "stuck" ? JSON.stringify(whyStuck(callsForPerson(run))) : run.isDecided ? run.row.why : null
  if (run.row.status === rest.status && run.row.wakeAt === rest.wakeAt && run.row.why === why) return
  run.setRow({ ...rest, why })
}

/**
 * The parent of a child goes on in the very commit in which the child ends: it must not wait for one that has ended. A
 * parent whose workflow has no layer here just now is found by whoever has one.
 */
export const parentFirst = (engine: Engine, run: Run, then: () => void): void => {
  const { row } = run
  if (row.parent === null) return then()
  engine.recovery.open(row.parent, (parent, parentRow) => {
    if (run.isOver) return
    if (parent !== undefined && !parent.isOver) {
      parent.endingChildren = (parent.endingChildren ?? new Set()).add(row.id)
      goesOn(parent)
    } else if (parentRow !== undefined) engine.recovery.findNext(parentRow)
    then()
  })
}

/** The calls that keep it from ending. Children that were only started, and are written down, go on without a parent that succeeds. */
const blockingCalls = (run: Run, succeeds: boolean): number => {
  let blocking = 0
  for (const [n, live] of run.live) {
    // A clock whose waiter has gone: nobody is told any more.
    if (live instanceof TimerCall) continue
    if (live instanceof ChildCall && !run.waiting.has(n)) {
      if (succeeds && live.isStarted) continue
      if (!succeeds) live.cancel()
    }
    blocking++
  }
  return blocking
}

/** What a person has to see to. */
export const callsForPerson = (run: Run): ReadonlyArray<Call> =>
  [...run.history.calls.values()].filter(
    ({ endedBy, state, undo }) => (state === "asking" && endedBy === 0) || undo === "stuck"
  )
