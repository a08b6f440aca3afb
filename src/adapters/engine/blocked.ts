/**
 * Why an execution cannot go on as it is.
 */
import type { Why } from "./views.ts"

export const blocked = (message: string): Why => ({ because: "blocked", message, failures: [], steps: [] })
