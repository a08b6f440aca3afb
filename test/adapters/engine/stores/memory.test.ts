/**
 * The memory store obeys the laws of stores, and outlives its "process" in its data.
 */
import { Effect } from "effect"
import { makeMemoryData } from "../../../../src/adapters/engine/stores/memory/MemoryData.ts"
import { makeMemoryStore } from "../../../../src/adapters/engine/stores/memory/makeMemoryStore.ts"
import { makeMemoryVisitor } from "../../../../src/adapters/engine/stores/memory/memoryReader.ts"
import { storeLaws } from "./contract.ts"

storeLaws(
  "memory",
  Effect.sync(() => {
    const data = makeMemoryData()
    const open = makeMemoryStore(data)
    return { open, takeOver: open, visit: Effect.sync(() => makeMemoryVisitor(data)), keepsOthersOut: false }
  })
)
