/**
 * A folder of its own for a test, gone afterwards.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"

export const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "firebreak-journal-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)
