/**
 * Ctrl-C: what a run does that is asked to end before its input does. Leaving takes nothing back.
 */
import { afterAll, assert, describe, it } from "@effect/vitest"
import { anOrder, charging, firebreak, inTime, jsonLines, makeFolder, ndjson } from "./command.ts"

const folder = makeFolder()
afterAll(folder.remove)

const many = folder.write("many.ndjson", ndjson(...Array.from({ length: 500 }, (_, n) => anOrder(`m-${n}`))))
/** Rows are taken in order: when the line of the second one is there, the order of the first is under way. */
const marked = folder.write("marked.ndjson", ndjson(anOrder("1"), "not an order"))

describe.concurrent("an interrupted run", () => {
  it("takes no more orders, lets the running ones end, and says how far it came and how to go on", async () => {
    const run = () =>
      firebreak(["run", many, "--json", "--concurrency", "4", "--faults", "payment.slow=50ms"], {
        lines: 9,
        onLine: (child) => child.kill("SIGINT")
      })
    // They have a second and a half.
    const ran = await inTime(run, ({ err }) => err.includes("no order was running"))
    const lines = jsonLines(ran)
    assert.isAtLeast(lines.length, 9)
    assert.isBelow(lines.length, 500)
    assert.isTrue(lines.every(({ outcome }) => outcome === "completed"))
    assert.include(ran.err, "interrupted; no order was running: the same command goes on")
    assert.include(ran.err, `many.ndjson was taken up to the order on line ${lines.length};`)
    assert.strictEqual(ran.code, 130)
  })

  it("leaves what does not end in time to the next run, which takes nothing back and goes on", async () => {
    const cwd = folder.make("left")
    const ran = await firebreak(["run", marked, "--json", "--faults", "payment.confirm.slow=600s"], {
      cwd,
      onLine: async (child) => {
        await charging("1", { cwd })
        child.kill("SIGINT")
      }
    })
    const [left] = jsonLines(ran)
    assert.deepInclude(left, { order: "1", line: 1, outcome: "waiting" })
    assert.deepInclude(left?.["error"], { _tag: "LeftBehind" })
    assert.notProperty(left, "undone")
    assert.include(ran.err, "interrupted; 1 running order is in the journal: the same command goes on")
    assert.strictEqual(ran.code, 130)

    const next = await firebreak(["run", marked, "--json"], { cwd })
    assert.deepInclude(jsonLines(next)[0], { order: "1", outcome: "completed", resumed: true })
    assert.include(next.err, "of 1 order 0 were found finished, 1 was resumed, 0 were new")
  })

  it("is remembered by a run of other orders, which says that there is more to do", async () => {
    const cwd = folder.make("others")
    const slow = ["--faults", "payment.confirm.slow=600s"]
    await firebreak(["run", marked, "--json", ...slow], {
      cwd,
      onLine: async (child) => {
        await charging("1", { cwd })
        child.kill("SIGKILL")
      }
    })
    const other = folder.write("other.ndjson", ndjson(anOrder("2", { payment: { method: "pm_card_chargeDeclined" } })))
    // The order of the first file is in the middle of its slow charge again when this one is over.
    const ran = await firebreak(["run", other, ...slow.slice(0, 1), "payment.find.slow=600s"], { cwd })
    assert.include(ran.out, "1 other order in the journal is not over yet: the next run goes on with what is left")
    assert.strictEqual(ran.code, 0)
  })

  it("ends when it is asked to, though something hangs for ever", async () => {
    const ran = await firebreak(["run", marked, "--json", "--faults", "payment.confirm.hangs=1"], {
      onLine: (child) => void child.kill("SIGTERM")
    })
    assert.strictEqual(ran.code, 130)
  })

  it("leaves at once when asked twice, and says where its orders are", async () => {
    const run = () =>
      firebreak(["run", marked, "--json", "--faults", "payment.confirm.slow=600s"], {
        onLine: (child) => child.kill("SIGINT"),
        // Within a tenth of a second it would be the same wish; after a second and a half it leaves by itself.
        onSaid: ["once more leaves at once\n", (child) => setTimeout(() => child.kill("SIGINT"), 150)]
      })
    const ran = await inTime(run, (ran) => jsonLines(ran).length === 1)
    assert.strictEqual(jsonLines(ran).length, 1)
    assert.include(ran.err, "letting 1 running order come to a record; once more leaves at once\n")
    assert.include(
      ran.err,
      "firebreak: left at once; 1 running order is in the journal: the same command goes on (journal .firebreak/journal.db)\n" +
        `  ${marked} was taken up to the order on line 2; nothing was tried with what follows\n`
    )
    assert.strictEqual(ran.code, 130)
  })

  it("ends when nobody reads its lines any more, and says that it was not asked to", async () => {
    const ran = await firebreak(["run", many, "--json", "--faults", "payment.slow=20ms..900ms"], {
      onLine: (child) => child.stdout?.destroy()
    })
    assert.strictEqual(ran.code, 130)
    assert.match(ran.err, /^standard output was closed: letting \d+ running orders? come to a record;/m)
    assert.match(ran.err, /^standard output was closed; .*the same command goes on/m)
    assert.match(ran.err, /many\.ndjson was taken up to the order on line \d+;/m)
    assert.notInclude(ran.err, "interrupted")
  })
})
