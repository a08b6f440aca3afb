/** Brings what the bench is compared with, from the lock file of `bench/peers`, unless it is there. */
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const folder = fileURLToPath(new URL("../peers/", import.meta.url))

const versionIn = (file: string, read: (json: any) => string): string | undefined => {
  try {
    return read(JSON.parse(readFileSync(folder + file, "utf8")))
  } catch {
    return undefined
  }
}

export const bringPeers = (): void => {
  const wanted = versionIn("package.json", (json) => json.dependencies["@dbos-inc/dbos-sdk"])
  if (versionIn("node_modules/@dbos-inc/dbos-sdk/package.json", (json) => json.version) === wanted) return
  const npm = process.env.npm_execpath
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
  const [command, ...rest] = npm === undefined ? ["npm", ...args] : [process.execPath, npm, ...args]
  const { error, status, stderr } = spawnSync(command!, rest, { cwd: folder, encoding: "utf8" })
  if (status !== 0) throw new Error(`the peers could not be installed in ${folder}: ${error?.message ?? stderr}`)
}
