/**
 * What the engine asks its store outside of any execution, and what it tells the log.
 *
 * The special rule: a store that cannot answer just now is asked again, for as long as it takes: executions wait. One that
 * answers that somebody else owns the journal is not asked again: also an owner that has nothing to write hears of it.
 */
import { Cause, Effect, Exit, Option } from "effect"
import type { Engine } from "./Engine.ts"
import { lose } from "./leaving.ts"
import { type ExecutionRow, OwnershipLost, StoreUnavailable } from "./Store.ts"

export class Asking {
  private readonly engine: Engine
  constructor(engine: Engine) {
    this.engine = engine
  }

  /** What is stored of an execution. */
  lookUp(id: string, found: (row: ExecutionRow | undefined) => void): void {
    this.ask(this.engine.store.find([id]), (rows) => found(rows[0]))
  }

  /** Asks until there is an answer; what goes wrong besides is told to the log. */
  ask<A, E>(question: Effect.Effect<A, E>, answered: (value: A) => void): void {
    const ended = (exit: Exit.Exit<A, E>) => {
      if (this.engine.lostBecause !== undefined) return
      if (Exit.isSuccess(exit)) return answered(exit.value)
      if (this.engine.isClosed) return // whoever opens the journal next asks again
      const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
      if (error instanceof OwnershipLost) return lose(this.engine, error)
      this.log(Effect.logError("the journal could not be asked", exit.cause))
    }
    const fiber = Effect.runForkWith(this.engine.context)(this.patiently(question))
    const exit = fiber.pollUnsafe()
    if (exit === undefined) fiber.addObserver(ended)
    else ended(exit)
  }

  log(message: Effect.Effect<void>): void {
    Effect.runForkWith(this.engine.context)(message)
  }

  private patiently<A, E>(question: Effect.Effect<A, E>, attempt = 0): Effect.Effect<A, E> {
    return Effect.catch(question, (error) =>
      error instanceof StoreUnavailable && !this.engine.isClosed
        ? Effect.andThen(
            Effect.sleep(Math.min(10 * 2 ** attempt, 1000)),
            Effect.suspend(() => this.patiently(question, attempt + 1))
          )
        : Effect.fail(error)
    )
  }
}
