/**
 * Every law, for one kind of store.
 */
import { describe } from "@effect/vitest"
import type { Harness } from "./harness.ts"
import { stepLaws } from "./stepLaws.ts"

export const allLaws = (harness: Harness): void => {
  describe(`a journal ${harness.name}`, () => {
    stepLaws(harness)
  })
}
