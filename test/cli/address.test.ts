/**
 * `--journal`: what is taken for a file, what for a database, and that a mistyped one leaves nothing behind and tells no
 * password.
 */
import { readdirSync } from "node:fs"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { anOrder, firebreak, makeFolder, ndjson } from "./command.ts"

const folder = makeFolder()
afterAll(folder.remove)

const input = ndjson(anOrder("1"))

/** Runs it in a folder of its own, and says what it left there. */
const inFolder = async (name: string, ...args: ReadonlyArray<string>) => {
  const cwd = folder.make(name)
  const ran = await firebreak(args, { cwd, input })
  return { ...ran, left: readdirSync(cwd, { recursive: true }) }
}

describe.concurrent("the address of a journal", () => {
  it("is one of PostgreSQL however its scheme is written", async () => {
    const address = "Postgres://ann:hush@127.0.0.1:1/shop"
    for (const [name, ...args] of [["capital run", "run", "-"] as const, ["capital list", "list"] as const]) {
      const ran = await inFolder(name, ...args, "--journal", address)
      assert.match(ran.err, /^firebreak: postgres:\/\/ann@127\.0\.0\.1:1\/shop: /, JSON.stringify(ran))
      assert.notInclude(ran.out + ran.err, "hush")
      assert.deepStrictEqual([ran.code, ran.left], [2, []])
    }
  })

  it.each([
    ["mysql://ann:hush@db/shop", "mysql://…"],
    ["postgresql+asyncpg://ann:hush@db/shop", "postgresql+asyncpg://…"],
    ["postgres:/ann:hush@db/shop", "postgres:…"],
    ["postgres//ann:hush@db/shop", "…"],
    ['"postgres://ann:hush@db/shop', "…"]
  ])("is refused where it is neither a file nor one of PostgreSQL: %s", async (address, shown) => {
    for (const args of [["run", "-"], ["list"], ["cancel", "1"]]) {
      const ran = await inFolder(`${args[0]} ${address.replaceAll("/", "")}`, ...args, "--journal", address)
      const sentence = `--journal takes the name of a file, or postgres://…, not "${shown}"`
      assert.strictEqual(ran.err, `firebreak: ${sentence}\nfirebreak ${args[0]} --help says more\n`)
      assert.deepStrictEqual([ran.code, ran.out, ran.left], [2, "", []])
    }
  })

  it("is shown to nobody, also where it stands in a wrong place", async () => {
    const ran = await inFolder("misplaced", "list", "postgres://ann:hush@db/shop")
    assert.include(ran.err, '"postgres://…"')
    assert.notInclude(ran.err, "hush")
    assert.strictEqual(ran.code, 2)
  })

  it("leaves nothing where there is no journal to ask", async () => {
    const verbs = [
      ["list"],
      ["show", "1"],
      ["why", "1"],
      ["cancel", "1"],
      ["retry", "1"],
      ["settle", "1", "a", "--done"]
    ]
    for (const verb of verbs) {
      const ran = await inFolder(`none ${verb[0]}`, ...verb, "--journal", "shop/none.db")
      assert.deepStrictEqual([ran.code, ran.out, ran.left], [2, "", []])
      assert.include(ran.err, "none.db: there is no such file")
    }
  })

  it("leaves nothing where a run cannot have the journal", async () => {
    const other = folder.write("letter.txt", "Dear Ann, this is no database. ".repeat(100))
    const there = readdirSync(folder.path).filter((name) => name.startsWith("letter"))
    const ran = await inFolder("no journal", "run", "-", "--journal", other)
    assert.include(ran.err, "letter.txt: it is no SQLite database")
    assert.deepStrictEqual([ran.code, ran.out, ran.left], [2, "", []])
    assert.deepStrictEqual(
      readdirSync(folder.path).filter((name) => name.startsWith("letter")),
      there
    )
  })
})
