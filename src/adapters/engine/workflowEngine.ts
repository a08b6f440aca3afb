/**
 * Effect's interface to the engine: what plain workflows, activities, deferreds and clocks see.
 *
 * The special rule: everything waits in place. Nothing here answers `Suspended` to a story, so nothing is run again
 * because something else has happened.
 *
 * Not here: the engine (`Engine.ts`), and the typed side of the journal (`makeJournal.ts`).
 */
import { Cause, Context, Duration, Effect, Exit, Fiber, Option } from "effect"
import * as Workflow from "effect/workflow/Workflow"
import * as WorkflowEngine from "effect/workflow/WorkflowEngine"
import { currentPlace } from "../../supervision/index.ts"
import { StepRunner } from "../../workflows/StepRunner.ts"
import { interrupt, poll, tell } from "./betweenStories.ts"
import { codecsOf } from "./codecs.ts"
import { ChildCall } from "./ChildCall.ts"
import { ChildCancelled, ExecutionBlocked, ExecutionStuck } from "./defects.ts"
import { readOutcome } from "./ending.ts"
import type { Engine } from "./Engine.ts"
import { decodeExit, type ExitJson } from "./exits.ts"
import type { Call } from "./Call.ts"
import { runFromOutside, startFromOutside } from "./fromOutside.ts"
import { leaveWorkflow, leaving } from "./leaving.ts"
import type { Registered } from "./Registered.ts"
import { refuseSecretsOf, refuseUnusable } from "./refuseWorkflow.ts"
import { signalNamed } from "./signalling.ts"
import { startExecution } from "./starting.ts"
import { realSurroundings } from "./storySurroundings.ts"
import { Story } from "./story.ts"
import type { ExecutionRow } from "./Store.ts"

type Result = Workflow.Result<unknown, unknown>

export const makeWorkflowEngine = (engine: Engine): WorkflowEngine.WorkflowEngine["Service"] => {
  const encoded: WorkflowEngine.Encoded = {
    register: (workflow, execute) =>
      Effect.flatMap(Effect.context<never>(), (services) =>
        Effect.acquireRelease(
          Effect.sync(() => {
            refuseUnusable(workflow)
            const codecs = codecsOf(workflow, services)
            const registered: Registered = {
              ...codecs,
              workflow,
              execute,
              services,
              runningOutside: 0,
              isClosed: false
            }
            engine.registry.add(registered)
            engine.recovery.scanSoon()
            return registered
          }),
          (registered) => leaving(engine, (left) => leaveWorkflow(engine, registered, left))
        )
      ),
    execute: (workflow, { detached, discard, executionId, payload }) =>
      Effect.suspend(() => {
        const story = currentStory()
        if (story !== undefined)
          return executeChild(engine, story, workflow, executionId, payload, discard, detached === true)
        return executeFromOutside(engine, workflow, executionId, payload, discard)
        // sound: with `discard` nothing is answered, without it a result, and which of them is not known here
      }) as Effect.Effect<never>,
    poll: (workflow, executionId) =>
      Effect.suspend(() => poll(engine, currentStory(), executionId, (outcome) => outcomeOf(workflow, outcome))),
    interrupt: (_workflow, executionId) => Effect.suspend(() => interrupt(engine, currentStory(), executionId)),
    // There is no unsafe way to interrupt: what was done is known, and is taken back.
    interruptUnsafe: (_workflow, executionId) => Effect.suspend(() => interrupt(engine, currentStory(), executionId)),
    resume: (_workflow, executionId) => Effect.sync(() => engine.recovery.resume(executionId)),
    activityExecute: (activity, attempt) =>
      Effect.withFiber((fiber) => {
        const story = storyOf(fiber.context)
        if (story === undefined) return Effect.die(new Error(`the activity "${activity.name}" runs outside of a story`))
        refuseSecretsOf(story.instance.workflow._tag, "activity", activity)
        const instance = WorkflowEngine.WorkflowInstance.initial(story.instance.workflow, story.instance.executionId)
        // Effect sleeps short times in an activity: here they are timers like all others.
        if (activity.name.startsWith("DurableClock/")) {
          return Workflow.intoResult(activity.executeEncoded).pipe(
            Effect.provideService(WorkflowEngine.WorkflowInstance, instance)
          )
        }
        const effect = Effect.flatMap(
          Workflow.intoResult(activity.executeEncoded).pipe(
            Effect.provideService(WorkflowEngine.WorkflowInstance, instance)
          ),
          (result) => (result._tag === "Complete" ? result.exit : Effect.interrupt)
        )
        const context = realSurroundings(fiber.context, story.run.registered.services)
        const run = story.activity(`${activity.name}/${attempt}`, effect as Effect.Effect<unknown, unknown>, context) // sound: what it needs is in its story's context
        return Effect.map(Effect.exit(run), (exit): Result => new Workflow.Complete({ exit }))
      }),
    deferredResult: (deferred) =>
      Effect.withFiber((fiber) => {
        const instance = Context.get(
          fiber.context as Context.Context<WorkflowEngine.WorkflowInstance>,
          WorkflowEngine.WorkflowInstance
        ) // sound: asked for by the type of the method
        const story = storyOf(fiber.context) ?? engine.runs.get(instance.executionId)?.story
        if (story === undefined) return Effect.succeedNone
        const known = story.run.history.signals.get(deferred.name)
        if (known !== undefined) return Effect.succeedSome(readExit(known))
        refuseSecretsOf(instance.workflow._tag, "durable deferred", deferred)
        // A look is answered at once; who awaits is registered as awaiting.
        if (!instance.awaitedDeferreds.has(deferred.name)) return Effect.succeedNone
        return Effect.map(story.signal(deferred.name), (exit) => Option.some(readExit(exit)))
      }),
    deferredDone: ({ deferredName, executionId, exit }) =>
      Effect.withFiber((fiber) => {
        const data = engine.fitting(signalNamed(deferredName, exit).exit, `the signal "${deferredName}"`)
        const story = storyOf(fiber.context)
        if (story?.run.row.id === executionId) return story.say(deferredName, data)
        return tell(engine, story, executionId, deferredName, data)
      }),
    scheduleClock: (_workflow, { clock }) =>
      Effect.withFiber((fiber) => {
        const story = storyOf(fiber.context)
        if (story !== undefined) return story.startClock(clock.deferred.name, Duration.toMillis(clock.duration))
        return Effect.die(
          new Error(
            `the durable clock "${clock.name}" is outside of a story, perhaps in an activity: sleep in the body`
          )
        )
      })
  }
  const typed = WorkflowEngine.makeUnsafe(encoded)
  return {
    ...typed,
    // What is sent is encoded before `encoded` sees it; here its schemas are at hand.
    deferredDone: (deferred, options) =>
      Effect.suspend(() => {
        refuseSecretsOf(options.workflowName, "durable deferred", deferred)
        return typed.deferredDone(deferred, options)
      })
  }
}

