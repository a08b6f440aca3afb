/**
 * Real time on a machine that may be busy with something else.
 *
 * The special rule: what such a machine adds is in some measurements, a pause that is too long is in all of them.
 */
import { Effect } from "effect"

/** Measures until it is less than `most`, and no more than `times` times. Answers the least. */
export const oneWithin = <E, R>(most: number, once: Effect.Effect<number, E, R>, times = 40) =>
  Effect.gen(function* () {
    let least = Number.POSITIVE_INFINITY
    for (let time = 0; time < times && least >= most; time++) least = Math.min(least, yield* once)
    return least
  })
