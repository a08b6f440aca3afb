/**
 * Running an effect with somebody else's services, in the place where it is run: the job that a path, a log line or a
 * launch finds is the one that runs it, not the one whose services they are.
 */
import { Context, Effect } from "effect"
import { CurrentOwner } from "./Owner.ts"

export const inPlace = <A, E, R>(effect: Effect.Effect<A, E, R>, services: Context.Context<R>): Effect.Effect<A, E> =>
  Effect.withFiber((fiber) =>
    Effect.provideContext(effect, Context.add(services, CurrentOwner, fiber.getRef(CurrentOwner)))
  )
