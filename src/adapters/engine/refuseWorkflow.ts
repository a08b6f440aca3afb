/**
 * Workflows that cannot be kept in a journal: refused where they are registered, before anything has happened. What a
 * workflow does not say of itself, its signals and activities, is refused before any of it is written down.
 */
import { Context, type Schema } from "effect"
import * as Workflow from "effect/workflow/Workflow"
import { contentsOf } from "../../workflows/internal/secrets.ts"
import { WorkflowUnusable } from "./defects.ts"

export const refuseUnusable = (workflow: Workflow.Any): void => {
  if (Context.get(workflow.annotations, Workflow.SuspendOnFailure)) {
    throw new WorkflowUnusable({
      workflow: workflow._tag,
      reason:
        "is annotated with SuspendOnFailure: suspended instead of failed, it would never take back what its steps did. Remove the annotation"
    })
  }
  const { errorSchema, payloadSchema, successSchema } = workflow
  refuseSecrets(workflow._tag, { "its payload": payloadSchema })
  refuseSecrets(workflow._tag, { "its success schema": successSchema, "its error schema": errorSchema })
}

/** What has a name and schemas: a durable deferred, an activity. */
interface Typed {
  readonly name: string
  readonly successSchema: Schema.Top
  readonly errorSchema: Schema.Top
}

/** Throws if a journal would hold a secret of it. It costs nothing the second time. */
export const refuseSecretsOf = (
  workflow: string | undefined,
  kind: "durable deferred" | "activity",
  typed: object
): void => {
  const { errorSchema, name, successSchema } = typed as Typed // sound: Effect makes them with these fields, and hides them in its types
  if (known.has(successSchema) && known.has(errorSchema)) return
  refuseSecrets(workflow, {
    [`the success schema of the ${kind} "${name}"`]: successSchema,
    [`the error schema of the ${kind} "${name}"`]: errorSchema
  })
}

/** Schemas without a secret. */
const known = new WeakSet<Schema.Top>()

const refuseSecrets = (workflow: string | undefined, schemas: Readonly<Record<string, Schema.Top>>): void => {
  for (const [place, schema] of Object.entries(schemas)) {
    const { isPartial, secret } = contentsOf(schema.ast)
    if (secret === undefined) {
      if (!isPartial) known.add(schema)
      continue
    }
    const where = secret === "" ? place : `${place}, at ${secret},`
    const reason = `has a secret (Schema.Redacted) in ${where} and everybody who reads the journal could read it: leave it out, and fetch it where it is needed`
    throw new WorkflowUnusable({ workflow, reason })
  }
}
