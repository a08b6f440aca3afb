/**
 * `firebreak run` on a journal: what the next run finds, what `--again` does, and whose journal it is.
 */
import path from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { layerPostgres } from "firebreak/journal"
import { testDatabase } from "../support/testDatabase.ts"
import { anOrder, charging, firebreak, jsonLines, makeFolder, ndjson } from "./command.ts"

const folder = makeFolder()
afterAll(folder.remove)

const declined = { payment: { method: "pm_card_chargeDeclined" } }
const rare = { lines: [{ sku: "RARE", quantity: 1, price: "25.00" }] }
const takeOver = (url: string) => Effect.runPromise(Effect.scoped(Layer.build(layerPostgres({ url, takeOver: true }))))
const outcomes = (ran: Parameters<typeof jsonLines>[0]) => jsonLines(ran).map(({ order, outcome }) => [order, outcome])

describe.concurrent("firebreak run on a journal", () => {
  it("finds what an earlier run has ended, says the same of it again, and does nothing", async () => {
    const cwd = folder.make("twice")
    const stock = folder.write("one.json", `{"RARE": 1}`)
    const input = ndjson(anOrder("1"), anOrder("2", declined), anOrder("3", rare), anOrder("4", rare))
    const args = ["run", "-", "--json", "--stock", stock]
    const first = await firebreak(args, { cwd, input })
    const second = await firebreak(args, { cwd, input })
    assert.deepStrictEqual(jsonLines(second), jsonLines(first))
    assert.deepStrictEqual(outcomes(first), [
      ["1", "completed"],
      ["2", "refused"],
      ["3", "completed"],
      ["4", "refused"]
    ])
    assert.include(first.err, "of 4 orders 0 were found finished, 0 were resumed, 4 were new")
    assert.include(second.err, "of 4 orders 4 were found finished, 0 were resumed, 0 were new")
  })

  it("runs refused orders once more with --again, also with another card, and completed ones never", async () => {
    const cwd = folder.make("again")
    await firebreak(["run", "-"], { cwd, input: ndjson(anOrder("1"), anOrder("2", declined)) })
    const input = ndjson(anOrder("1"), anOrder("2"))
    const without = await firebreak(["run", "-", "--json"], { cwd, input })
    assert.deepStrictEqual(outcomes(without), [
      ["1", "completed"],
      ["2", "rejected"]
    ])
    assert.deepInclude(jsonLines(without)[1]?.["error"], {
      _tag: "OrderChanged",
      message:
        "order 2 was run before and was another one then: payment differs; if it was refused, --again runs this one"
    })
    const again = await firebreak(["run", "-", "--json", "--again"], { cwd, input })
    assert.deepStrictEqual(outcomes(again), [
      ["1", "completed"],
      ["2", "completed"]
    ])
    assert.include(again.err, "of 2 orders 1 was found finished, 0 were resumed, 1 was new")
    const after = await firebreak(["run", "-", "--json"], { cwd, input })
    assert.deepStrictEqual(jsonLines(after), jsonLines(again))
    const shown = await firebreak(["show", "2", "--json"], { cwd })
    assert.deepInclude(JSON.parse(shown.out), { name: "2#2", status: "completed" })
    assert.deepInclude(JSON.parse((await firebreak(["show", "2#2", "--json"], { cwd })).out), { name: "2#2" })
  })

  it("counts the shelves once, whatever a later list says, and says so", async () => {
    const cwd = folder.make("shelves")
    const stock = (count: number) => folder.write(`stock-${count}.json`, `{"RARE": ${count}}`)
    await firebreak(["run", "-", "--stock", stock(1)], { cwd, input: ndjson(anOrder("1", rare)) })
    const ran = await firebreak(["run", "-", "--json", "--stock", stock(9)], { cwd, input: ndjson(anOrder("2", rare)) })
    assert.deepStrictEqual(outcomes(ran), [["2", "refused"]])
    assert.include(ran.err, "the shelves were counted by an earlier run: --stock changes nothing about RARE\n")
  })

  it("has one owner: a second run is refused, and told who it is", async () => {
    const cwd = folder.make("owned")
    const slow = ["run", "-", "--json", "--faults", "payment.open.slow=600s"]
    let second: Promise<Awaited<ReturnType<typeof firebreak>>> | undefined
    await firebreak(slow, {
      cwd,
      input: ndjson(anOrder("1"), "no order"),
      onLine: (child) => {
        const args = ["run", "-", "--stock", folder.write("tea.json", `{"TEA": 5}`)]
        second = firebreak(args, { cwd, input: ndjson(anOrder("1")) }).finally(() => child.kill("SIGKILL"))
      }
    })
    const { code, err, out } = await second!
    assert.deepStrictEqual([code, out], [2, ""])
    assert.match(err, /^firebreak: .*\.firebreak\/journal\.db: it is owned by process \d+ on /)
    const outside = new DatabaseSync(path.join(cwd, ".firebreak", "outside.db"), { readOnly: true })
    assert.deepStrictEqual(outside.prepare("SELECT * FROM stock").all(), [], "who was turned away counted the shelves")
    outside.close()
    const third = await firebreak(["run", "-", "--json"], { cwd, input: ndjson(anOrder("1")) })
    assert.deepInclude(jsonLines(third)[0], { outcome: "completed", resumed: true })
  })

  it("turns an order away that the journal cannot take, and runs the others", async () => {
    const lines = Array.from({ length: 20_000 }, (_, n) => ({ sku: `S-${n}`, quantity: 1, price: "1.00" }))
    const ran = await firebreak(["run", "-", "--json"], {
      input: ndjson(anOrder("1", { lines, total: "20000.00" }), anOrder("2"))
    })
    assert.deepStrictEqual(outcomes(ran), [
      ["1", "rejected"],
      ["2", "completed"]
    ])
    assert.deepInclude(jsonLines(ran)[0]?.["error"], { _tag: "OrderUnrecordable" })
    assert.strictEqual(ran.code, 1)
  })

  it("stops when somebody else takes the journal, says so, and the new owner goes on", async () => {
    await Effect.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const url = yield* testDatabase
          const args = ["run", "-", "--json", "--journal", url]
          const input = ndjson(anOrder("1"), "no order")
          const cwd = folder.make("taken")
          let taken: Promise<unknown> | undefined
          const ran = yield* Effect.promise(() =>
            firebreak([...args, "--faults", "payment.confirm.slow=600s"], {
              cwd,
              input,
              onLine: () => {
                taken = charging("1", { url }).then(() => takeOver(url))
              }
            })
          )
          yield* Effect.promise(() => taken!)
          assert.deepInclude(jsonLines(ran)[0], { order: "1", outcome: "waiting" })
          assert.match(ran.err, /^the run stopped: .*/m)
          assert.strictEqual(ran.code, 1)
          const next = yield* Effect.promise(() => firebreak(args, { cwd, input }))
          assert.deepInclude(jsonLines(next)[0], { order: "1", outcome: "completed", resumed: true })
        })
      )
    )
  })

  it("keeps its orders in PostgreSQL as well, and shows no password", async () => {
    await Effect.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const journal = new URL(yield* testDatabase)
          if (journal.password === "") journal.searchParams.set("password", "hush")
          const secret = journal.password || "hush"
          const cwd = folder.make("postgres")
          const run = (...args: ReadonlyArray<string>) =>
            Effect.promise(() =>
              firebreak([...args, "--journal", journal.href], {
                cwd,
                input: ndjson(anOrder("1"), anOrder("2", declined))
              })
            )
          const first = yield* run("run", "-", "--json")
          const second = yield* run("run", "-", "--json")
          assert.deepStrictEqual(jsonLines(second), jsonLines(first))
          assert.include(second.err, "of 2 orders 2 were found finished")
          const listed = yield* run("list", "--json")
          assert.deepStrictEqual(
            jsonLines(listed).map(({ order, status }) => [order, status]),
            [
              ["2", "refused"],
              ["1", "completed"]
            ]
          )
          const why = yield* run("why", "2")
          assert.include(why.out, "the payment for order 2 was declined")
          for (const { err, out } of [first, second, listed, why]) assert.notInclude(out + err, secret)
        })
      )
    )
  })
})
