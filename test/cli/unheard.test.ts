/**
 * Output that nobody can read: the reader of a pipe has gone, a disk is full.
 */
import { existsSync } from "node:fs"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { anOrder, charging, firebreak, inTime, jsonLines, makeFolder, ndjson } from "./command.ts"

const folder = makeFolder()
afterAll(folder.remove)

const cwd = folder.make("some")
const input = ndjson(anOrder("1"), anOrder("2", { payment: { method: "pm_card_chargeDeclined" } }))
beforeAll(() => firebreak(["run", "-"], { cwd, input }))

const isFull = "standard output cannot be written: there is no space left on the device"
const hasFull = existsSync("/dev/full")
const verbs = ["list", "list --json", "show 1", "why 2", "cancel 1 --json", "list --help"]

describe.concurrent("a command whose output nobody can read", () => {
  it.each(verbs)("ends without a word when the reader has gone: %s", async (line) => {
    const ran = await firebreak(line.split(" "), { cwd, output: "closed" })
    assert.deepStrictEqual([ran.err, ran.code], ["", 130])
  })

  it
    .skipIf(!hasFull) // only Linux has a device that is always full
    .each(verbs)("says in one sentence that there is no space: %s", async (line) => {
    const ran = await firebreak(line.split(" "), { cwd, output: "full" })
    assert.deepStrictEqual([ran.err, ran.code], [`firebreak: ${isFull}\n`, 1])
  })

  it("has carried out what it was asked for all the same", async () => {
    const own = folder.make("asked")
    const show = () => firebreak(["show", "1", "--json"], { cwd: own })
    let shown: Promise<string> | undefined
    await firebreak(["run", "-", "--json", "--faults", "payment.confirm.slow=600s"], {
      cwd: own,
      input: ndjson(anOrder("1"), "no order"),
      onLine: (child) => {
        shown = charging("1", { cwd: own })
          .then(() => firebreak(["cancel", "1"], { cwd: own, output: "closed" }))
          // It waits two seconds for the owner, who may need longer.
          .then(() => inTime(show, ({ out }) => JSON.parse(out).cancelledAt !== null))
          .then(({ out }) => out)
          .finally(() => child.kill("SIGKILL"))
      }
    })
    assert.isNumber(JSON.parse(await shown!).cancelledAt)
  })

  it("keeps its code where nobody hears what went wrong", async () => {
    const ran = await firebreak(["show", "nobody"], { cwd, output: "closed", errors: "closed" })
    assert.strictEqual(ran.code, 2)
    const list = await firebreak(["list"], { cwd, errors: "closed" })
    assert.match(list.out, /in the journal: /)
    assert.strictEqual(list.code, 0)
    const run = await firebreak(["run", "-", "--json"], { input: ndjson(anOrder("1")), errors: "closed" })
    assert.deepInclude(jsonLines(run)[0], { order: "1", outcome: "completed" })
    assert.strictEqual(run.code, 0)
  })

  it
    .skipIf(!hasFull) // only Linux has a device that is always full
    .each([100])("says nothing of its own insides where %d orders end at the same time", async (count) => {
    const many = ndjson(...Array.from({ length: 300 }, (_, n) => anOrder(`m-${n}`)))
    const ran = await firebreak(["run", "-", "--json", "--concurrency", `${count}`], { input: many, output: "full" })
    assert.match(ran.err, new RegExp(`^${isFull}; .*the same command goes on`, "m"))
    assert.notMatch(ran.err, /Error|Warning|node:/)
    assert.strictEqual(ran.code, 130)
  })

  it
    .skipIf(!hasFull) // only Linux has a device that is always full
    .each([300])(
    "lets its orders come to a record when there is no space for the lines of %d, and the next run has them",
    async (count) => {
      const own = folder.make("full")
      const many = ndjson(...Array.from({ length: count }, (_, n) => anOrder(`m-${n}`)))
      const args = ["run", "-", "--json", "--faults", "payment.slow=20ms..50ms"]
      const ran = await firebreak(args, { cwd: own, input: many, output: "full" })
      assert.match(ran.err, new RegExp(`^${isFull}: letting \\d+ running orders? come to a record;`, "m"))
      assert.match(ran.err, new RegExp(`^${isFull}; .*the same command goes on`, "m"))
      assert.notMatch(ran.err, /Error|Warning|node:/)
      assert.strictEqual(ran.code, 130)
      const next = await firebreak(["run", "-", "--json"], { cwd: own, input: many })
      assert.isTrue(jsonLines(next).every(({ outcome }) => outcome === "completed"))
      assert.strictEqual(jsonLines(next).length, count)
    }
  )
})
