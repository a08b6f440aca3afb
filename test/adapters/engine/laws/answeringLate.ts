/**
 * Journals whose store takes its time to find an execution: what it answers may not be true any more.
 */
import { Effect } from "effect"
import type { Harness } from "./harness.ts"

export const answeringLate = (harness: Harness): Harness => ({
  ...harness,
  place: Effect.map(harness.place, (place) => ({
    ...place,
    open: Effect.map(place.open, (store) => ({
      ...store,
      find: (ids) => Effect.tap(store.find(ids), () => Effect.sleep(30))
    }))
  }))
})
