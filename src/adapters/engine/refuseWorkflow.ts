/**
 * Workflows that cannot be kept in a journal: refused where they are registered, before anything has happened.
 */
import { Context } from "effect"
import * as Workflow from "effect/workflow/Workflow"
import { contentsOf } from "../../workflows/internal/secrets.ts"
import { WorkflowUnusable } from "./defects.ts"

export const refuseUnusable = (workflow: Workflow.Any): void => {
  const refuse = (reason: string) => new WorkflowUnusable({ workflow: workflow._tag, reason })
  if (Context.get(workflow.annotations, Workflow.SuspendOnFailure)) {
    throw refuse(
      "is annotated with SuspendOnFailure: suspended instead of failed, it would never take back what its steps did. Remove the annotation"
    )
  }
  const { errorSchema, payloadSchema, successSchema } = workflow
  const schemas = { payload: payloadSchema, "success schema": successSchema, "error schema": errorSchema }
  for (const [name, schema] of Object.entries(schemas)) {
    const { secret } = contentsOf(schema.ast)
    if (secret === undefined) continue
    const where = secret === "" ? name : `${name}, at ${secret},`
    throw refuse(
      `has a secret (Schema.Redacted) in its ${where} and everybody who reads the journal could read it: leave it out, and fetch it where it is needed`
    )
  }
}
