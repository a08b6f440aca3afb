/**
 * The job in the log: every line says in which job it was written.
 *
 * The path is looked up when a line is written, so that a job that logs nothing pays nothing.
 */
import { Context, Fiber, Logger, References } from "effect"
import { CurrentOwner } from "./internal/Owner.ts"

/**
 * A logger whose lines carry the annotation `job`, the path of the job or scope that wrote them.
 *
 * **When to use** — where the logs of many jobs run together.
 *
 * **Example**
 *
 * ```ts
 * program.pipe(Effect.provide(Logger.layer([withJobPath(Logger.consolePretty())])))
 * // … INFO: letter sent { job: "ProcessOrder / supervisor / notify" }
 * ```
 */
export const withJobPath = <Message, Output>(logger: Logger.Logger<Message, Output>): Logger.Logger<Message, Output> =>
  Logger.make((options) => {
    const owner = options.fiber.getRef(CurrentOwner)
    return logger.log(owner === undefined ? options : { ...options, fiber: annotated(options.fiber, owner.path) })
  })

/** The fiber as a logger sees it, with one annotation more. */
const annotated = (fiber: Fiber.Fiber<unknown, unknown>, job: string): Fiber.Fiber<unknown, unknown> => {
  const annotations = { job, ...fiber.getRef(References.CurrentLogAnnotations) }
  const context = Context.add(fiber.context, References.CurrentLogAnnotations, annotations)
  return Object.create(fiber, { context: { value: context } }) as Fiber.Fiber<unknown, unknown> // sound: the same fiber, read only
}
