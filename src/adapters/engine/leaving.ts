/**
 * Leaving a journal: at the end of the process, when the layer of a workflow is closed, or because it was lost.
 *
 * The special rule: leaving is not cancelling. Nothing is interrupted in the story, nothing is taken back; the next owner
 * goes on from what is written. What a step needs is there until the step has come to its record: the layer of its
 * workflow is not closed before, but for the grace time.
 */
import { Duration, Effect } from "effect"
import { JournalLost } from "./defects.ts"
import type { Engine } from "./Engine.ts"
import type { Registered } from "./Registered.ts"
import type { Run } from "./Run.ts"
import type { OwnershipLost, StoreBroken } from "./Store.ts"

/** How long a store that cannot be written may hold up who leaves, beyond the grace time, in milliseconds. */
const patience = 2000

/** Waits for one of the ways to leave, and for no longer than that is worth. */
export const leaving = (engine: Engine, leave: (left: () => void) => void): Effect.Effect<void> =>
  Effect.suspend(() => {
    const isEarlier = engine.leavesAt !== undefined && engine.now() <= engine.leavesAt + patience
    // What closes together has one grace time.
    if (!isEarlier) engine.leavesAt = engine.now() + engine.options.grace
    const left = Effect.callback<void>((resume) => {
      const hasLeft = () => {
        engine.leavers.delete(hasLeft)
        resume(Effect.void)
      }
      engine.leavers.add(hasLeft)
      if (engine.lostBecause === undefined) leave(hasLeft)
      else hasLeft()
    })
    return Effect.raceFirst(left, engine.clock.sleep(Duration.millis(engine.leavesAt! - engine.now() + patience)))
  })

/** The layer of a workflow is closed: what of it runs may come to its record, and then it is left as it is written. */
export const leaveWorkflow = (engine: Engine, registered: Registered, left: () => void): void => {
  registered.isClosed = true
  whenSettled(engine, [registered], () => {
    const runs = engine.runs.values().filter((run) => run.registered === registered)
    letGo(engine, runs, () => {
      engine.registry.remove(registered)
      engine.recovery.layerClosed(registered.workflow._tag)
      left()
    })
  })
}

/** Nothing new begins; what runs may come to its record; then everything is left as it is written. */
export const leave = (engine: Engine, left: () => void): void => {
  if (engine.isClosed) return left()
  engine.isClosed = true
  engine.registry.close()
  whenSettled(engine, engine.registry.all, () =>
    letGo(engine, engine.runs.values(), () => engine.writer.whenIdle(left))
  )
}

/** It has been left: nothing of it is in memory, and who still waits is told. */
export const hasLeft = (engine: Engine): void => {
  drop(engine)
  engine.writer.close()
  engine.awaited.lost(new JournalLost({ reason: "it was closed; what is unfinished goes on when it is opened again" }))
}

/** Nothing of these workflows runs any more, or its time is up. */
const whenSettled = (engine: Engine, workflows: ReadonlyArray<Registered>, then: () => void): void => {
  const isSettled = () => workflows.every(({ runningOutside }) => runningOutside === 0)
  const wait = () => {
    if (engine.lostBecause !== undefined || isSettled() || engine.now() >= engine.leavesAt!) return then()
    engine.timers.at(Math.min(engine.now() + 20, engine.leavesAt!), wait)
  }
  wait()
}

/** Who was begun and is let go in order has not taken the process down: that is written, and then it leaves memory. */
const letGo = (engine: Engine, runs: ReadonlyArray<Run>, then: () => void): void => {
  const open = new Set(runs.filter((run) => !run.isOver))
  if (engine.lostBecause !== undefined || open.size === 0) return then()
  for (const run of [...open]) {
    if (!run.hasEnded) run.release()
    const drop = () => {
      open.delete(run)
      engine.drop(run)
      if (open.size === 0) then()
    }
    engine.writer.afterCommit(run, drop, drop)
  }
}

/** Nothing can be written any more: everything stops here, and those who wait are told. */
export const lose = (engine: Engine, error: OwnershipLost | StoreBroken): void => {
  engine.isClosed = true
  engine.registry.close()
  engine.lostBecause = new JournalLost({ reason: error.message })
  engine.writer.close()
  drop(engine)
  engine.awaited.lost(engine.lostBecause)
  for (const leaver of engine.leavers) leaver()
  engine.onLost(error)
}

const drop = (engine: Engine): void => {
  for (const run of engine.runs.values()) run.leave()
  engine.runs.clear()
  engine.timers.close()
}
