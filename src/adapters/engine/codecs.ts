/**
 * What a workflow reads and writes, compiled once: payloads, results and errors as JSON and back.
 *
 * The special rule: whatever does not fit is thrown, and whoever asked says what it was about.
 */
import { Cause, Context, Effect, Exit, Schema } from "effect"
import type * as Workflow from "effect/workflow/Workflow"

export interface Codecs {
  readonly encodePayload: (payload: unknown) => unknown
  readonly decodePayload: (json: unknown) => object
  /** An exit of values and errors, with both as JSON. */
  readonly encodeExit: (exit: Exit.Exit<unknown, unknown>) => Exit.Exit<unknown, unknown>
  readonly decodeExit: (exit: Exit.Exit<unknown, unknown>) => Exit.Exit<unknown, unknown>
}

const compiled = new WeakMap<object, Codecs>()

/** Each of them throws what does not fit. Schemas that need services find them in `services`. */
export const codecsOf = (workflow: Workflow.Any, services: Context.Context<never> = Context.empty()): Codecs => {
  const known = compiled.get(workflow)
  if (known !== undefined) return known
  const codecs = compile(workflow, services)
  compiled.set(workflow, codecs)
  return codecs
}

const compile = (workflow: Workflow.Any, services: Context.Context<never>): Codecs => {
  const { errorSchema, payloadSchema, successSchema } = workflow
  const payload = Schema.toCodecJson(payloadSchema)
  const success = Schema.toCodecJson(successSchema)
  const error = Schema.toCodecJson(errorSchema)
  const [encodePayload, decodePayload] = [Schema.encodeUnknownEffect(payload), Schema.decodeUnknownEffect(payload)]
  const [encodeSuccess, decodeSuccess] = [Schema.encodeUnknownEffect(success), Schema.decodeUnknownEffect(success)]
  const [encodeError, decodeError] = [Schema.encodeUnknownEffect(error), Schema.decodeUnknownEffect(error)]
  const run = <A>(effect: Effect.Effect<A, Schema.SchemaError, unknown>): A => {
    const exit = Exit.isExit(effect)
      ? effect
      : Effect.runSyncExitWith(services)(effect as Effect.Effect<A, Schema.SchemaError>) // sound: the services are those of the layer
    if (Exit.isSuccess(exit)) return exit.value as A // sound: an exit that is this effect
    throw Cause.squash(exit.cause)
  }
  return {
    encodePayload: (value) => run(encodePayload(value)),
    decodePayload: (json) => run(decodePayload(json)) as object, // sound: a payload schema is one of a struct
    encodeExit: (exit) =>
      mapExit(
        exit,
        (value) => run(encodeSuccess(value)),
        (failure) => run(encodeError(failure))
      ),
    decodeExit: (exit) =>
      mapExit(
        exit,
        (json) => run(decodeSuccess(json)),
        (json) => run(decodeError(json))
      )
  }
}

const mapExit = (
  exit: Exit.Exit<unknown, unknown>,
  onValue: (value: unknown) => unknown,
  onError: (error: unknown) => unknown
): Exit.Exit<unknown, unknown> =>
  Exit.isSuccess(exit)
    ? Exit.succeed(onValue(exit.value))
    : Exit.failCause(
        Cause.fromReasons(
          exit.cause.reasons.map((reason) =>
            Cause.isFailReason(reason) ? Cause.makeFailReason(onError(reason.error)) : reason
          )
        )
      )
