/**
 * Ctrl-C: what a run does that is asked to end before its input does.
 */
import { afterAll, assert, describe, it } from "@effect/vitest"
import { anOrder, firebreak, jsonLines, makeFolder, ndjson } from "./command.ts"

const folder = makeFolder()
afterAll(folder.remove)

const many = folder.write("many.ndjson", ndjson(...Array.from({ length: 500 }, (_, n) => anOrder(`m-${n}`))))
/** Rows are taken in order: when the line of the second one is there, the order of the first is under way. */
const marked = folder.write("marked.ndjson", ndjson(anOrder("1"), "not an order"))

describe.concurrent("an interrupted run", { timeout: 60_000 }, () => {
  it("takes no more orders, lets the running ones end, and says how far it came", async () => {
    const ran = await firebreak(["run", many, "--json", "--concurrency", "4", "--faults", "payment.slow=50ms"], {
      lines: 9,
      onLine: (child) => child.kill("SIGINT")
    })
    const lines = jsonLines(ran)
    assert.isAtLeast(lines.length, 9)
    assert.isBelow(lines.length, 500)
    assert.isTrue(lines.every(({ outcome }) => outcome === "completed"))
    assert.include(ran.err, `many.ndjson was taken up to the order on line ${lines.length};`)
    assert.strictEqual(ran.code, 130)
  })

  it("cancels what does not end in time, and takes back what it did", async () => {
    const ran = await firebreak(["run", marked, "--json", "--faults", "payment.charge.slow=4s"], {
      onLine: (child) => child.kill("SIGINT")
    })
    assert.deepStrictEqual(jsonLines(ran)[0], { order: "1", line: 1, outcome: "cancelled", undone: ["charge"] })
    assert.strictEqual(ran.code, 130)
  })

  it("names what is still running when the time is up", async () => {
    const began = performance.now()
    const ran = await firebreak(["run", marked, "--json", "--faults", "payment.charge.slow=60s"], {
      onLine: (child) => child.kill("SIGTERM")
    })
    const [left] = jsonLines(ran)
    assert.deepInclude(left, { order: "1", line: 1, outcome: "stuck" })
    assert.deepInclude(left?.["error"], { _tag: "LeftBehind" })
    assert.strictEqual(ran.code, 130)
    assert.isBelow(performance.now() - began, 30_000)
  })

  it("leaves at once when asked twice, and names what was running", async () => {
    const ran = await firebreak(["run", marked, "--json", "--faults", "payment.charge.slow=60s"], {
      onLine: (child) => {
        child.kill("SIGINT")
        setTimeout(() => child.kill("SIGINT"), 300)
      }
    })
    assert.strictEqual(jsonLines(ran).length, 1)
    assert.include(ran.err, "letting 1 running order end; once more leaves at once\n")
    assert.include(
      ran.err,
      "firebreak: left at once; these orders were running and may have been charged:\n" +
        `  ${marked}:1  1\n` +
        `  ${marked} was taken up to the order on line 2; nothing was tried with what follows\n`
    )
    assert.strictEqual(ran.code, 130)
  })

  it("ends when nobody reads its lines any more, and says that it was not asked to", async () => {
    const ran = await firebreak(["run", many, "--json", "--faults", "payment.slow=20ms"], {
      onLine: (child) => child.stdout?.destroy()
    })
    assert.strictEqual(ran.code, 130)
    assert.match(ran.err, /^standard output was closed: letting \d+ running orders? end; Ctrl-C leaves at once$/m)
    assert.match(ran.err, /^standard output was closed:\n {2}.*many\.ndjson was taken up to the order on line \d+;/m)
    assert.notInclude(ran.err, "interrupted")
  })
})
