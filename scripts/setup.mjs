/**
 * Makes a clone ready to run: packages from the lock file, a Node that is new enough, for tests a PostgreSQL.
 *
 * Plain JavaScript for Node 18 or newer with no dependencies, because it runs before anything
 * is installed. When nothing is to be done it only reads a few small files. What it decides
 * with is in `readiness.mjs`, how npm is run and its failures told in `npm.mjs`.
 *
 * Not here: running a program (`run.mjs`).
 */
import { spawnSync } from "node:child_process"
import fs from "node:fs"
import path from "node:path"
import { exclusively } from "./exclusively.mjs"
import { cleanInstall, SetupError } from "./npm.mjs"
import { clearStamp, isReady, markReady, nodeFor, notReady, OLDEST_NODE, suffices } from "./readiness.mjs"

/**
 * Installs what is missing below `root` and returns the path of the Node to run under.
 *
 * `kind` is `"start"` for what a user's run needs, `"test"` for everything.
 */
export async function setup(root, kind) {
  const node = nodeFor(root)
  if (node === undefined) {
    throw new SetupError(
      `Node.js ${OLDEST_NODE} or newer is needed. This one is ${process.versions.node} (${process.execPath}), ` +
        `and there is no npm package with a Node.js for ${process.platform}-${process.arch}.\n` +
        "  to do: install a newer Node.js and run the command again."
    )
  }
  const rooms = [{ dir: root, kind, label: "packages" }]
  if (kind === "test") rooms.push({ dir: path.join(root, "tools", "postgres"), kind, label: "PostgreSQL" })
  if (node.isBundled) rooms.unshift({ dir: path.join(root, "tools"), kind: "test", label: `Node.js ${node.version}` })

  if (!rooms.every((room) => isReady(room.dir, room.kind))) {
    await exclusively(path.join(root, ".setup-lock"), async (onProcess) => {
      for (const room of rooms) if (!isReady(room.dir, room.kind)) await install({ ...room, onProcess })
    })
  }
  if (node.isBundled) assertRuns(node)
  return node.path
}

async function install({ dir, kind, label, onProcess }) {
  // A set-up by hand (npm ci, npm install) is as good as ours when the disk holds what the lock file names.
  if (notReady(dir, kind).length > 0) {
    clearStamp(dir) // npm removes node_modules in no particular order: a kill must not leave the stamp as the last file
    await cleanInstall({ dir, kind, label, onProcess, missing: () => notReady(dir, kind) })
  }
  markReady(dir, kind)
}

/** A downloaded Node may still lack a system library, such as libatomic on slim images. Asked once per download. */
function assertRuns({ path: node, package: name }) {
  const proof = path.join(path.dirname(node), ".runs-here")
  if (fs.existsSync(proof)) return
  const answer = spawnSync(node, ["-p", "process.versions.node"], { encoding: "utf8" })
  if (answer.status === 0 && suffices(answer.stdout.trim())) return fs.writeFileSync(proof, answer.stdout)
  const why = (answer.stderr || answer.error?.message || "it printed nothing").trim().split("\n")[0]
  throw new SetupError(
    `Node.js ${OLDEST_NODE} or newer is needed. This one is ${process.versions.node} (${process.execPath}), ` +
      `and the one from the npm package ${name} does not run on this machine: ${why}\n` +
      "  to do: install what it lacks, or a newer Node.js, and run the command again."
  )
}
