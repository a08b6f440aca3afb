/**
 * Leaving a journal: at the end of the process, or because it was lost.
 *
 * The special rule: leaving is not cancelling. Nothing is interrupted in the story, nothing is taken back; the next owner
 * goes on from what is written.
 */
import { JournalLost } from "./defects.ts"
import type { Engine } from "./Engine.ts"
import type { OwnershipLost, StoreBroken } from "./Store.ts"

/** Nothing new begins; what runs may come to its record; then everything is left as it is written. */
export const leave = (engine: Engine, grace: number, left: () => void): void => {
  engine.isClosed = true
  const until = engine.now() + grace
  const letGo = () => {
    // Who was begun and is let go in order has not taken the process down.
    for (const run of engine.runs.values()) if (!run.hasEnded) run.note("released", null, undefined)
    engine.writer.whenIdle(() => {
      drop(engine)
      engine.writer.close()
      left()
    })
  }
  const wait = () => {
    if (engine.runningOutside === 0 || engine.now() >= until) return letGo()
    engine.timers.at(engine.now() + 20, wait)
  }
  wait()
}

/** Nothing can be written any more: everything stops here, and those who wait are told. */
export const lose = (engine: Engine, error: OwnershipLost | StoreBroken): void => {
  engine.isClosed = true
  engine.lostBecause = new JournalLost({ reason: error.message })
  drop(engine)
  engine.awaited.lost(engine.lostBecause)
  engine.onLost(error)
}

const drop = (engine: Engine): void => {
  for (const run of engine.runs.values()) run.leave()
  engine.runs.clear()
  engine.timers.close()
}
