/**
 * A name that executions of several workflows have: no verb guesses which one is meant.
 */
import path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { Workflow } from "effect/workflow"
import { Journal, layerSqlite } from "firebreak/journal"
import { Step } from "firebreak/workflows"
import { anOrder, firebreak, jsonLines, makeFolder, ndjson } from "./command.ts"

const folder = makeFolder()
afterAll(folder.remove)

const post = Step.make("post", { do: () => Effect.die(new Error("no answer")), undo: "nothing", unknown: "ask" })
const Letter = Workflow.make("Letter", { payload: { id: Schema.String }, idempotencyKey: ({ id }) => id })
const Invoice = Workflow.make("Invoice", { payload: { id: Schema.String }, idempotencyKey: ({ id }) => id })

const stories = Layer.merge(
  Letter.toLayer(({ id }) => (id === "1001" ? post() : Effect.void)),
  Invoice.toLayer(() => Effect.void)
)
const writeInto = (file: string, letters: Effect.Effect<void, unknown, Journal>) =>
  letters.pipe(Effect.provide(Layer.provideMerge(stories, layerSqlite({ file }))), Effect.runPromise)

/** A journal with a letter 1001 that needs a person, and an invoice 1001. */
const file = path.join(folder.path, "shop.db")
const ids: Array<string> = []
beforeAll(() =>
  writeInto(
    file,
    Journal.use((journal) =>
      Effect.gen(function* () {
        const letter = yield* journal.run(Letter, { id: "1001" })
        const invoice = yield* journal.run(Invoice, { id: "1001" })
        ids.push(letter.id, invoice.id)
      })
    )
  )
)

const ask = (...args: ReadonlyArray<string>) => firebreak([...args, "--journal", file])

describe.concurrent("a name that two workflows use", () => {
  it("is refused with both, by every verb: code 2", async () => {
    const settle = ["settle", "1001", "post", "--absent"]
    for (const args of [["show", "1001"], ["why", "1001"], ["cancel", "1001"], ["retry", "1001"], settle]) {
      const ran = await ask(...args)
      const both = `Letter ${ids[0]}, Invoice ${ids[1]}`
      assert.strictEqual(
        ran.err,
        `firebreak: the journal knows several executions "1001": ${both}. Say which by its id\n`
      )
      assert.deepStrictEqual([ran.out, ran.code], ["", 2])
    }
    const listed = jsonLines(await ask("list", "--json"))
    assert.sameDeepMembers(
      listed.map(({ execution, status }) => [execution, status]),
      [
        [ids[0], "stuck"],
        [ids[1], "completed"]
      ]
    )
  })

  it("is told apart by the id of the execution, which is what a person is told to type next", async () => {
    const shown = await ask("show", ids[0]!)
    assert.match(shown.out, /^1001 is stuck {2}\(Letter, /)
    assert.include(shown.out, `firebreak settle ${ids[0]} post --absent --journal `)
    assert.match((await ask("show", ids[1]!)).out, /^1001 is completed {2}\(Invoice, /)
    const settled = await ask("settle", ids[0]!, "post", "--absent", "--json")
    assert.deepInclude(JSON.parse(settled.out), { order: ids[0], step: "post", pending: 1 })
  })

  it("is no hindrance to a run of orders, which knows which are its own", async () => {
    const orders = path.join(folder.path, "orders.db")
    await writeInto(
      orders,
      Journal.use((journal) => Effect.asVoid(journal.run(Letter, { id: "2" })))
    )
    const run = (order: object, ...args: ReadonlyArray<string>) =>
      firebreak(["run", "-", "--json", "--journal", orders, ...args], { input: ndjson(order) })
    const declined = await run(anOrder("2", { payment: { method: "pm_card_chargeDeclined" } }))
    assert.deepInclude(jsonLines(declined)[0], { order: "2", outcome: "refused" })
    assert.deepInclude(jsonLines(await run(anOrder("2"), "--again"))[0], { order: "2", outcome: "completed" })
  })
})
