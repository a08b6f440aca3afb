/**
 * Promises about plain workflows (activities, deferreds, clocks, compensations), asked of three engines: ours, Effect's
 * memory engine and Effect's cluster engine on one runner. Prints which of them keeps which.
 *
 * The table in docs/decisions/0014-what-the-stock-engines-do.md is what this prints. It takes half a minute, because the
 * cluster engine is asked in real time.
 */
import { Cause, Effect, Exit, Fiber, Layer, Option, References, Schema } from "effect"
import * as ClusterWorkflowEngine from "effect/cluster/ClusterWorkflowEngine"
import * as SingleRunner from "effect/cluster/SingleRunner"
import { layerWebCrypto } from "effect/crypto/Digest"
import * as Activity from "effect/workflow/Activity"
import * as DurableClock from "effect/workflow/DurableClock"
import * as DurableDeferred from "effect/workflow/DurableDeferred"
import * as Workflow from "effect/workflow/Workflow"
import * as WorkflowEngine from "effect/workflow/WorkflowEngine"
import { layerSqlite } from "firebreak/journal"
import { coroutineScope } from "firebreak/supervision"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { layer as peerSqlite } from "./durable/peerSqlite.ts"

const Go = DurableDeferred.make("go", { success: Schema.String })

type Story = Effect.Effect<unknown, unknown, any>
interface Trial {
  /** What the story, its steps and its compensations did, in order. */
  readonly trail: Array<string>
  readonly log: (what: string) => Effect.Effect<void>
  readonly step: (name: string, inside?: Effect.Effect<unknown, unknown>) => Effect.Effect<unknown, any, any>
}

const W = (name: string) =>
  Workflow.make(name, {
    payload: { id: Schema.String, note: Schema.String },
    success: Schema.Unknown,
    error: Schema.Unknown,
    idempotencyKey: ({ id }) => id
  })

const trial = (): Trial => {
  const trail: Array<string> = []
  const log = (what: string) => Effect.sync(() => void trail.push(what))
  const step = (name: string, inside: Effect.Effect<unknown, unknown> = Effect.void) =>
    Activity.make({
      name,
      success: Schema.Unknown,
      error: Schema.Unknown,
      execute: Effect.andThen(
        log(`${name} begins`),
        Effect.tap(Effect.as(inside, name), () => log(`${name} ends`))
      )
    })
  return { trail, log, step }
}

type Ask = (how: {
  readonly execute: Effect.Effect<unknown, unknown, any>
  readonly executeOther: Effect.Effect<unknown, unknown, any>
  readonly id: string
  readonly workflow: ReturnType<typeof W>
  readonly trial: Trial
}) => Effect.Effect<boolean, unknown, any>

const within = (seconds: number, effect: Effect.Effect<unknown, unknown, any>) =>
  Effect.timeoutOption(Effect.exit(effect), seconds * 1000)
const count = (trail: ReadonlyArray<string>, what: string) => trail.filter((each) => each === what).length

