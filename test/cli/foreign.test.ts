/**
 * The verbs on the journal of somebody else's program: what its executions failed with, and what a person can do there.
 */
import path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Schema } from "effect"
import { DurableDeferred, Workflow } from "effect/workflow"
import { coroutineScope } from "firebreak"
import { Journal, layerSqlite } from "firebreak/journal"
import { Step } from "firebreak/workflows"
import { firebreak, makeFolder } from "./command.ts"

const folder = makeFolder()
afterAll(folder.remove)

class NoMore extends Schema.TaggedError<NoMore>()("NoMore", { sku: Schema.String, left: Schema.Int }) {}

const take = Step.make("take", { do: (_sku: string) => Effect.void, undo: "nothing", unknown: "repeat" })
const pack = Step.make("pack", { do: (_sku: string) => Effect.void, undo: "nothing", unknown: "repeat" })
const weigh = Step.make("weigh", {
  success: Schema.Int,
  do: (_sku: string) => Effect.die(new Error("no answer")),
  undo: "nothing",
  unknown: "ask"
})
const Word = DurableDeferred.make("word")
const Sale = Workflow.make("Sale", {
  payload: { id: Schema.String },
  error: NoMore,
  idempotencyKey: ({ id }) => id
})

const inJob = coroutineScope(function* (scope) {
  const tea = yield* scope.async(Effect.andThen(take("TEA"), Effect.fail(new NoMore({ sku: "TEA", left: 1 }))), {
    name: "tea"
  })
  yield* tea.await
})
const monday = Sale.toLayer(({ id }) =>
  Effect.gen(function* () {
    if (id === "tea") return yield* inJob
    if (id === "weighed") return yield* Effect.asVoid(weigh("MUG-1"))
    yield* take("MUG-1")
    if (id === "refused") return yield* new NoMore({ sku: "MUG-1", left: 0 })
    yield* id === "changed" ? DurableDeferred.await(Word) : Effect.sleep("1 day")
  })
)
const tuesday = Sale.toLayer(() => Effect.andThen(pack("MUG-1"), Effect.sleep("1 day")))

const file = path.join(folder.path, "shop.db")
const on = (story: typeof monday, what: Effect.Effect<unknown, unknown, Journal>) =>
  Effect.runPromise(Effect.provide(what, Layer.provideMerge(story, layerSqlite({ file }))))
const until = (journal: typeof Journal.Service, id: string, wanted: string) =>
  Effect.repeat(journal.show(id), { until: ({ status }) => status === wanted })

beforeAll(async () => {
  const begin = Effect.gen(function* () {
    const journal = yield* Journal
    for (const id of ["refused", "tea", "weighed"]) yield* journal.run(Sale, { id })
    for (const id of ["changed", "waits"]) yield* journal.start(Sale, { id })
    for (const id of ["changed", "waits"]) yield* until(journal, id, "suspended")
  })
  await on(monday, begin)
  await on(
    tuesday,
    // The word that it waits for begins it again.
    Journal.use((journal) =>
      Effect.andThen(journal.signal("changed", Word, Exit.void), until(journal, "changed", "blocked"))
    )
  )
})

const ask = (...args: ReadonlyArray<string>) => firebreak([...args, "--journal", file])
const nobody = "nobody owns the journal: it goes on at the next start of the program that does\n"

describe.concurrent("on the journal of another program", () => {
  it("why names an error without a message once, with its fields, and draws no empty line into the tree", async () => {
    const said = `NoMore: sku "MUG-1", left 0`
    assert.strictEqual(
      (await ask("why", "refused")).out,
      `refused is refused: ${said}\n\nSale     failed: ${said}\n└─ take  done\n`
    )
    assert.include((await ask("show", "refused")).out, `\n\n${said}\n`)
    assert.include((await ask("why", "tea")).out, `└─ tea      failed: NoMore: sku "TEA", left 1\n`)
  })

  it("show and why say of what is not over that nobody is there to go on with it", async () => {
    assert.strictEqual((await ask("why", "waits")).out, `waits is suspended: nothing has failed\n\n${nobody}`)
    const shown = await ask("show", "waits")
    assert.isTrue(shown.out.endsWith(`\n\n${nobody}`), shown.out)
    for (const id of ["refused", "weighed"]) assert.notInclude((await ask("show", id)).out, "nobody owns")
    assert.deepStrictEqual(JSON.parse((await ask("why", "waits", "--json")).out), {
      order: "waits",
      status: "suspended",
      why: null
    })
  })

  it("why of a blocked one offers to cancel it besides trying it again", async () => {
    const { out } = await ask("why", "changed")
    assert.match(out, /^changed is blocked: the workflow has changed, or depends on something outside of the journal: /)
    assert.match(out, /^to try it again: {4}firebreak retry changed --journal .+$/m)
    assert.match(out, /^to take it back: {4}firebreak cancel changed --journal .+$/m)
    assert.notInclude(out, "\n\n\n")
  })

  it("why of a stuck one says where the result goes", async () => {
    const { out } = await ask("why", "weighed")
    assert.match(out, /^if it happened: {5}firebreak settle weighed weigh --done '<JSON of its result>' --journal .+$/m)
  })

  it("says of a request that nobody has answered that the next start of that program does it", async () => {
    const { code, out } = await ask("cancel", "weighed")
    const when = "whoever owns the journal carries it out; if nobody does, the next start of the program that owns it"
    assert.match(out, /^cancel weighed: it is written down as request \d+, and nobody has answered yet: /)
    assert.isTrue(out.endsWith(`${when}\n`), out)
    assert.strictEqual(code, 0)
  })
})
