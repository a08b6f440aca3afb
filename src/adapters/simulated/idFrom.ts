/**
 * Ids of the simulated services, such as `pi_5c1f09e2a7b3d846`: the same call has the same id in every run.
 */
import { createHash } from "node:crypto"
import type { StepKey } from "../../workflows/index.ts"

export const idFrom = (prefix: string, key: StepKey): string =>
  `${prefix}_${createHash("sha256").update(key).digest("hex").slice(0, 16)}`
