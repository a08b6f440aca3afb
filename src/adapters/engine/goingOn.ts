/**
 * An execution that rested and goes on: it is shown as what it is, and found as that by whoever owns the journal next.
 *
 * Not here: when it rests (`resting.ts`).
 */
import type { Run } from "./Run.ts"

/** Something happens in it again. */
export const goesOn = (run: Run): void => {
  if (run.row.status !== "suspended" && run.row.status !== "stuck") return
  const { outcome } = run.history
  if (outcome === undefined) return run.setRow({ status: "running", why: null, wakeAt: null })
  run.setRow({ status: "undoing", why: JSON.stringify(outcome.why), wakeAt: null })
}
