/**
 * How a process that does not own the journal tells an execution something, as the page on workflows shows it.
 */
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import { Effect, Exit, Layer, Schema } from "effect"
import { DurableDeferred, Workflow } from "effect/workflow"
import { Journal, layerSqlite, visitSqlite } from "firebreak/journal"
import { folder } from "../adapters/engine/stores/sqlite/folder.ts"

const Approval = DurableDeferred.make("approval", { success: Schema.String })
const Purchase = Workflow.make("Purchase", {
  payload: { id: Schema.String },
  success: Schema.String,
  idempotencyKey: ({ id }) => id
})
const story = Purchase.toLayer(() => DurableDeferred.await(Approval))

// #region visit
/** By the name of the purchase or by its execution id; visitPostgres does the same. */
const approve = Effect.fnUntraced(function* (file: string, purchase: string, by: string) {
  const visit = yield* visitSqlite(file)
  return yield* visit.signal(purchase, Approval, Exit.succeed(by))
}, Effect.scoped)
// #endregion

it.live("a visitor tells an execution, whether or not somebody owns the journal", () =>
  Effect.gen(function* () {
    const file = join(yield* folder, "shop.db")
    const app = () => Layer.provideMerge(story, layerSqlite({ file }))
    yield* Effect.gen(function* () {
      const journal = yield* Journal
      yield* journal.start(Purchase, { id: "1001" })
      yield* journal.start(Purchase, { id: "1002" })
      assert.strictEqual(yield* approve(file, "1001", "Bea"), "told")
      assert.strictEqual(yield* Purchase.execute({ id: "1001" }), "Bea")
    }).pipe(Effect.provide(app()))
    assert.deepInclude(yield* approve(file, "1002", "Cy"), { _tag: "Pending" })
    assert.strictEqual(yield* Effect.provide(Purchase.execute({ id: "1002" }), app()), "Cy")
  }).pipe(Effect.scoped)
)
