/**
 * A workflow that has a layer here: how its story runs, and with what its steps and undos run.
 */
import type { Context, Effect } from "effect"
import type * as Workflow from "effect/workflow/Workflow"
import type { WorkflowEngine, WorkflowInstance } from "effect/workflow/WorkflowEngine"
import type { Codecs } from "./codecs.ts"

export interface Registered extends Codecs {
  readonly workflow: Workflow.Any
  readonly execute: (payload: object, id: string) => Effect.Effect<unknown, unknown, WorkflowInstance | WorkflowEngine>
  /** What its steps and undos run with: the services of its layer. */
  readonly services: Context.Context<never>
  /** How many of its steps, undos, looks and activities run just now. */
  runningOutside: number
  /** Its layer is being closed: nothing new of it begins. */
  isClosed: boolean
}
