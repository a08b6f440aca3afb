/**
 * What a story wants of other executions: how they are, that they end, that they are told something.
 *
 * The special rule: asked from outside it is done at once; asked by a story it is recorded like an activity, so that the
 * story is told the same each time, and what it asks for is not lost with its process.
 *
 * Not here: children (`ChildCall.ts`), and what a story tells itself (`story.ts`).
 */
import { Effect, Exit, Option } from "effect"
import * as Workflow from "effect/workflow/Workflow"
import { cancelExecution } from "./cancelling.ts"
import type { Engine } from "./Engine.ts"
import { signal } from "./requests.ts"
import { ends, type ExecutionRow } from "./Store.ts"
import type { Story } from "./story.ts"
import { realSurroundings } from "./storySurroundings.ts"

/** `story` is who asks, if it is one. `what` says in the journal what it asked for. */
const asking = <A>(story: Story | undefined, what: string, effect: Effect.Effect<A>): Effect.Effect<A> =>
  Effect.withFiber((fiber) => {
    if (story === undefined) return effect
    const surroundings = realSurroundings(fiber.context, story.run.registered.services)
    return story.activity(what, effect, surroundings) as Effect.Effect<A> // sound: what these give is JSON
  })

/** How far it is: nothing yet, or waiting, or its outcome, as it is recorded. */
type Polled = "nothing" | "waiting" | { readonly outcome: string }

export const poll = (
  engine: Engine,
  story: Story | undefined,
  id: string,
  decode: (outcome: string) => Exit.Exit<unknown, unknown>
): Effect.Effect<Option.Option<Workflow.Result<unknown, unknown>>> =>
  Effect.map(asking(story, `poll ${id}`, Effect.map(found(engine, id), polled)), (polled) => {
    if (polled === "nothing") return Option.none()
    if (polled === "waiting") return Option.some(new Workflow.Suspended({}))
    return Option.some(new Workflow.Complete({ exit: decode(polled.outcome) }))
  })

const polled = (row: ExecutionRow | undefined): Polled => {
  if (row === undefined || row.status === "running" || row.status === "undoing") return "nothing"
  return row.endedAt === null ? "waiting" : { outcome: row.outcome! }
}

const found = (engine: Engine, id: string): Effect.Effect<ExecutionRow | undefined> =>
  engine.awaited.answerOf((answer) => {
    const run = engine.runs.get(id)
    if (run !== undefined && run.row.endedAt === null) return answer(run.row)
    engine.asking.lookUp(id, answer)
  })

/** Cancels an execution. Who is being cancelled himself asks for nothing more: his linked children are cancelled with him. */
export const interrupt = (engine: Engine, story: Story | undefined, id: string): Effect.Effect<void> => {
  if (story?.instance.interrupted === true) return Effect.void
  const cancel = engine.awaited.answerOf<void>((answer) =>
    cancelExecution(engine, id, (row) => {
      // Who cannot run here finds it in the inbox when he can.
      const isElsewhere = row !== undefined && !ends.has(row.status) && engine.registry.open(row.workflow) === undefined
      if (!isElsewhere) return answer()
      const request = { execution: id, kind: "cancel" as const, data: "null", askedAt: engine.now() }
      engine.asking.ask(engine.store.inbox.ask(request), () => answer())
    })
  )
  return asking(story, `cancel ${id}`, cancel)
}

/** Tells an execution something; one that does not exist, or cannot run here yet, is told when it does. */
export const tell = (
  engine: Engine,
  story: Story | undefined,
  id: string,
  name: string,
  exit: string
): Effect.Effect<void> =>
  asking(
    story,
    `signal ${name} to ${id}`,
    engine.awaited.answerOf<void>((told) =>
      signal(engine, id, { name, exit }, (answer) => {
        if ("ok" in answer) return told()
        const data = JSON.stringify({ name, exit })
        const request = { execution: id, kind: "signal" as const, data, askedAt: engine.now() }
        engine.asking.ask(engine.store.inbox.ask(request), () => told())
      })
    )
  )