const promises: ReadonlyArray<readonly [promise: string, story: (trial: Trial) => Story, ask: Ask]> = [
  [
    "a scope that fails has ended before the workflow has: the clean-up of its other job too",
    ({ log, step }) =>
      coroutineScope(function* (scope) {
        yield* scope.launch(Effect.onInterrupt(Effect.never, () => Effect.andThen(Effect.sleep(50), log("cleaned up"))))
        yield* scope.launch(Effect.andThen(step("a"), Effect.fail("sorry")))
        yield* Effect.never
      }),
    ({ execute, trial }) => Effect.map(within(5, execute), () => trial.trail.includes("cleaned up"))
  ],
  [
    "a cancel while the last step runs is not ignored",
    ({ step }) => step("last", Effect.sleep(300)),
    ({ execute, id, workflow }) =>
      Effect.gen(function* () {
        const running = yield* Effect.forkChild(within(5, execute))
        yield* Effect.sleep(100)
        yield* workflow.interrupt(id)
        const ended = yield* Fiber.join(running)
        return Option.isSome(ended) && Exit.isFailure(ended.value)
      })
  ],
  [
    "a cancel during a short sleep is honoured before the sleep is over",
    () => DurableClock.sleep({ name: "short", duration: "3 seconds" }),
    ({ execute, id, workflow }) =>
      Effect.gen(function* () {
        const running = yield* Effect.forkChild(within(5, execute))
        yield* Effect.sleep(200)
        const asked = Date.now()
        yield* workflow.interrupt(id)
        yield* Fiber.join(running)
        return Date.now() - asked < 1000
      })
  ],
  [
    "a compensation that dies is not tried for ever, and the others run once",
    ({ log, step }) =>
      Effect.gen(function* () {
        yield* Workflow.withCompensation(step("a"), () => log("undo a"))
        yield* Workflow.withCompensation(step("b"), () => Effect.andThen(log("undo b"), Effect.die("broken")))
        return yield* Effect.fail("sorry")
      }),
    ({ execute, trial }) =>
      Effect.map(
        Effect.andThen(within(4, execute), Effect.sleep(1000)),
        () => count(trial.trail, "undo a") === 1 && count(trial.trail, "undo b") === 1
      )
  ],
  [
    "a signal that comes while a step runs beside it does not start that step again",
    ({ step }) =>
      Effect.all([step("slow", Effect.sleep(600)), DurableDeferred.await(Go)], { concurrency: "unbounded" }),
    ({ execute, id, trial, workflow }) =>
      Effect.gen(function* () {
        const running = yield* Effect.forkChild(within(5, execute))
        yield* Effect.sleep(200)
        const token = DurableDeferred.tokenFromExecutionId(Go, { workflow, executionId: id })
        yield* DurableDeferred.succeed(Go, { token, value: "now" })
        yield* Fiber.join(running)
        return count(trial.trail, "slow begins") === 1
      })
  ],
  [
    "a durable sleep of one second is over within a tenth of a second of its time",
    () => DurableClock.sleep({ name: "one", duration: "1 second", inMemoryThreshold: 0 }),
    ({ execute }) =>
      Effect.gen(function* () {
        const asked = Date.now()
        yield* within(14, execute)
        return Math.abs(Date.now() - asked - 1000) < 100
      })
  ],
  [
    "the same key with another payload is refused",
    ({ step }) => step("a"),
    ({ execute, executeOther }) =>
      Effect.gen(function* () {
        yield* within(3, execute)
        const other = yield* within(3, executeOther)
        return Option.isSome(other) && Exit.isFailure(other.value)
      })
  ],
  [
    "a finished execution that is asked for again is looked up, not run again",
    ({ step }) => step("a"),
    ({ execute, trial }) =>
      Effect.map(Effect.andThen(within(3, execute), within(3, execute)), () => count(trial.trail, "a begins") === 1)
  ],
  [
    "several that wait for one execution are told one result",
    ({ step }) => step("a", Effect.sleep(100)),
    ({ execute, trial }) =>
      Effect.map(
        Effect.all([within(3, execute), within(3, execute)], { concurrency: "unbounded" }),
        () => count(trial.trail, "a begins") === 1
      )
  ]
]

const folder = mkdtempSync(join(tmpdir(), "firebreak-stock-"))
let files = 0
const engines: Record<string, () => Layer.Layer<WorkflowEngine.WorkflowEngine, any>> = {
  Firebreak: () => layerSqlite({ file: join(folder, `${files++}.db`) }),
  "Effect, memory": () => WorkflowEngine.layerMemory,
  "Effect, cluster": () =>
    ClusterWorkflowEngine.layer.pipe(
      Layer.provideMerge(SingleRunner.layer({ shardingConfig: { simulateRemoteSerialization: false } })),
      Layer.provide(peerSqlite(join(folder, `${files++}.db`))),
      Layer.provide(layerWebCrypto)
    )
}

const keeps = (
  name: string,
  engine: Layer.Layer<WorkflowEngine.WorkflowEngine, any>,
  [, story, ask]: (typeof promises)[number]
) =>
  Effect.gen(function* () {
    const tried = trial()
    const workflow = W(name)
    const layer = Layer.provideMerge(
      workflow.toLayer(() => story(tried) as Effect.Effect<unknown, unknown>),
      engine
    )
    const payload = { id: "1", note: "one" }
    return yield* Effect.gen(function* () {
      const id = yield* workflow.executionId(payload)
      const execute = workflow.execute(payload)
      return yield* ask({
        execute,
        executeOther: workflow.execute({ id: "1", note: "two" }),
        id,
        workflow,
        trial: tried
      })
    }).pipe(Effect.provide(layer))
  }).pipe(
    Effect.scoped,
    Effect.timeoutOption("20 seconds"),
    Effect.map(Option.getOrElse(() => false)),
    Effect.catchCause((cause) => Effect.as(Effect.logDebug(Cause.pretty(cause)), false)),
    // The engines log what goes wrong in the workflows on purpose.
    Effect.provideService(References.MinimumLogLevel, "None")
  ) as Effect.Effect<boolean> // sound: the services are those of the engine, which was provided

console.log(`| promise | ${Object.keys(engines).join(" | ")} |`)
console.log(
  `|---|${Object.keys(engines)
    .map(() => "---")
    .join("|")}|`
)
for (const [at, promise] of promises.entries()) {
  const kept: Array<boolean> = []
  for (const engine of Object.values(engines)) kept.push(await Effect.runPromise(keeps(`W${at}`, engine(), promise)))
  console.log(`| ${promise[0]} | ${kept.map((each) => (each ? "kept" : "**not kept**")).join(" | ")} |`)
}
rmSync(folder, { recursive: true, force: true })
process.exit(0)
