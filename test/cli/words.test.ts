/**
 * What `firebreak run` says to somebody who tries it for the first time, and trips.
 */
import { existsSync } from "node:fs"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { anOrder, firebreak, jsonLines, makeFolder, ndjson } from "./command.ts"

const folder = makeFolder()
afterAll(folder.remove)

const good = folder.write("good.ndjson", ndjson(anOrder("1"), anOrder("2")))

describe.concurrent("firebreak run", () => {
  it("explains its codes, and that it goes on where it was, when asked for help", async () => {
    const { out } = await firebreak(["run", "--help"])
    assert.match(out, /^ +0 {2}every order ended completed, refused, skipped or cancelled$/m)
    assert.match(out, /^ +1 {2}some ended otherwise$/m)
    assert.match(out, /^ +2 {2}the command line, a file or the journal is unusable, nothing was run$/m)
    assert.match(out, /^ +130 {2}it was interrupted/m)
    assert.include(out, "goes on when the same command is started again")
  })

  it("draws no picture under a name that is not one of an SVG, and runs nothing", async () => {
    const path = `${folder.path}/picture.png`
    const ran = await firebreak(["run", good, "--picture", path])
    assert.strictEqual(ran.err, `firebreak: --picture draws SVG: ${path} has to end in .svg\n`)
    assert.deepStrictEqual([ran.out, ran.code, existsSync(path)], ["", 2, false])
  })

  it.each([
    ["not JSON", "id,sku\n1,MUG-1\n"],
    ["not a JSON object", `[{"MUG-1": 12}]`]
  ])("says that a stock is %s, and how one is written", async (what, text) => {
    const stock = folder.write(`${what}.json`, text)
    const ran = await firebreak(["run", good, "--stock", stock])
    const sentence = `the stock cannot be read: it is ${what}; write it like {"MUG-1": 12, "TEA-3": 0}`
    assert.strictEqual(ran.err, `firebreak: ${stock}: ${sentence}\n`)
    assert.strictEqual(ran.code, 2)
  })

  it("says how the same faults are had again", async () => {
    const ran = await firebreak(["run", good, "--faults", "payment.slow=1ms"])
    assert.match(ran.out, /^things go wrong on purpose: payment\.slow=1ms \(repeat with --seed \d+\)$/m)
  })

  it("names the file of each line with --json when there are several, and only then", async () => {
    const one = await firebreak(["run", "-", "--json"], { input: ndjson(anOrder("3"), "no order") })
    assert.isTrue(jsonLines(one).every((line) => !("file" in line)))
    for (const options of [["--json"], ["--json", "--check"]]) {
      const ran = await firebreak(["run", good, "-", ...options], { input: ndjson(anOrder("3"), "no order") })
      const expected = [
        [good, "1"],
        [good, "2"],
        ["standard input", "3"],
        ["standard input", null]
      ]
      assert.sameDeepMembers(
        jsonLines(ran).map(({ file, order }) => [file, order]),
        options.includes("--check") ? expected.slice(-1) : expected
      )
    }
  })

  it("counts all that it read with --check, also what is valid", async () => {
    const ran = await firebreak(["run", "-", "--check"], { input: ndjson(anOrder("1"), anOrder("2"), "no order") })
    assert.match(ran.out, /^outcome +orders +EUR$/m)
    assert.match(ran.out, /^valid +2 +50\.00$/m)
    assert.match(ran.out, /^rejected +1$/m)
    assert.match(ran.out, /^total +3$/m)
    const last = "2 orders are valid; nothing was run\nthe exit code is 1 because of these: 1 rejected\n"
    assert.isTrue(ran.out.endsWith(last), ran.out)
    assert.strictEqual(ran.code, 1)
  })

  it.each([[[]], [["--check"]]])("says that there are no orders where there are none %j", async (options) => {
    const empty = folder.write("empty.json", "[]")
    const ran = await firebreak(["run", empty, "-", ...options], { input: "[ ]\n" })
    assert.strictEqual(ran.out, `no orders in ${empty}, standard input\n`)
    assert.deepStrictEqual([ran.err, ran.code], ["", 0])
  })
})
