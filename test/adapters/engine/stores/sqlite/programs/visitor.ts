/**
 * A process that looks at a journal, says what it sees, and asks for something.
 *
 *   node visitor.ts FILE
 */
import { Effect, Option } from "effect"
import { openVisitor } from "../../../../../../src/adapters/engine/stores/sqlite/openVisitor.ts"

const [, , file = ""] = process.argv

const program = Effect.gen(function* () {
  const visitor = yield* openVisitor(file)
  const rows = yield* visitor.list({ limit: 100 })
  const owner = yield* visitor.owner
  const asked = yield* Effect.result(visitor.inbox.ask({ execution: "id-1", kind: "cancel", data: "{}", askedAt: 1 }))
  console.log(
    JSON.stringify({
      seen: rows.length,
      owner: Option.getOrNull(owner),
      asked: asked._tag === "Success" ? asked.success : asked.failure.message
    })
  )
})

await Effect.runPromise(
  Effect.scoped(program).pipe(Effect.catch((error) => Effect.sync(() => console.log(JSON.stringify({ error })))))
)
