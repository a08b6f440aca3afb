/**
 * The PostgreSQL of the tests: there when it is asked for, gone when whoever asked is gone, whatever became of them.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import readline from "node:readline"
import { fileURLToPath } from "node:url"
import { vi } from "vitest"
import { canStartPostgres, query, startPostgres } from "./postgres.ts"
import { clearAway } from "./postgresPlace.ts"
import { testDatabase } from "./testDatabase.ts"

const module = fileURLToPath(new URL("postgres.ts", import.meta.url))

describe("a database for a test", () => {
  it.effect("is empty, its own, and gone with its scope", () =>
    Effect.gen(function* () {
      const [one, other] = yield* Effect.scoped(
        Effect.gen(function* () {
          const urls = [yield* testDatabase, yield* testDatabase] as const
          yield* Effect.promise(() => query(urls[0], "CREATE TABLE mine (id int)"))
          const tables = yield* Effect.promise(() => query(urls[1], "SELECT to_regclass('mine') AS it"))
          assert.deepStrictEqual(tables, [{ it: null }])
          return urls
        })
      )
      assert.notStrictEqual(one, other)
      const left = yield* Effect.exit(Effect.tryPromise(() => query(one, "SELECT 1")))
      assert.strictEqual(left._tag, "Failure")
    })
  )
})

// It needs our binaries, and there are none for some systems: a server named by DATABASE_URL is not ours to end.
describe("a server of one's own", { skip: !canStartPostgres, concurrent: true }, () => {
  it("keeps its data when it is ended and started again, also after a crash", async () => {
    const server = await startPostgres()
    try {
      await query(server.url, "CREATE TABLE kept AS SELECT 1 AS it")
      await server.down("fast")
      assert.strictEqual(await query(server.url, "SELECT 1").catch(() => "down"), "down")
      await server.up()
      await server.down("immediate")
      await server.up()
      assert.deepStrictEqual(await query(server.url, "SELECT it FROM kept"), [{ it: 1 }])
    } finally {
      await server.stop()
    }
    assert.isFalse(existsSync(server.dir))
  })

  it("writes through to a disk where that is asked for, and asks those on the network for a password", async () => {
    const server = await startPostgres({ durable: true, loopback: true })
    try {
      const settings = "fsync synchronous_commit full_page_writes autovacuum".split(" ")
      const shown = await query(
        server.url,
        `SELECT name, setting FROM pg_settings WHERE name IN ('${settings.join("','")}')`
      )
      assert.deepStrictEqual([shown.length, ...new Set(shown.map(({ setting }) => setting))], [4, "on"])
      const wrong = new URL(server.url)
      wrong.password = "guessed"
      assert.strictEqual(await query(wrong.href, "SELECT 1").catch(() => "refused"), "refused")
    } finally {
      await server.stop()
    }
  })

  for (const signal of ["SIGKILL", "SIGINT", "SIGTERM"] as const) {
    it(`leaves no process and no file when its owner gets a ${signal}`, async () => {
      const child = program("console.log((await startPostgres()).dir); setInterval(() => {}, 1000)")
      const dir = await child.firstLine
      const postmaster = Number(readFileSync(path.join(dir, "data/postmaster.pid"), "utf8").split("\n")[0])
      assert.isTrue(isAlive(postmaster))
      child.kill(signal)
      await vi.waitUntil(() => !isAlive(postmaster) && !existsSync(dir), { timeout: 120_000 })
    })
  }

  it("leaves none when its owner goes while it is being set up", async () => {
    const isSetUp = (dir: string) => existsSync(path.join(dir, "data/postmaster.pid"))
    const goesMeanwhile = async (tries: number): Promise<string> => {
      const child = program(
        `import fs from "node:fs"
         const make = fs.mkdtempSync
         fs.mkdtempSync = (prefix) => { const dir = make(prefix); console.log(dir); return dir }
         await startPostgres()`
      )
      const dir = await child.firstLine
      await vi.waitUntil(() => existsSync(path.join(dir, "data")), { timeout: 120_000, interval: 5 })
      child.kill("SIGKILL")
      // On a busy machine it may have been set up before this was seen: then it is done once more.
      return isSetUp(dir) && tries > 1 ? goesMeanwhile(tries - 1) : dir
    }
    const dir = await goesMeanwhile(5)
    assert.isFalse(isSetUp(dir))
    await vi.waitUntil(() => !existsSync(dir), { timeout: 120_000 })
  })

  it("lets its owner end without a word", async () => {
    const child = program("console.log((await startPostgres()).dir)")
    const dir = await child.firstLine
    assert.strictEqual(await child.ended, 0)
    await vi.waitUntil(() => !existsSync(dir), { timeout: 120_000 })
  })

  it("clears away what was left when its watchdog was killed as well", async () => {
    const child = program("console.log((await startPostgres()).dir); setInterval(() => {}, 1000)")
    const dir = await child.firstLine
    const postmaster = Number(readFileSync(path.join(dir, "data/postmaster.pid"), "utf8").split("\n")[0])
    process.kill(Number(readFileSync(path.join(dir, "watchdog"), "utf8")), "SIGKILL")
    child.kill("SIGKILL")
    await child.ended
    assert.isTrue(isAlive(postmaster))
    // A watchdog that was killed may take a moment to be gone.
    const isCleared = () => {
      clearAway(dir)
      return !existsSync(dir)
    }
    await vi.waitUntil(isCleared, { timeout: 120_000 })
    await vi.waitUntil(() => !isAlive(postmaster), { timeout: 120_000 })
  })

  it("leaves alone what somebody watches over", async () => {
    const server = await startPostgres()
    try {
      clearAway(server.dir)
      assert.deepStrictEqual(await query(server.url, "SELECT 1 AS it"), [{ it: 1 }])
    } finally {
      await server.stop()
    }
  })
})

function program(body: string) {
  const child = spawn(
    process.execPath,
    ["--input-type=module-typescript", "--eval", `import { startPostgres } from ${JSON.stringify(module)}\n${body}`],
    { stdio: ["ignore", "pipe", "inherit"] }
  )
  return {
    firstLine: new Promise<string>((resolve) => readline.createInterface(child.stdout).once("line", resolve)),
    ended: new Promise<number | null>((resolve) => child.once("exit", resolve)),
    kill: (signal: NodeJS.Signals) => child.kill(signal)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
