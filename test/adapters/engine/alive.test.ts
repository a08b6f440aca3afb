/**
 * A process in which somebody waits for an execution does not end of itself, and ends when there is nothing to wait for.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { execFile } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { visitSqlite } from "firebreak/journal"
import { Approval } from "./programs/waiting.ts"

const program = fileURLToPath(new URL("programs/waiting.ts", import.meta.url))

const temporaryFile = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "firebreak-alive-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
  ),
  (folder) => join(folder, "journal.db")
)

/** Tells the execution, as soon as it is there. */
const approve = (file: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const visit = yield* visitSqlite(file)
      const { status } = yield* visit.show("1")
      return status === "suspended"
        ? yield* visit.signal("1", Approval, Exit.succeed("yes"))
        : yield* Effect.fail("soon")
    })
  ).pipe(Effect.eventually)

describe("a process that only waits for an execution", () => {
  it.live("stays alive until a signal comes from another process, says what came, and ends", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      const running = promisify(execFile)(process.execPath, ["--conditions=firebreak-source", program, file])
      yield* Effect.forkChild(approve(file))
      const { stdout } = yield* Effect.promise(() => running)
      assert.strictEqual(stdout, "yes\n")
    })
  )
})
