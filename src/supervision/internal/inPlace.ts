/**
 * Running an effect with somebody else's services, in the place where it is run: the job that a path, a log line or a
 * launch finds is the one that runs it, not the one whose services they are.
 */
import { Context, Effect } from "effect"
import { HandlerRunner } from "../ScopeBoundary.ts"
import { CurrentOwner } from "./Owner.ts"

export const inPlace = <A, E, R>(effect: Effect.Effect<A, E, R>, services: Context.Context<R>): Effect.Effect<A, E> =>
  Effect.withFiber((fiber) => {
    const runner = Context.get(services, HandlerRunner)
    // sound: it takes nothing away that the effect asks for
    const around = runner === undefined ? services : (runner.surroundings(services) as Context.Context<R>)
    return Effect.provideContext(effect, Context.add(around, CurrentOwner, fiber.getRef(CurrentOwner)))
  })
