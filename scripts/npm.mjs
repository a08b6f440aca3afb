/**
 * Runs `npm ci` and turns what went wrong into a sentence that a person can act on.
 *
 * npm's own output is kept and shown only when it is needed: whoever typed `npm start` wants to
 * see the program. Nobody is asked anything, and no script of a package is run.
 */
import { spawn, spawnSync } from "node:child_process"
import { constants } from "node:os"
import { OLDEST_NODE, suffices } from "./readiness.mjs"

/** What stands in the way of running, with what is missing, where it was looked for, and what to do. */
export class SetupError extends Error {}

const ARGUMENTS = [
  "ci",
  "--ignore-scripts",
  "--include=optional",
  "--include=peer",
  "--no-audit",
  "--no-fund",
  "--no-update-notifier",
  "--loglevel=verbose",
  "--fetch-retries=2",
  // A maximum below the default minimum (10 s) makes npm install nothing without saying so: both are given.
  "--fetch-retry-mintimeout=1000",
  "--fetch-retry-maxtimeout=5000"
]

export async function cleanInstall({ dir, kind, label, missing, onProcess = () => {} }) {
  const { code, signal, output } = await withProgress(label, (endWithUs) =>
    run([...ARGUMENTS, kind === "start" ? "--omit=dev" : "--include=dev"], dir, (child) => {
      endWithUs(child)
      onProcess(child.pid)
    })
  )
  if (signal)
    throw new SetupError(`Installing ${label} was interrupted (${signal}): run the command again, it repairs itself.`)
  const gone = missing()
  if (code === 0 && gone.length === 0) return
  throw new SetupError(explain({ dir, code, output, gone, ...settingsIn(dir) }))
}

/** What is missing, where it was looked for, what npm said, what to do. */
export function explain({ dir, code, output, gone, registry, offline, node = process }) {
  const { because, todo } = (offline ? OFFLINE : CAUSES.find((cause) => cause.shows.test(output))) ?? {
    because: code === 0 ? "npm left them out without saying why" : `npm ci ended with exit code ${code}`,
    todo: `run "npm ci" in ${dir} to see all that npm says`
  }
  const some = gone.length > 4 ? `${gone.slice(0, 3).join(", ")} and ${gone.length - 3} more` : gone.join(", ")
  const tooOld = suffices(node.versions.node) ? "" : ` (${OLDEST_NODE} or newer is needed)`
  const said = output.match(/^npm (error|ERR!) (code|errno|network|\d{3}) .*$/gm)?.slice(0, 2) ?? []
  return [
    "What Firebreak needs to run could not be installed.",
    `  missing:   ${some || "a complete installation"}`,
    `  looked in: the npm registry ${registry} (${because})`,
    `             this machine: Node.js ${node.versions.node} at ${node.execPath}${tooOld}, packages in ${dir}`,
    `  to do:     ${todo}, then run the command again.`,
    ...said.map((line) => `  ${line}`)
  ].join("\n")
}

const OFFLINE = { because: "npm is set to work offline", todo: 'allow the network with "npm config delete offline"' }

const CAUSES = [
  {
    shows: /EINTEGRITY/,
    because: "a download does not match the checksum of the lock file",
    todo: 'empty npm\'s cache with "npm cache clean --force"'
  },
  {
    shows: /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT/,
    because: "it could not be reached",
    todo: 'connect to the network, or name a registry that can be reached with "npm config set registry URL"'
  },
  {
    shows: /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/,
    because: "its certificate is not trusted",
    todo: 'name your certificate authority with "npm config set cafile FILE"'
  },
  {
    shows: /code E40[13]|fetch GET 40[13] /,
    because: "it refused access",
    todo: 'check "npm login" and the registry setting'
  },
  {
    shows: /code E404|fetch GET 404 /,
    because: "it does not have a package of the lock file",
    todo: "use a registry that mirrors all of npm"
  },
  { shows: /ENOSPC/, because: "the disk is full", todo: "make room" },
  { shows: /EACCES|EROFS|EPERM/, because: "nothing can be written here", todo: "make this folder writable" }
]

function run(args, cwd, onChild) {
  return new Promise((resolve, reject) => {
    const child = spawnNpm(spawn, args, { cwd, env: cleanEnvironment(), stdio: ["ignore", "ignore", "pipe"] })
    onChild(child)
    let output = ""
    child.stderr.on("data", (chunk) => (output += chunk))
    child.on("error", (error) =>
      reject(new SetupError(`npm could not be run (${error.message}). It comes with Node.js: https://nodejs.org`))
    )
    child.on("close", (code, signal) => resolve({ code, signal, output }))
  })
}

function spawnNpm(how, args, options) {
  const cli = process.env.npm_execpath // the npm that is running us, if one is
  if (cli !== undefined && /npm-cli\.c?js$/.test(cli)) return how(process.execPath, [cli, ...args], options)
  const isWindows = process.platform === "win32"
  return how(isWindows ? "npm.cmd" : "npm", args, { ...options, shell: isWindows })
}

/** Without what an outer npm hands down about itself: it would turn this installation into another one. */
function cleanEnvironment() {
  const inherited =
    /^npm_(package_|lifecycle_|config_(local_prefix|prefix|global|location|omit|include|only|production|dry_run|package_lock|package_lock_only|workspaces?)$)/i
  const own = new Set(["NODE_ENV", "NODE_OPTIONS"])
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !inherited.test(name) && !own.has(name)))
}

function settingsIn(cwd) {
  const ask = (name) => {
    const { stdout } = spawnNpm(spawnSync, ["config", "get", name], { cwd, env: cleanEnvironment(), encoding: "utf8" })
    return (stdout ?? "").trim()
  }
  // npm does not tell an address with a password in it.
  const registry =
    ask("registry") || (process.env.npm_config_registry ?? "of npm's settings").replace(/\/\/[^/@]*@/, "//")
  return { registry, offline: ask("offline") === "true" }
}

/** Says what takes so long; one changing line on a terminal. A signal ends npm at once: asked, it would finish first. */
async function withProgress(label, body) {
  const started = Date.now()
  const tell = process.stderr.isTTY
    ? () => process.stderr.write(`\rfirebreak: installing ${label} … ${((Date.now() - started) / 1000).toFixed(0)} s `)
    : () => process.stderr.write(`firebreak: installing ${label} …\n`)
  tell()
  const ticking = process.stderr.isTTY ? setInterval(tell, 1_000) : undefined
  const clear = []
  try {
    return await body((child) => {
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
        const end = () => {
          child.kill("SIGKILL")
          process.stderr.write("\nfirebreak: interrupted; the same command goes on from here.\n")
          process.exit(128 + constants.signals[signal])
        }
        process.on(signal, end)
        clear.push(() => process.off(signal, end))
      }
    })
  } finally {
    clearInterval(ticking)
    for (const step of clear) step()
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K")
  }
}
