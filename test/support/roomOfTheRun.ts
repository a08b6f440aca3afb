/**
 * One folder for all that a test run puts aside, which goes with the run: also when it is interrupted in the middle.
 *
 * The special rule: it is the folder for temporary files of every process of the run, so nobody has to know of it.
 *
 * Not here: PostgreSQL's folder, which its watchdog removes (`postgresPlace.ts`).
 */
import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"

export default function setup(): void {
  const room = mkdtempSync(path.join(tmpdir(), "firebreak-tests-"))
  // Tests of rights are run by another user, who has to come through.
  chmodSync(room, 0o711)
  process.env["TMPDIR"] = room
  // When an interrupted run ends, some of its processes may still write a last file.
  process.once("exit", () => rmSync(room, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }))
}
