/**
 * Starting an execution from outside of any story, and waiting for it.
 *
 * The special rule: who waits does so from the moment when it is known to be under way. It may end before the fiber that
 * asked for it has its next turn.
 *
 * Not here: finding it or writing it down (`starting.ts`), and children of a story (`ChildCall.ts`).
 */
import { Effect } from "effect"
import { JournalLost } from "./defects.ts"
import type { Engine } from "./Engine.ts"
import { PayloadConflict } from "./Journal.ts"
import { type Start, startExecution } from "./starting.ts"
import type { ExecutionRow } from "./Store.ts"

type FromOutside = Omit<Start, "parent">

/** How it rests, and what there was of it when it was asked for. */
interface Rested {
  readonly row: ExecutionRow
  readonly found: "new" | "resumed" | "finished"
}

/** Done when it is written down, or was there before. */
export const startFromOutside = (engine: Engine, start: FromOutside): Effect.Effect<void, PayloadConflict> =>
  Effect.callback((resume) =>
    startExecution(
      engine,
      { ...start, parent: null },
      (started) => resume(started._tag === "Refused" ? refused(started.defect) : Effect.void),
      true
    )
  )

/** Done when it has ended, or cannot go on by itself. */
export const runFromOutside = (engine: Engine, start: FromOutside): Effect.Effect<Rested, PayloadConflict> =>
  Effect.callback((resume) => {
    let isGone = false
    let off = () => {}
    startExecution(engine, { ...start, parent: null }, (started) => {
      if (started._tag === "Refused") return resume(refused(started.defect))
      if (started._tag === "Ended") return resume(Effect.succeed({ row: started.row, found: "finished" }))
      if (isGone) return
      const { found } = started
      off = engine.awaited.onRest(start.id, (rest) =>
        resume(rest instanceof JournalLost ? Effect.die(rest) : Effect.succeed({ row: rest, found }))
      )
    })
    return Effect.sync(() => {
      isGone = true
      off()
    })
  })

const refused = (defect: unknown): Effect.Effect<never, PayloadConflict> =>
  defect instanceof PayloadConflict ? Effect.fail(defect) : Effect.die(defect)
