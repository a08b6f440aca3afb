import { memoryHarness } from "./memoryHarness.ts"
import { cancelLaws } from "./cancelLaws.ts"
cancelLaws(memoryHarness)
