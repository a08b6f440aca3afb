/**
 * The verbs that ask a journal: list, show, why, cancel, retry, settle; with nobody there, and with an owner.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { anOrder, charging, firebreak, inTime, isUnanswered, jsonLines, makeFolder, ndjson } from "./command.ts"

const folder = makeFolder()
afterAll(folder.remove)

const rare = { lines: [{ sku: "RARE", quantity: 2, price: "12.50" }] }
const stock = folder.write("stock.json", `{"RARE": 1}`)
const stuckRefunds = ["--faults", "payment.refund.refused=1", "--seed", "1"]

/** A journal that nobody owns: 1 completed, 2 declined, 3 stuck with its money. */
const left = folder.make("left")
const input = ndjson(anOrder("1"), anOrder("2", { payment: { method: "pm_card_chargeDeclined" } }), anOrder("3", rare))
beforeAll(() => firebreak(["run", "-", "--concurrency", "1", "--stock", stock, ...stuckRefunds], { cwd: left, input }))

const ask = (...args: ReadonlyArray<string>) => firebreak(args, { cwd: left })

describe.concurrent("on a journal that nobody owns", () => {
  it("list shows the newest first, with what there is in all", async () => {
    const { code, out } = await ask("list")
    const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +[\d.]+ m?s`
    const row = (number: number, status: string) => `  ${number}  ${number} {6}${status} +ProcessOrder  ${time}\n`
    assert.match(
      out,
      new RegExp(
        `^no\\.  order  status +workflow +started +took\n${row(3, "stuck")}${row(2, "refused")}${row(1, "completed")}\n` +
          "in the journal: 1 stuck, 1 completed, 1 refused\n$"
      )
    )
    assert.strictEqual(code, 0)
  })

  it("list takes pages, and only what is asked for", async () => {
    const page = await ask("list", "--limit", "2")
    assert.include(page.out, "older ones: --before 2\n")
    const next = await ask("list", "--limit", "2", "--before", "2", "--json")
    assert.deepStrictEqual(
      jsonLines(next).map(({ order, status, workflow }) => [order, status, workflow]),
      [["1", "completed", "ProcessOrder"]]
    )
    const some = await ask("list", "--status", "stuck,refused", "--json")
    assert.sameMembers(
      jsonLines(some).map(({ order }) => order),
      ["2", "3"]
    )
    assert.deepStrictEqual(jsonLines(await ask("list", "--workflow", "Other", "--json")), [])
  })

  it("show lists the steps with outcome and undo, and says what a person can do", async () => {
    const { code, out } = await ask("show", "3")
    assert.match(out, /^3 is stuck {2}\(ProcessOrder, no\. 3, execution [0-9a-f]+\)$/m)
    assert.match(out, /^step +outcome +undo +attempts +took$/m)
    assert.match(out, /^charge +done +stuck +1 +\d+ ms +the payment of order 3 is not given back/m)
    assert.match(out, /^reserve +refused +– +1 +\d+ ms +\{"_tag":"OutOfStock"/m)
    assert.match(out, /^notify +done +undone/m)
    assert.include(out, "firebreak settle 3 charge --undone\n")
    assert.strictEqual(code, 0)
  })

  it("show says everything to programs", async () => {
    const history = JSON.parse((await ask("show", "1", "--json")).out)
    assert.deepInclude(history, { name: "1", status: "completed", cancelledAt: null, why: null })
    assert.deepStrictEqual(
      history.steps.map(({ state, step }: { state: string; step: string }) => [step, state]),
      [
        ["open-payment", "done"],
        ["charge", "done"],
        ["reserve", "done"],
        ["notify", "done"]
      ]
    )
  })

  it("why draws who failed, and what was and was not taken back", async () => {
    const { out } = await ask("why", "2")
    assert.strictEqual(
      out,
      [
        "2 is refused: the payment for order 2 was declined: the bank refused the card",
        "",
        "ProcessOrder 2   failed: PaymentDeclined: the payment for order 2 was declined: the bank refused the card",
        "├─ open-payment  done",
        "└─ charge        refused",
        ""
      ].join("\n")
    )
    const stuck = await ask("why", "3")
    assert.match(stuck.out, /^├─ charge +done, and could not be taken back: the payment of order 3 is not given back/m)
    assert.match(stuck.out, /^ {3}└─ notify +done, and taken back$/m)
    assert.strictEqual((await ask("why", "1")).out, "1 is completed: nothing has failed\n")
    assert.deepInclude(JSON.parse((await ask("why", "2", "--json")).out), { order: "2", status: "refused" })
  })

  it("cancel says in its help what becomes of a step that is under way", async () => {
    const { out } = await ask("cancel", "--help")
    assert.match(out.replace(/\s+/g, " "), /a step that is under way is interrupted and settled as its unknown says/)
  })

  it("cancel of an order that has ended says what became of it", async () => {
    const { code, out } = await ask("cancel", "1")
    assert.match(out, /^1 is completed: /)
    assert.match(out, /^charge +done and kept$/m)
    assert.strictEqual(code, 0)
  })

  it("what is asked of a journal that nobody owns is kept, and the next run does it", async () => {
    const cwd = folder.make("kept")
    const args = ["run", "-", "--json", "--stock", stock, ...stuckRefunds]
    const stuck = await firebreak(args, { cwd, input: ndjson(anOrder("3", rare)) })
    assert.deepInclude(jsonLines(stuck)[0], { outcome: "stuck", undone: ["notify"] })
    const settled = await firebreak(["settle", "3", "charge", "--undone"], { cwd })
    assert.match(settled.out, /^settle 3 charge: it is written down as request \d+, and nobody has answered yet: /)
    assert.strictEqual(settled.code, 0)
    const next = await firebreak(args, { cwd, input: ndjson(anOrder("3", rare)) })
    assert.deepInclude(jsonLines(next)[0], { outcome: "refused", undone: ["notify", "charge"] })
  })

  it("says the same to programs: the number of the request that waits", async () => {
    const cwd = folder.make("waits")
    await firebreak(["run", "-", "--stock", stock, ...stuckRefunds], { cwd, input: ndjson(anOrder("3", rare)) })
    const asked = [
      ["cancel", "3"],
      ["retry", "3"],
      ["settle", "3", "charge", "--undone"]
    ]
    const numbers: Array<unknown> = []
    for (const args of asked) numbers.push(JSON.parse((await firebreak([...args, "--json"], { cwd })).out).pending)
    assert.deepStrictEqual(numbers, [1, 2, 3])
  })

  it.each([
    ["an order that is not there", ["show", "nobody"], `the journal knows no execution "nobody"`],
    ["an order that is not there to cancel", ["cancel", "nobody"], `the journal knows no execution "nobody"`],
    [
      "a journal that is not there",
      ["list", "--journal", "none.db"],
      "none.db: there is no such file. Name the file that the journal is kept in: --journal FILE"
    ],
    ["a journal that is none", ["list", "--journal", stock], "stock.json"],
    ["a journal without a name", ["list", "--journal", ""], "--journal takes the name of a file, or postgres://…"],
    ["no order", ["show"], "firebreak show needs a ID"],
    ["a status that is none", ["list", "--status", "lost"], "--status takes running, suspended"],
    ["a page of nothing", ["list", "--limit", "0"], "--limit takes a number from 1 to 10000"],
    ["no verdict", ["settle", "3", "charge"], "say one of --done, --absent and --undone"],
    ["two verdicts", ["settle", "3", "charge", "--done", "--absent"], "say one of --done, --absent and --undone"],
    ["a value of what did not happen", ["settle", "3", "charge", "{}", "--absent"], "JSON goes with --done"],
    ["a value that is none", ["settle", "3", "charge", "--done", "{x"], `"{x" is not JSON`]
  ])("refuses %s: code 2, one sentence", async (_, args, sentence) => {
    const ran = await ask(...args)
    assert.include(ran.err, sentence)
    assert.strictEqual(ran.out, "")
    assert.strictEqual(ran.code, 2)
  })
})

describe.concurrent("on a journal with an owner", () => {
  /** Asks while an owner runs order 1, which stands at its charge; then the owner is killed. */
  const whileRunning = async (
    name: string,
    asking: (verb: (...args: ReadonlyArray<string>) => ReturnType<typeof firebreak>) => Promise<void>
  ) => {
    const cwd = folder.make(name)
    // Whoever asks again is answered the same, or what has become of it since.
    const verb = (...args: ReadonlyArray<string>) =>
      inTime(
        () => firebreak(args, { cwd }),
        (ran) => !isUnanswered(ran)
      )
    let asked: Promise<void> | undefined
    await firebreak(["run", "-", "--json", "--faults", "payment.confirm.slow=600s"], {
      cwd,
      input: ndjson(anOrder("1"), "no order"),
      onLine: (child) => {
        asked = charging("1", { cwd })
          .then(() => asking(verb))
          .finally(() => child.kill("SIGKILL"))
        asked.catch(() => {}) // told below
      }
    })
    await asked
  }

  it("everything is read beside it, and a cancel is answered with a receipt, and carried out", () =>
    whileRunning("cancelled", async (verb) => {
      assert.include((await verb("show", "1")).out, "1 is running")
      const { code, out } = await verb("cancel", "1")
      assert.match(out, /^1 is \w+: /)
      assert.match(out, /^open-payment +done and kept\ncharge +(being settled|cancelled)$/m)
      assert.strictEqual(code, 0)
      let receipt = { isFinal: false, status: "", steps: [{ state: "" }] }
      while (!receipt.isFinal) receipt = JSON.parse((await verb("cancel", "1", "--json")).out).receipt
      assert.strictEqual(receipt.status, "cancelled")
      assert.deepStrictEqual(
        receipt.steps.map(({ state }) => state),
        ["done and kept", "cancelled"]
      )
    }))

  it("what does not fit is refused with a reason: code 1", () =>
    whileRunning("refused", async (verb) => {
      for (const args of [
        ["retry", "1"],
        ["settle", "1", "charge", "--undone"],
        ["settle", "1", "nothing", "--done"]
      ]) {
        const ran = await verb(...args)
        assert.match(ran.err, new RegExp(`^firebreak: ${args[0]} 1: .+`), JSON.stringify(ran))
        assert.deepStrictEqual([ran.out, ran.code], ["", 1])
      }
    }))
})
