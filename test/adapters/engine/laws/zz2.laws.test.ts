import { memoryHarness } from "./memoryHarness.ts"
import { childLaws } from "./childLaws.ts"
childLaws(memoryHarness)
