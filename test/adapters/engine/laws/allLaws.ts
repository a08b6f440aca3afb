/**
 * Every law, for one kind of store.
 */
import { describe } from "@effect/vitest"
import type { Harness } from "./harness.ts"
import { activityLaws } from "./activityLaws.ts"
import { changedLaws } from "./changedLaws.ts"
import { crashLaws } from "./crashLaws.ts"
import { effectLaws } from "./effectLaws.ts"
import { programLaws } from "./programLaws.ts"
import { keyLaws } from "./keyLaws.ts"
import { retryLaws } from "./retryLaws.ts"
import { cancelLaws } from "./cancelLaws.ts"
import { childLaws } from "./childLaws.ts"
import { readingLaws } from "./readingLaws.ts"
import { recoveryLaws } from "./recoveryLaws.ts"
import { leaveLaws } from "./leaveLaws.ts"
import { copyLaws } from "./copyLaws.ts"
import { childEndLaws } from "./childEndLaws.ts"
import { notBegunLaws } from "./notBegunLaws.ts"
import { blockedCancelLaws } from "./blockedCancelLaws.ts"
import { requestLaws } from "./requestLaws.ts"
import { lateAnswerLaws } from "./lateAnswerLaws.ts"
import { signalLaws } from "./signalLaws.ts"
import { stepLaws } from "./stepLaws.ts"
import { storeFaultLaws } from "./storeFaultLaws.ts"
import { mistakeLaws } from "./mistakeLaws.ts"
import { undoScopeLaws } from "./undoScopeLaws.ts"
import { undoWaitLaws } from "./undoWaitLaws.ts"
import { undoLaws } from "./undoLaws.ts"
import { suspensionLaws } from "./suspensionLaws.ts"
import { timerLaws } from "./timerLaws.ts"
import { undoTroubleLaws } from "./undoTroubleLaws.ts"
import { unknownLaws } from "./unknownLaws.ts"
import { valueLaws } from "./valueLaws.ts"

export const allLaws = (harness: Harness): void => {
  describe(`a journal ${harness.name}`, () => {
    stepLaws(harness)
    unknownLaws(harness)
    retryLaws(harness)
    keyLaws(harness)
    undoLaws(harness)
    undoScopeLaws(harness)
    undoWaitLaws(harness)
    undoTroubleLaws(harness)
    crashLaws(harness)
    changedLaws(harness)
    activityLaws(harness)
    programLaws(harness)
    valueLaws(harness)
    mistakeLaws(harness)
    signalLaws(harness)
    childLaws(harness)
    childEndLaws(harness)
    timerLaws(harness)
    cancelLaws(harness)
    blockedCancelLaws(harness)
    notBegunLaws(harness)
    recoveryLaws(harness)
    leaveLaws(harness)
    copyLaws(harness)
    storeFaultLaws(harness)
    lateAnswerLaws(harness)
    effectLaws(harness)
    readingLaws(harness)
    requestLaws(harness)
    suspensionLaws(harness)
  })
}
