/**
 * Journals in memory: the data outlives the processes of a test.
 */
import { Effect } from "effect"
import { makeMemoryData } from "../../../../src/adapters/engine/stores/memory/MemoryData.ts"
import { makeMemoryVisitor } from "../../../../src/adapters/engine/stores/memory/memoryReader.ts"
import { makeMemoryStore } from "../../../../src/adapters/engine/stores/memory/makeMemoryStore.ts"
import type { Harness } from "./harness.ts"

export const memoryHarness: Harness = {
  name: "in memory",
  isQuick: true,
  place: Effect.sync(() => {
    const data = makeMemoryData()
    return {
      open: makeMemoryStore(data),
      visit: Effect.sync(() => makeMemoryVisitor(data)),
      copy: Effect.sync(() => {
        data.isCopy = true
      }),
      spoil: ({ data: spoilt, execution, n }) =>
        Effect.sync(() => {
          const events = data.events.get(execution)!
          const at = events.findIndex((event) => event.n === n)
          events[at] = { ...events[at]!, data: spoilt }
        })
    }
  })
}
