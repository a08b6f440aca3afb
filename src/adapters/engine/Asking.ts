/**
 * What the engine asks its store outside of any execution, and what it tells the log.
 *
 * The special rule: a store that cannot answer just now is asked again, for as long as it takes: executions wait. One that
 * answers that somebody else owns the journal is not asked again: also an owner that has nothing to write hears of it. And
 * what is read of an execution while it comes to memory and leaves it again is read once more: it may be older than its end.
 */
import { Cause, Effect, Exit, Option } from "effect"
import type { Engine } from "./Engine.ts"
import { lose } from "./leaving.ts"
import { type EventRow, type ExecutionRow, OwnershipLost, StoreUnavailable } from "./Store.ts"

export class Asking {
  private readonly engine: Engine
  /** Executions of which something is being read, and how often each of them has left memory since. */
  private readonly read = new Map<string, { underWay: number; left: number }>()
  constructor(engine: Engine) {
    this.engine = engine
  }

  /** What is stored of an execution. */
  lookUp(id: string, found: (row: ExecutionRow | undefined) => void): void {
    const again = () => this.lookUp(id, found)
    this.askOf(id, this.engine.store.find([id]), ([row]) => found(row), again)
  }

  /** The events of an execution that has just been looked up; `again` runs where it has come and gone meanwhile. */
  eventsOf({ id, seq }: ExecutionRow, found: (events: ReadonlyArray<EventRow>) => void, again: () => void): void {
    this.askOf(id, this.engine.store.events([seq]), found, again)
  }

  /** An execution has left memory. */
  left(id: string): void {
    const read = this.read.get(id)
    if (read !== undefined) read.left++
  }

  private askOf<A, E>(
    id: string,
    question: Effect.Effect<A, E>,
    answered: (value: A) => void,
    again: () => void
  ): void {
    const read = this.read.get(id) ?? { underWay: 0, left: 0 }
    this.read.set(id, read)
    read.underWay++
    const { left } = read
    this.ask(question, (value) => {
      if (--read.underWay === 0) this.read.delete(id)
      if (read.left === left) answered(value)
      else again()
    })
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
