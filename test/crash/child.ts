/**
 * The process that is killed: it opens the journal, and starts the orders that it is told to.
 *
 * The special rule: it ends when who started it is gone, however that went, and takes their folder with it: neither a
 * process nor a file is left behind.
 */
import { Cause, Effect, Exit, Layer, ManagedRuntime } from "effect"
import { Journal, type JournalUnusable, layerPostgres, layerSqlite, type Rest } from "firebreak/journal"
import { rmSync } from "node:fs"
import { flushCompileCache } from "node:module"
import net from "node:net"
import path from "node:path"
import { Order, type Sorry, stories, World } from "./orders.ts"
import type { Plan } from "./plan.ts"
import { type Answer, type FromChild, hear, type Place, say, type ToChild, type Told } from "./wire.ts"

const place = process.argv[2]!
const endAlone = () => {
  rmSync(path.dirname(place), { recursive: true, force: true })
  process.exit(1)
}
const socket = net.connect(place).on("error", endAlone).on("close", endAlone)
const tell = (message: FromChild) => say(socket, message)

// ── The world, as it is reached from here ────────────────────────────────────────────────────────────────────────────

let questions = 0
const waiting = new Map<number, (answer: Answer) => void>()
const world = Layer.succeed(World, {
  ask: (question) =>
    Effect.callback((resume) => {
      const number = ++questions
      waiting.set(number, (answer) => resume(Effect.succeed(answer)))
      tell({ say: "asks", number, question })
    })
})

// ── The journal ──────────────────────────────────────────────────────────────────────────────────────────────────────

const journalAt = (place: Place) =>
  "file" in place ? layerSqlite({ file: place.file }) : patiently(layerPostgres({ url: place.url }))

/** The server may need longer to notice that the process before is gone than who opens the journal waits for it. */
const patiently = <A>(journal: Layer.Layer<A, JournalUnusable>) =>
  Layer.effectContext(Effect.retry(Layer.build(journal), { while: ({ because }) => because === "Owned", times: 40 }))

const open = (place: Place) =>
  ManagedRuntime.make(stories.pipe(Layer.provide(world), Layer.provideMerge(journalAt(place))))

let runtime: ReturnType<typeof open> | undefined
let isLeaving = false
const failed = (problem: unknown) => {
  if (!isLeaving) tell({ say: "fails", message: problem instanceof Error ? (problem.stack ?? "") : String(problem) })
}

/** Nobody need wait for a journal that cannot be opened. */
const endInVain = (problem: unknown) => {
  failed(problem)
  socket.off("close", endAlone).end(() => process.exit(1))
}

const start = (plan: Plan, waits: boolean) =>
  Effect.gen(function* () {
    const journal = yield* Journal
    const id = yield* journal.start(Order, plan)
    tell({ say: "acknowledges", order: plan.id, id })
    if (waits) tell({ say: "tells", order: plan.id, told: toldOf(yield* journal.run(Order, plan)) })
  })

const toldOf = ({
  exit,
  found,
  status,
  undone
}: Rest<ReadonlyArray<string>, Sorry | { readonly _tag: string }>): Told => {
  const error = exit === undefined || Exit.isSuccess(exit) ? undefined : Cause.squash(exit.cause)
  const result =
    exit !== undefined && Exit.isSuccess(exit)
      ? exit.value
      : typeof error === "object" && error !== null && "_tag" in error
        ? String(error._tag)
        : ""
  return { status, found, result, undone }
}

hear<ToChild>(socket, (message) => {
  switch (message.say) {
    case "open":
      runtime = open(message.place)
      return void runtime.runPromise(Journal).then(() => {
        tell({ say: "opened" })
        // What is killed writes down nothing by itself of what it has compiled.
        flushCompileCache()
      }, endInVain)
    case "start":
      return void runtime!.runPromise(start(message.plan, message.waits)).catch(failed)
    case "answer":
      waiting.get(message.number)?.(message.answer)
      return void waiting.delete(message.number)
    case "leave":
      isLeaving = true
      return void runtime!.dispose().then(() => process.exit(0))
  }
})
