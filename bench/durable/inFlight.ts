/** Keeps so many orders of an arm that is written in Effect in flight. */
import { Effect } from "effect"
import type { Arm } from "./Arm.ts"

export const inFlight = <E, R>(
  order: (id: string) => Effect.Effect<unknown, E, R>,
  ...[count, next, ended]: Parameters<Arm["run"]>
): Effect.Effect<void, E, R> => {
  const worker = Effect.gen(function* () {
    for (let id = next(); id !== undefined; id = next()) {
      const began = performance.now()
      yield* order(id)
      ended(performance.now() - began)
    }
  })
  return Effect.forEach(Array.from({ length: count }), () => worker, { concurrency: "unbounded", discard: true })
}
