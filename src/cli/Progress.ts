/**
 * The line that says how far a run is, in place, at most ten times a second.
 *
 * The special rule: nothing ticks. The line is drawn when an order ends, so a run that waits costs nothing.
 */
import { Clock, Effect } from "effect"
import { outcomes } from "./Outcome.ts"
import type { Screen } from "./Screen.ts"
import type { Tally } from "./Tally.ts"

/** Draws the line, if it is time. */
export const makeProgress = (tally: Tally, screen: Screen): Effect.Effect<void> => {
  if (!screen.isLive) return Effect.void
  let next = 0
  return Effect.flatMap(Clock.currentTimeMillis, (now) => {
    if (now < next) return Effect.void
    next = now + 100
    const parts = outcomes
      .filter((outcome) => tally.count(outcome) > 0)
      .map((outcome) => `${tally.count(outcome)} ${outcome}`)
    return screen.show(`${tally.ended} ended: ${parts.join(", ")}`.slice(0, screen.columns - 1))
  })
}
