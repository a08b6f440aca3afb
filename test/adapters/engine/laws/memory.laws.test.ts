/**
 * The laws of the journal, on the store in memory.
 */
import { allLaws } from "./allLaws.ts"
import { memoryHarness } from "./memoryHarness.ts"

allLaws(memoryHarness)