const readExit = (json: string): Exit.Exit<unknown, unknown> => decodeExit(JSON.parse(json) as ExitJson)

const storyOf = (context: Context.Context<never>): Story | undefined => {
  const runner = Context.get(context, StepRunner)
  return runner instanceof Story ? runner : undefined
}
const currentStory = (): Story | undefined => storyOf(Fiber.getCurrent()!.context) // an effect is evaluated by a fiber

/** Effect's interface has no place for a conflict: it is a defect there. */
const executeFromOutside = (
  engine: Engine,
  workflow: Workflow.Any,
  id: string,
  payload: object,
  discard: boolean
): Effect.Effect<Result | void> => {
  const start = { workflow, id, payload }
  const executed = discard
    ? startFromOutside(engine, start)
    : Effect.flatMap(runFromOutside(engine, start), ({ row }) => resultOf(workflow, row))
  return Effect.catchTag(executed, "PayloadConflict", (conflict) => Effect.die(conflict))
}

export const resultOf = (workflow: Workflow.Any, row: ExecutionRow): Effect.Effect<Result> => {
  if (row.status === "stuck") return Effect.die(new ExecutionStuck({ id: row.id, reason: reasonOf(row) }))
  if (row.status === "blocked") return Effect.die(new ExecutionBlocked({ id: row.id, reason: reasonOf(row) }))
  return Effect.sync(() => new Workflow.Complete({ exit: outcomeOf(workflow, row.outcome!) }))
}

/** The recorded outcome, with values and errors as the workflow's schemas make them. */
export const outcomeOf = (workflow: Workflow.Any, outcome: string): Exit.Exit<unknown, unknown> =>
  codecsOf(workflow).decodeExit(readOutcome(outcome))

const reasonOf = (row: ExecutionRow): string =>
  row.why === null ? "" : (JSON.parse(row.why) as { message: string }).message

const executeChild = (
  engine: Engine,
  story: Story,
  workflow: Workflow.Any,
  id: string,
  payload: object,
  discard: boolean,
  detached: boolean
): Effect.Effect<Result | void> => {
  const parent = detached ? null : story.run.row.id
  const live = (call: Call) =>
    new ChildCall(
      story.run,
      call,
      (started) => startExecution(engine, { workflow, id, payload, parent }, started, true),
      detached
    )
  const data = JSON.stringify({
    workflow: workflow._tag,
    ...currentPlace(Fiber.getCurrent()!.context),
    ...(discard ? { discard } : {}),
    ...(detached ? { detached } : {})
  })
  if (discard) return story.begin("child", id, data, live)
  return Effect.map(story.child(id, data, live), (outcome): Result => {
    const exit = outcomeOf(workflow, outcome as string) // sound: the outcome is JSON text
    const isCancelled = Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)
    return new Workflow.Complete({
      exit: isCancelled ? Exit.die(new ChildCancelled({ workflow: workflow._tag, id })) : exit
    })
  })
}
