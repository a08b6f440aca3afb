/**
 * Where in the tree of scopes and jobs a fiber is, for an engine that writes it down.
 */
import { Context } from "effect"
import { CurrentOwner } from "./internal/Owner.ts"

/** `place` in ordinals, for programs; `path` in names, for people. Both are empty outside of all scopes. */
export interface Place {
  readonly place: string
  readonly path: string
}

const outside: Place = { place: "", path: "" }

/** The place of whoever has this context. */
export const currentPlace = (context: Context.Context<never>): Place => {
  const owner = Context.get(context, CurrentOwner)
  return owner === undefined || owner.hasEnded ? outside : { place: owner.place, path: owner.path }
}

/** The same context, outside of all scopes. */
export const outsideOfScopes = <R>(context: Context.Context<R>): Context.Context<R> =>
  Context.add(context, CurrentOwner, undefined)
