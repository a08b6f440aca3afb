/**
 * What completes a durable deferred, as a journal writes it down: typed and encoded by Effect itself.
 *
 * Not here: who is told (`requests.ts`).
 */
import { Effect, Exit } from "effect"
import type { Schema } from "effect"
import type * as DurableDeferred from "effect/workflow/DurableDeferred"
import * as WorkflowEngine from "effect/workflow/WorkflowEngine"
import { encodeExit } from "./exits.ts"
import { refuseSecretsOf } from "./refuseWorkflow.ts"
import { unstorableText } from "./stores/rows/unstorable.ts"

/** What a request to signal says. */
export interface Signal {
  readonly name: string
  readonly exit: string
}

/** Dies where it cannot be written down: as Effect's own way does. The workflow is not known before its execution is. */
export const signalOf = <S extends Schema.Constraint, E extends Schema.Constraint>(
  workflow: string | undefined,
  deferred: DurableDeferred.DurableDeferred<S, E>,
  exit: Exit.Exit<S["Type"], E["Type"]>
): Effect.Effect<Signal, never, S["EncodingServices"] | E["EncodingServices"]> =>
  Effect.suspend(() => {
    refuseSecretsOf(workflow, "durable deferred", deferred)
    let encoded: Exit.Exit<unknown, unknown> = Exit.void
    const encoder = WorkflowEngine.makeUnsafe({
      deferredDone: ({ exit }) => Effect.sync(() => void (encoded = exit))
    } as WorkflowEngine.Encoded) // sound: nothing else of it is called
    const done = encoder.deferredDone(deferred, {
      workflowName: "",
      executionId: "",
      deferredName: deferred.name,
      exit
    })
    return Effect.map(done, () => signalNamed(deferred.name, encoded))
  })

/** `exit` as Effect encoded it. */
export const signalNamed = (name: string, exit: Exit.Exit<unknown, unknown>): Signal => {
  const unstorable = unstorableText("its name", name)
  if (unstorable !== undefined) throw new Error(`the signal cannot be written down: ${unstorable}`)
  return { name, exit: JSON.stringify(encodeExit(exit)) }
}
