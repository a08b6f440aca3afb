/**
 * What `firebreak run` promises to those who call it: outcomes, lines, codes, and what it does with bad input.
 */
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { anOrder, firebreak, jsonLines, makeFolder, ndjson } from "./command.ts"

const folder = makeFolder()
afterAll(folder.remove)

const good = folder.write("good.ndjson", ndjson(anOrder("1"), anOrder("2")))
const stock = folder.write("stock.json", `{"RARE": 1}`)
const mixed = folder.write(
  "mixed.ndjson",
  ndjson(
    anOrder("1"),
    anOrder("2", { payment: { method: "pm_card_chargeDeclined" } }),
    anOrder("3", { lines: [{ sku: "RARE", quantity: 2, price: "12.50" }] }),
    anOrder("4", { customer: { email: "bob@dead-mail.example" } }),
    anOrder("5", { total: "26.00" }),
    `{"id": "6", "cust`,
    anOrder("1"),
    anOrder("8", { currency: "JPY", lines: [{ sku: "MUG-1", quantity: 1, price: "100" }], total: "100", customer: {} })
  )
)

// Each of these is a process of its own, and they may overlap.
describe.concurrent("firebreak run", () => {
  it("writes one JSON line per order, and nothing else, to standard output", async () => {
    const ran = await firebreak(["run", mixed, "--stock", stock, "--json"])
    const lines = jsonLines(ran)
    assert.deepStrictEqual(
      lines.map(({ order, outcome }) => [order, outcome]),
      [
        ["1", "completed"],
        ["2", "refused"],
        ["3", "refused"],
        ["4", "completed"],
        ["5", "rejected"],
        [null, "rejected"],
        ["1", "skipped"],
        ["8", "completed"]
      ]
    )
    const [completed, declined, refused, untold, wrongTotal, malformed, , noAddress] = lines
    assert.deepStrictEqual(Object.keys(completed ?? {}), [
      "order",
      "line",
      "outcome",
      "payment",
      "reservation",
      "notification"
    ])
    assert.deepStrictEqual(completed?.["notification"], { _tag: "Sent" })
    assert.deepStrictEqual(declined?.["error"], {
      _tag: "PaymentDeclined",
      because: "CardRefused",
      message: "the payment for order 2 was declined: the bank refused the card"
    })
    assert.isUndefined(declined?.["undone"])
    assert.deepStrictEqual(refused?.["error"], {
      _tag: "OutOfStock",
      sku: "RARE",
      wanted: 2,
      available: 1,
      message: "order 3 wants 2 of RARE, and 1 can be had"
    })
    assert.deepStrictEqual(refused?.["undone"], ["notify", "charge"])
    assert.deepInclude(untold?.["notification"], { _tag: "NotSent" })
    assert.deepInclude(wrongTotal?.["error"], { field: "total" })
    assert.deepInclude(malformed, { order: null, line: 6 })
    assert.deepStrictEqual(noAddress?.["notification"], { _tag: "NotSent", reason: "no e-mail address" })
    for (const line of lines.filter(({ outcome }) => outcome === "rejected" || outcome === "skipped")) {
      assert.notProperty(line, "payment")
    }
    assert.include(ran.err, "total")
    assert.strictEqual(ran.code, 1)
  })

  it("shows people what did not complete, with line and field, and the sums by outcome and currency", async () => {
    const ran = await firebreak(["run", mixed, "--stock", stock])
    assert.match(ran.out, /mixed\.ndjson:5 +5 +rejected +total is 26\.00 EUR/)
    assert.match(ran.out, /mixed\.ndjson:3 +3 +refused +order 3 wants 2 of RARE.*taken back: notify, charge/)
    assert.match(ran.out, /^outcome +orders +EUR +JPY$/m)
    assert.match(ran.out, /^completed +3 +50\.00 +100$/m)
    assert.match(ran.out, /^refused +2 +50\.00$/m)
    assert.match(ran.out, /^total +8$/m)
    assert.match(ran.out, /^2 of the completed orders: the customer could not be told$/m)
    assert.match(ran.out, /^of 5 orders 0 were found finished, 0 were resumed, 5 were new$/m)
    assert.match(ran.out, /\nthe exit code is 1 because of these: \d rejected\n$/)
    assert.strictEqual(ran.err, "")
  })

  it("writes no control characters where no terminal is, and none that a file brings along", async () => {
    const nasty = folder.write("nasty.ndjson", ndjson({ ...anOrder("x"), id: "a\u001b[2Jb\u009bc" }))
    for (const ran of [await firebreak(["run", nasty]), await firebreak(["run", nasty, "--json"])]) {
      // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
      assert.notMatch(ran.out + ran.err, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
    }
  })

  it("ends with 0 when every order completed", async () => {
    assert.strictEqual((await firebreak(["run", good])).code, 0)
  })

  it("reads standard input as -, and finds an order again in another file", async () => {
    const ran = await firebreak(["run", "-", good, "--json"], { input: ndjson(anOrder("2")) })
    assert.deepStrictEqual(
      jsonLines(ran).map(({ line, order, outcome }) => [line, order, outcome]),
      [
        [1, "2", "completed"],
        [1, "1", "completed"],
        [2, "2", "skipped"]
      ]
    )
    assert.strictEqual(ran.code, 0)
  })

  const itOnUnix = process.platform === "win32" ? it.skip : it // Windows has no pipes with a name in the file system
  itOnUnix("reads a named pipe, such as a shell gives for <(…)", async () => {
    const pipe = `${folder.path}/pipe`
    execFileSync("mkfifo", [pipe])
    const [ran] = await Promise.all([
      firebreak(["run", pipe, "--json"]),
      writeFile(pipe, ndjson(anOrder("1"), anOrder("2")))
    ])
    assert.strictEqual(jsonLines(ran).length, 2)
    assert.strictEqual(ran.code, 0)
  })

  it("only says what is wrong with --check", async () => {
    const ran = await firebreak(["run", mixed, "--check", "--json"])
    assert.deepStrictEqual(
      jsonLines(ran).map(({ outcome }) => outcome),
      ["rejected", "rejected", "skipped"]
    )
    assert.include(ran.err, "5 orders are valid; nothing was run")
    assert.strictEqual(ran.code, 1)
    assert.strictEqual((await firebreak(["run", good, "--check"])).code, 0)
  })

  it("says that an order is stuck when its money is not given back", async () => {
    const ran = await firebreak(["run", mixed, "--stock", stock, "--json", "--faults", "payment.refund.refused=1"])
    const [stuck] = jsonLines(ran).filter(({ order }) => order === "3")
    assert.deepInclude(stuck, { outcome: "stuck", undone: ["notify"] })
    assert.deepInclude(stuck?.["error"], { _tag: "OrderStuck", steps: ["charge"] })
    assert.strictEqual(ran.code, 1)
  })

  it("says that an order waits when the outside needs longer than a run is worth, and the next run goes on", async () => {
    const cwd = folder.make("waiting")
    const faults = ["--faults", "payment.confirm.lost=1,payment.find.down=1"]
    const ran = await firebreak(["run", good, "--json", ...faults], { cwd })
    assert.deepStrictEqual(
      jsonLines(ran).map(({ error, outcome }) => [outcome, (error as { _tag: string })._tag]),
      [
        ["waiting", "StillWaiting"],
        ["waiting", "StillWaiting"]
      ]
    )
    assert.strictEqual(ran.code, 1)
  })

  it("strikes the same orders with the same seed, whatever runs beside them", async () => {
    const many = folder.write("many.ndjson", ndjson(...Array.from({ length: 60 }, (_, n) => anOrder(`m-${n}`))))
    const outcomes = async (seed: string, concurrency: string) => {
      const faults = ["--faults", "payment.confirm.declined=0.5,payment.slow=0ms..5ms", "--seed", seed]
      return jsonLines(await firebreak(["run", many, "--json", "--concurrency", concurrency, ...faults])).map(
        ({ outcome }) => outcome
      )
    }
    const [one, again, other] = await Promise.all([outcomes("7", "1"), outcomes("7", "50"), outcomes("8", "50")])
    assert.sameMembers([...new Set(one)], ["completed", "refused"])
    assert.deepStrictEqual(again, one)
    assert.notDeepEqual(other, one)
  })

  it.each([
    ["no file", ["run"], "firebreak run needs a FILE"],
    ["an option it does not have", ["run", good, "--jurnal", "x.db"], "firebreak run has no option --jurnal"],
    ["a journal that is none", ["run", good, "--journal", good], "good.ndjson"],
    ["a check that is to run something", ["run", good, "--check", "--again"], "--check runs nothing"],
    ["an option without sense", ["run", good, "--concurrency", "0"], "--concurrency takes a number from 1 to 1000"],
    ["a verb it does not have", ["rum"], `there is no command "rum"; did you mean run?`],
    [
      "a file that is not there",
      ["run", good, "not-there.csv"],
      "not-there.csv cannot be read as orders: there is no such"
    ],
    ["a folder", ["run", good, folder.path], "it is a directory"],
    ["an empty file", ["run", good, "-"], "standard input cannot be read as orders"],
    [
      "faults that are none",
      ["run", good, "--faults", "payment.down=2"],
      `"payment.down=2" is no fault: "2" is no chance`
    ],
    ["a picture that cannot be written", ["run", good, "--picture", "no/such/folder.svg"], "cannot be written"],
    ["a stock that is none", ["run", good, "--stock", good], "the stock cannot be read"]
  ])("is not begun with %s: code 2, one sentence, nothing run", async (_, args, sentence) => {
    const ran = await firebreak(args)
    assert.include(ran.err, sentence)
    assert.strictEqual(ran.out, "")
    assert.strictEqual(ran.code, 2)
  })

  it("draws what happened with --picture", async () => {
    const picture = folder.write("picture.svg", "")
    const ran = await firebreak(["run", mixed, "--stock", stock, "--picture", picture])
    const svg = readFileSync(picture, "utf8")
    assert.match(svg, /^<svg /)
    assert.include(svg, "ProcessOrder 3")
    assert.include(svg, "OutOfStock")
    assert.include(ran.out, "picture.svg shows what happened")
    assert.strictEqual(ran.code, 1)
  })

  it("explains itself on standard output when asked to", async () => {
    const ran = await firebreak(["run", "--help"])
    assert.include(ran.out, "--faults")
    assert.strictEqual(ran.code, 0)
  })
})
