import { memoryHarness } from "./memoryHarness.ts"
import { signalLaws } from "./signalLaws.ts"
signalLaws(memoryHarness)
